"""A session's hours, and which orders it takes."""

from __future__ import annotations

from datetime import date

import pytest

from nodes.kernels.market_rules.sessions import Hours, SessionTimes, session_fault
from nodes.vocabulary.trading import OrdType, TimeInForce, VenueOrder
from nodes.vocabulary.trading import Side as OrderSide

S = 10**9
FULL = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)


def order(life: TimeInForce, expires_ns: int | None = None) -> VenueOrder:
    return VenueOrder(
        "1", "X", OrderSide.BUY, 1, OrdType.LIMIT, life, 1, None, is_post_only=False, expires_ns=expires_ns
    )


@pytest.mark.parametrize(
    ("at_ns", "hours"),
    [(-1, Hours.BEFORE), (0, Hours.REGULAR), (23_400 * S - 1, Hours.REGULAR), (23_400 * S, Hours.AFTER)],
)
def test_the_opening_is_regular_and_the_close_is_not(at_ns: int, hours: Hours) -> None:
    assert FULL.hours(at_ns) is hours


def test_a_short_session_closes_early() -> None:
    assert SessionTimes(date(2020, 11, 27), 0, 12_600 * S).is_early_close
    assert not FULL.is_early_close


@pytest.mark.parametrize(
    ("life", "at_ns", "fault"),
    [
        (TimeInForce.DAY, -1, ""),
        (TimeInForce.OPG, -1, ""),
        (TimeInForce.IOC, -1, "an order IOC cannot wait for the opening"),
        (TimeInForce.FOK, 0, ""),
        (TimeInForce.OPG, 0, "the opening auction is over"),
        (TimeInForce.DAY, 23_400 * S, "the session is over"),
    ],
)
def test_orders_fit_their_session(life: TimeInForce, at_ns: int, fault: str) -> None:
    assert session_fault(order(life), at_ns, FULL) == fault


def test_expired_orders_and_closed_days_are_told() -> None:
    assert session_fault(order(TimeInForce.GTD, 10), 10, FULL) == "the order has already expired"
    assert session_fault(order(TimeInForce.GTD, 11), 10, FULL) == ""
    assert session_fault(order(TimeInForce.DAY), 10, None) == "the market is closed that day"
