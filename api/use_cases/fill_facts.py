"""What the entry of a fill says, and what can be read from it: one entry an execution, several an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from nodes.kernels.fills import Execution
from nodes.kernels.simulator.routed import AUCTION
from nodes.vocabulary.instants import instant_from_ns

FEES = ("commission_usd", "sell_fee_usd", "venue_fee_usd")
"""What an execution is charged, by whom."""
_ZERO = Decimal(0)


def fill_facts(execution: Execution, cl_ord_id: str, reason: str) -> dict[str, Any]:
    """What the entry of an execution says of it, beside the order that it belongs to.

    Args:
        execution: of a part of the order.
        cl_ord_id: ClOrdID of the whole order.
        reason: why the order came out as it did.
    """
    return {
        "exec_id": execution.exec_id,
        "cl_ord_id": cl_ord_id,
        "child_cl_ord_id": execution.cl_ord_id,
        "venue": execution.venue,
        "liquidity": execution.liquidity,
        "transacted_at": instant_from_ns(execution.at_ns),
        "fill_shares": execution.shares,
        "fill_price_usd": execution.price_usd,
        "commission_usd": execution.commission_usd,
        "sell_fee_usd": execution.sell_fee_usd,
        "venue_fee_usd": execution.venue_fee_usd,
        "trading_cost_usd": execution.trading_cost_usd,
        "impact_cost_usd": execution.impact_cost_usd,
        "latency_cost_usd": execution.latency_cost_usd,
        "auction_shares": execution.shares if execution.liquidity == AUCTION else 0,
        "reason": reason,
    }


def fill_fee_usd(facts: Mapping[str, Any]) -> Decimal:
    """All that the execution of an entry was charged; what venues pay comes off it."""
    return sum((facts[name] for name in FEES), _ZERO)
