"""What an order run is told of shares to borrow: the newest list known at the close that it is decided at.

The accounts of one log share the list: what the others have asked for, and not yet sold, is no longer there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.lake.borrow_lists import BorrowLine
from adapters.lake.lake import Lake
from dataflows.engine.plan import Plan
from nodes.journal.account import AccountState
from nodes.kernels.fees import exact

AVAILABLE, FEE, AGE = "available_borrow_shares", "borrow_fee_frac", "borrow_list_age_s"


def claimed_shares(states: Iterable[AccountState], symbol: str) -> int:
    """Shares that working orders of accounts are to sell short, beyond what each has borrowed already."""
    return sum(
        max(0, state.pending_sell_shares(symbol) - state.position_shares(symbol))
        - max(0, -state.position_shares(symbol))
        for state in states
    )


def reads_lists(plan: Plan) -> bool:
    """Whether a plan reads anything of a locate; most do not."""
    return not {AVAILABLE, FEE, AGE}.isdisjoint(plan.inputs)


def locate_facts(plan: Plan, lake: Lake, symbol: str, as_of: datetime, claimed_shares: int = 0) -> dict[str, Any]:
    """The fields of an order's snapshot about a locate; {} for a plan that reads none of them, as most do.

    Args:
        plan: what runs.
        lake: has the lists.
        symbol: of which share.
        as_of: by what was known then.
        claimed_shares: what other accounts are about to borrow.
    """
    if not reads_lists(plan):
        return {}
    line = _line(lake, symbol, as_of)
    if line is None:
        return {AVAILABLE: None, FEE: None, AGE: None}
    age_s = math.ceil((as_of - line.stamped_at).total_seconds())
    available = max(0, line.available_shares - claimed_shares)
    return {AVAILABLE: available, FEE: line.fee_frac, AGE: age_s}


def known_fee_frac(lake: Lake, symbol: str, as_of: datetime) -> Decimal | None:
    """What borrowing a share cost a year by the newest list known at an instant; None where nobody knows."""
    line = _line(lake, symbol, as_of)
    return None if line is None or line.fee_frac is None else exact(line.fee_frac)


def _line(lake: Lake, symbol: str, as_of: datetime) -> BorrowLine | None:
    return None if lake.borrow_lists is None else lake.borrow_lists.line(symbol, as_of)
