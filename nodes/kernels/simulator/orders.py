"""One order at its venue: what is left of it, where it stands, and why a venue would not take it."""

from __future__ import annotations

from enum import IntEnum

from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.terms import Session
from nodes.vocabulary.executions import OrdStatus
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder, order_fault

PASSING = frozenset({TimeInForce.IOC, TimeInForce.FOK})
CROSSES = frozenset({TimeInForce.OPG, TimeInForce.CLS})
STOPS = frozenset({OrdType.STOP, OrdType.STOP_LIMIT})
NO_PRICE = 1 << 61
"""Limit of an order without one, as a key: better than every price."""


class Stage(IntEnum):
    """Where an order is."""

    ON_ITS_WAY = 0
    STOPPED = 1
    AUCTION = 2
    RESTING = 3
    PARKED = 4
    DONE = 5


class Working:
    """An order and what is left of it.

    Attributes:
        order: as it was sent, or last replaced.
        place: at which book.
        sign: 1 for a purchase, -1 for a sale.
        leaves: shares still to be filled.
        filled: shares filled.
        cost_e4: sum of price times shares filled.
        fee_e6: fees so far.
        key: key at which it rests among the recording's prices; shifted by our own impact against `limit_key`.
        limit_key: sign times limit; NO_PRICE without one.
        ahead: shares of others before it.
        explained: shares that traded at its price since the feed last said how many the level shows.
        arrival: number of the last order that came before it.
        first_ahead: `ahead` when it first came to rest; None before.
        stage: where it is.
        status: how it stands, in FIX terms.
        decided_ns: when it was decided.
        arrived_ns: when the venue had it.
        mid_e4: middle of the book that the decision saw.
    """

    __slots__ = (
        "ahead",
        "arrival",
        "arrived_ns",
        "cost_e4",
        "decided_ns",
        "explained",
        "fee_e6",
        "filled",
        "first_ahead",
        "key",
        "leaves",
        "limit_key",
        "mid_e4",
        "order",
        "place",
        "sign",
        "stage",
        "status",
    )

    def __init__(self, order: VenueOrder, place: int, decided_ns: int, mid_e4: int | None) -> None:
        self.order = order
        self.place = place
        self.sign = order.side.sign
        self.leaves = order.shares
        self.filled = self.cost_e4 = self.fee_e6 = 0
        self.limit_key = NO_PRICE if order.limit_e4 is None else self.sign * order.limit_e4
        self.key = self.limit_key
        self.ahead = self.explained = self.arrival = 0
        self.first_ahead: int | None = None
        self.stage = Stage.ON_ITS_WAY
        self.status = OrdStatus.PENDING_NEW
        self.decided_ns = decided_ns
        self.arrived_ns: int | None = None
        self.mid_e4 = mid_e4


def refusal(order: VenueOrder, symbol: str, book: Book, tick_e4: int, session: Session | None, at_ns: int) -> str:
    """Why a venue refuses an order at an instant; "" when it takes it."""
    if order.symbol != symbol:
        return f"symbol {order.symbol} is not {symbol}"
    fault = order_fault(order) or _tick_fault(order, tick_e4) or _session_fault(order, session, at_ns)
    if fault:
        return fault
    is_due = order.expires_ns is not None and order.expires_ns <= at_ns
    if is_due:
        return f"it expired at {order.expires_ns}, before it came at {at_ns}"
    is_now = order.ord_type is OrdType.MARKET or order.time_in_force in PASSING
    if book.status <= 0 and is_now and order.time_in_force not in CROSSES:
        return f"trading is {'halted' if book.status < 0 else 'not open'}"
    return ""


def _tick_fault(order: VenueOrder, tick_e4: int) -> str:
    for name, price in (("limit_e4", order.limit_e4), ("stop_e4", order.stop_e4)):
        if price is not None and price % tick_e4:
            return f"{name} {price} is off the tick of {tick_e4}"
    return ""


def _session_fault(order: VenueOrder, session: Session | None, at_ns: int) -> str:
    if session is None:
        return ""
    life = order.time_in_force
    if life is TimeInForce.OPG:
        is_open = session.opg_from_ns <= at_ns < session.open_ns
    elif life is TimeInForce.CLS:
        is_open = session.opg_from_ns <= at_ns < session.cls_until_ns
    else:
        is_open = session.open_ns <= at_ns < session.close_ns
    return "" if is_open else f"the session is closed to {life.name} orders"


def side_word(side: Side) -> str:
    """How people say a side."""
    return {Side.BUY: "buy", Side.SELL: "sell", Side.SELL_SHORT: "sell short"}[side]
