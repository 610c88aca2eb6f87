"""One session of the market: when its regular hours begin and end, in nanoseconds.

Every time of day in a market rule is kept as a distance from the opening or from the close, so that early closes and
daylight saving need no rule of their own: 3:35 p.m. is 25 minutes before the close, on a half day as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from nodes.vocabulary.trading import NS_PER_S, OrdType, TimeInForce, VenueOrder

REGULAR_NS = 23_400 * NS_PER_S
"""Regular hours of a full session: 9:30 a.m. to 4:00 p.m."""


class Hours(Enum):
    """Where an instant lies in a session."""

    BEFORE = "before"
    REGULAR = "regular"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """Regular trading hours of one session.

    Attributes:
        session_on: its day.
        opens_ns: when they begin, in ns UTC.
        closes_ns: when they end.
    """

    session_on: date
    opens_ns: int
    closes_ns: int

    @property
    def is_early_close(self) -> bool:
        """Whether the session is shorter than a full one."""
        return self.closes_ns - self.opens_ns < REGULAR_NS

    def hours(self, at_ns: int) -> Hours:
        """Where an instant lies: the opening is regular, the close is not any more."""
        if at_ns < self.opens_ns:
            return Hours.BEFORE
        return Hours.REGULAR if at_ns < self.closes_ns else Hours.AFTER


def session_fault(order: VenueOrder, at_ns: int, session: SessionTimes | None) -> str:
    """Why a venue would not take an order at an instant because of its session, in words; "" when it would.

    Formula: nothing without a session or after the close; before the opening what can wait for it; then all but OPG
    Unit: words. Missing: None for a day without a session.
    Source: exchange order types; cut-offs of auctions are in `auctions`.
    """
    if session is None:
        return "the market is closed that day"
    hours = session.hours(at_ns)
    if hours is Hours.AFTER:
        return "the session is over"
    if hours is Hours.BEFORE:
        waits = order.time_in_force not in {TimeInForce.IOC, TimeInForce.FOK}
        return "" if waits else f"an order {order.time_in_force.name} cannot wait for the opening"
    if order.time_in_force is TimeInForce.OPG:
        return "the opening auction is over"
    if order.ord_type is OrdType.MARKET or order.expires_ns is None or order.expires_ns > at_ns:
        return ""
    return "the order has already expired"
