"""The words of orders and quotes as venues see them: whole shares, ten-thousandths of a dollar, nanoseconds.

Codes are those of FIX 4.4. What a broker says back is in `nodes.vocabulary.executions`; what an account asks for,
before it is cut into orders for venues, in `nodes.vocabulary.orders`. Hot paths work on the plain numbers; these
are the edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from nodes.vocabulary.errors import DataError

E4_PER_USD = 10_000
E6_PER_USD = 1_000_000
NS_PER_S = 1_000_000_000


class Side(Enum):
    """Side (tag 54)."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"

    @property
    def sign(self) -> int:
        """1 for a purchase, -1 for a sale of either kind."""
        return 1 if self is Side.BUY else -1


class OrdType(Enum):
    """OrdType (tag 40). PEGGED is pegged to the middle of the best bid and offer."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    STOP_LIMIT = "4"
    PEGGED = "P"


class TimeInForce(Enum):
    """TimeInForce (tag 59)."""

    DAY = "0"
    OPG = "2"
    IOC = "3"
    FOK = "4"
    GTD = "6"
    CLS = "7"


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order for one venue.

    Attributes:
        cl_ord_id: ClOrdID (11), the sender's own name for it.
        symbol: of which share.
        side: purchase, sale or short sale.
        shares: how many, always positive.
        ord_type: what sets its price.
        time_in_force: how long it works.
        limit_e4: worst price that it accepts, in 1/10,000 USD; None where the type has no limit.
        stop_e4: price that wakes a stop, in 1/10,000 USD; None for other types.
        is_post_only: refused rather than trading at once (ExecInst 6).
        expires_ns: when a GTD order ends, in ns UTC; None for others.
    """

    cl_ord_id: str
    symbol: str
    side: Side
    shares: int
    ord_type: OrdType
    time_in_force: TimeInForce
    limit_e4: int | None
    stop_e4: int | None
    is_post_only: bool
    expires_ns: int | None


@dataclass(frozen=True, slots=True)
class BookLevel:
    """What rests at one price.

    Attributes:
        price_e4: the price in 1/10,000 USD.
        shares: shares shown there.
    """

    price_e4: int
    shares: int


@dataclass(frozen=True, slots=True)
class VenueQuote:
    """The best bid and offer of one venue.

    Attributes:
        venue: whose.
        bid_e4: best bid in 1/10,000 USD; None when nobody bids.
        bid_shares: shares bid for at it.
        ask_e4: best offer in 1/10,000 USD; None when nobody offers.
        ask_shares: shares offered at it.
        as_of_ns: when it was so, in ns UTC.
    """

    venue: str
    bid_e4: int | None
    bid_shares: int
    ask_e4: int | None
    ask_shares: int
    as_of_ns: int


_LIMITED = frozenset({OrdType.LIMIT, OrdType.STOP_LIMIT})
_STOPS = frozenset({OrdType.STOP, OrdType.STOP_LIMIT})
_PASSING = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_CROSSES = frozenset({TimeInForce.OPG, TimeInForce.CLS})


def order_fault(order: VenueOrder) -> str:
    """What makes an order one that no venue could take, in words; "" when nothing does."""
    if order.shares <= 0:
        return f"shares were {order.shares}, expected a positive number"
    return _price_fault(order) or _life_fault(order)


def checked_order(order: VenueOrder) -> VenueOrder:
    """The order itself. Raises DataError when it contradicts itself."""
    fault = order_fault(order)
    if fault:
        message = f"order {order.cl_ord_id}: {fault}; send an order whose fields agree"
        raise DataError(message, reason="order-contradicts-itself")
    return order


def _price_fault(order: VenueOrder) -> str:
    kind = order.ord_type.name
    is_bounded = order.ord_type in _LIMITED
    if is_bounded and (order.limit_e4 is None or order.limit_e4 <= 0):
        return f"limit_e4 of a {kind} order was {order.limit_e4}, expected a positive price"
    if order.ord_type is OrdType.PEGGED and order.limit_e4 is not None and order.limit_e4 <= 0:
        return f"limit_e4 of a {kind} order was {order.limit_e4}, expected a positive price or none"
    if not is_bounded and order.ord_type is not OrdType.PEGGED and order.limit_e4 is not None:
        return f"limit_e4 of a {kind} order was {order.limit_e4}, expected none"
    if order.ord_type in _STOPS and (order.stop_e4 is None or order.stop_e4 <= 0):
        return f"stop_e4 of a {kind} order was {order.stop_e4}, expected a positive price"
    if order.ord_type not in _STOPS and order.stop_e4 is not None:
        return f"stop_e4 of a {kind} order was {order.stop_e4}, expected none"
    return ""


def _life_fault(order: VenueOrder) -> str:
    kind, life = order.ord_type.name, order.time_in_force
    if (life is TimeInForce.GTD) != (order.expires_ns is not None):
        wanted = "an instant" if life is TimeInForce.GTD else "none"
        return f"expires_ns of a {life.name} order was {order.expires_ns}, expected {wanted}"
    if order.is_post_only and (order.ord_type is not OrdType.LIMIT or life in _PASSING | _CROSSES):
        return f"a post-only order was {kind} {life.name}, expected a LIMIT order that can rest"
    if order.ord_type is OrdType.PEGGED and life in _PASSING | _CROSSES:
        return f"time in force of a PEGGED order was {life.name}, expected one that can rest"
    if order.ord_type in _STOPS and life in _CROSSES:
        return f"time in force of a {kind} order was {life.name}, expected one outside auctions"
    return ""
