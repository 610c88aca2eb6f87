"""Questions about portfolios and borrows: what examples are recorded of, and what each way in is asked."""

from __future__ import annotations

from typing import Any

TARGET: dict[str, Any] = {
    "equity_usd": 1_000_000,
    "as_of": "2012-06-29T20:00:00Z",
    "assets": [
        {"symbol": "AAPL", "target_weight_frac": 0.6, "sector": "hardware"},
        {"symbol": "GOOG", "target_weight_frac": 0.3, "sector": "internet"},
        {
            "symbol": "IBM",
            "target_weight_frac": -0.1,
            "sector": "services",
            "located_shares": 300,
            "borrow_fee_frac": 0.003,
        },
    ],
}
"""Too much of one share, and more short than somebody lends."""
ERC: dict[str, Any] = {"method": "erc", "equity_usd": 1_000_000, "as_of": "2012-06-29T20:00:00Z"}
EXACT: dict[str, Any] = {**TARGET, "max_deviation_frac": 0.05}
"""The same, no weight farther than 0.05 from what is wanted: the cap on a single name stands against it."""
BORROW: dict[str, Any] = {"symbol": "ACME", "shares": 1000, "price_usd": 48.5, "as_of": "2020-06-05T20:00:00Z"}
CALLS: list[tuple[str, str, str, Any, dict[str, str]]] = [
    ("allocate_portfolio", "POST", "/api/v1/portfolio/allocate", TARGET, {}),
    ("check_borrow", "POST", "/api/v1/borrow/check", BORROW, {}),
]
