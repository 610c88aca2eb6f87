"""What happened to a share: splits, dividends, ticker changes, listings, delistings, mergers."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_INSTANT = pl.Datetime("ns", "UTC")
SPLIT = "split"
DIVIDEND = "dividend"
TICKER_CHANGE = "ticker_change"
LISTING = "listing"
DELISTING = "delisting"
MERGER = "merger"
KINDS = (SPLIT, DIVIDEND, TICKER_CHANGE, LISTING, DELISTING, MERGER)

CORPORATE_ACTIONS = Domain(
    name="corporate_actions",
    keys={"security_id": pl.String(), "kind": pl.String(), "ex_on": pl.Date()},
    values={
        "ratio": pl.Float64(),
        "amount_usd": pl.Float64(),
        "announced_at": _INSTANT,
        "effective_at": _INSTANT,
        "detail": pl.String(),
    },
    doc=(
        "An action in force from the opening of ex_on. ratio: shares after it for one before (split). amount_usd: cash"
        " a share before it (dividend). event_at is effective_at, the opening of ex_on."
    ),
    lag="announced_at where the source has it, else the opening of ex_on, when the price itself shows it.",
    rules={
        f"kind is none of {', '.join(KINDS)}; use one of them": pl.col("kind").is_in(list(KINDS)),
        "a split has no ratio above zero; supply it": (pl.col("kind") != SPLIT)
        | (pl.col("ratio") > 0.0).fill_null(value=False),
        "a dividend has no amount above zero; supply it": (pl.col("kind") != DIVIDEND)
        | (pl.col("amount_usd") > 0.0).fill_null(value=False),
    },
)
