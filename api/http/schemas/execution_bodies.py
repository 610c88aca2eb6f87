"""What clients send about execution, in the vocabulary of FIX 4.4: routes that are asked for, orders, their changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from nodes.kernels.routing.venues import Level, VenueBook
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.instants import instant_from_text
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import E4_PER_USD, OrdType, TimeInForce

Symbol = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9.\-]{0,14}$", examples=["AAPL"])]
Quantity = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,8}$", examples=["1000"])]
Price = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{1,4})?$", examples=["100.01"])]
Venue = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9\-]{0,15}$", examples=["NASDAQ"])]
AccountId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[ -~]+$")]
FixSide = Literal["1", "2"]
_LIMITED = frozenset({OrdType.LIMIT.value, OrdType.STOP_LIMIT.value})
_STOPS = frozenset({OrdType.STOP.value, OrdType.STOP_LIMIT.value})
_SIDES = {"1": 1, "2": -1}
MAX_BOOKS = 64
MAX_LEVELS = 32


class LevelBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a venue shows at one price.

    Attributes:
        price: in USD.
        qty: shares shown there.
    """

    price: Price
    qty: Quantity


class BookBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a venue shows, best price first on either side.

    Attributes:
        venue: its name in the venue policy; one that it does not know is left out.
        bids: what it bids.
        asks: what it offers.
    """

    venue: Venue
    bids: Annotated[tuple[LevelBody, ...], msgspec.Meta(max_length=MAX_LEVELS)] = ()
    asks: Annotated[tuple[LevelBody, ...], msgspec.Meta(max_length=MAX_LEVELS)] = ()

    @property
    def book(self) -> VenueBook:
        """The same for the router."""
        return VenueBook(self.venue, _levels(self.bids), _levels(self.asks))


def _levels(levels: tuple[LevelBody, ...]) -> tuple[Level, ...]:
    return tuple(Level(int(Decimal(level.price) * E4_PER_USD), int(level.qty)) for level in levels)


class RouteBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order whose route is asked for; nothing is sent.

    Attributes:
        symbol: Symbol (55).
        side: Side (54): 1 to buy, 2 to sell.
        order_qty: OrderQty (38), whole shares.
        quotes: what venues show; without any, books are estimated from the last bar.
        account_id: which account; that of the server when it has only one.
    """

    symbol: Symbol
    side: FixSide
    order_qty: Quantity
    quotes: Annotated[tuple[BookBody, ...], msgspec.Meta(max_length=MAX_BOOKS)] = ()
    account_id: AccountId | None = None

    @property
    def order_shares(self) -> int:
        """How many, negative to sell."""
        return _SIDES[self.side] * int(self.order_qty)


class SubmitBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order in the vocabulary of FIX.

    Attributes:
        cl_ord_id: ClOrdID (11), the client's own: the same again is the same order.
        symbol: Symbol (55).
        side: Side (54): 1 to buy, 2 to sell.
        order_qty: OrderQty (38), whole shares.
        ord_type: OrdType (40): 1, market, leaves the limit to the policy; 2 has a limit of its own: the tighter holds;
            3 and 4, stop and stop limit, are 1 and 2 once stop_px has traded; P rests at the middle of the best prices.
        price: Price (44) of a limit or stop limit order, and of a pegged one if it has any; null of others.
        stop_px: StopPx (99) of a stop or stop limit order; null of others.
        exec_inst: ExecInst (18): 6 is refused rather than trading on arrival, for limit orders; null without any.
        time_in_force: TimeInForce (59): 0 day, 2 the opening auction alone, 3 immediate or cancel, 4 fill or kill, 6
            until expire_time, 7 the closing auction alone.
        expire_time: ExpireTime (126) of an order with time in force 6, RFC 3339 in UTC: it works on in the sessions
            until then; null of others.
        account_id: Account (1); that of the server when it has only one.
    """

    cl_ord_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[!-~]([ -~]*[!-~])?$")]
    symbol: Symbol
    side: FixSide
    order_qty: Quantity
    ord_type: Literal["1", "2", "3", "4", "P"] = "1"
    price: Price | None = None
    stop_px: Price | None = None
    exec_inst: Literal["6"] | None = None
    time_in_force: Literal["0", "2", "3", "4", "6", "7"] = "0"
    expire_time: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    account_id: AccountId | None = None

    @property
    def order_shares(self) -> int:
        """How many, negative to sell."""
        return _SIDES[self.side] * int(self.order_qty)

    @property
    def instructions(self) -> Instructions:
        """How it is to be worked. Raises EdgeError where its fields do not agree."""
        is_pegged = self.ord_type == OrdType.PEGGED.value
        if not is_pegged and (self.ord_type in _LIMITED) != (self.price is not None):
            message = f"price of an order of type {self.ord_type} was {self.price}; give limit orders one, others none"
            raise EdgeError(message, reason="invalid")
        if (self.ord_type in _STOPS) != (self.stop_px is not None):
            message = f"stop_px of an order of type {self.ord_type} was {self.stop_px}; give stops one, others none"
            raise EdgeError(message, reason="invalid")
        try:
            expires_at = None if self.expire_time is None else instant_from_text(self.expire_time)
        except DataError as error:
            raise EdgeError(f"expire_time: {error}", reason="invalid") from error
        limit_usd = None if self.price is None else Decimal(self.price)
        stop_usd = None if self.stop_px is None else Decimal(self.stop_px)
        life, is_post_only = TimeInForce(self.time_in_force), self.exec_inst is not None
        return Instructions(life, limit_usd, expires_at, stop_usd, is_pegged, is_post_only)


class CancelBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why an order is to be taken back.

    Attributes:
        reason: in words, for the log.
    """

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ReplaceBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is to take the place of an order.

    Attributes:
        cl_ord_id: ClOrdID (11) of the change, the client's own: the same again is the same change.
        order_qty: OrderQty (38) of the new order, what of the old one is filled already included.
    """

    cl_ord_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[!-~]([ -~]*[!-~])?$")]
    order_qty: Quantity
