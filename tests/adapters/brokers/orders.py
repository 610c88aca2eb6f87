"""Orders as an outbox holds them, for the tests of brokers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nodes.vocabulary.canonical import encode
from nodes.vocabulary.instructions import Instructions


def outbound(name: str, shares: int = 100, **changes: Any) -> tuple[str, int, bytes]:
    """ClOrdID, shares and bytes of an order for IBM at 190.10."""
    content = {
        "order_key": name,
        "decision_id": b"d" * 32,
        "symbol": "IBM",
        "order_shares": shares,
        "limit_price_usd": Decimal("190.10"),
        "estimated_spread_bps": 2.0,
        "volatility_frac": 0.01,
        "route": (),
        "replaces": (),
    }
    return name, shares, encode({**content, **changes})


def asked(**changes: Any) -> dict[str, Any]:
    """Instructions as an order's bytes hold them."""
    return Instructions(**changes).content
