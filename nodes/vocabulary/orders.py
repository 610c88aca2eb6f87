"""The working orders of an account: what is accepted and not done, with the sums that the next decision reads.

Accepting an order costs the same however many are working: collections are shared between one state and the next,
which only adds to them, and sums are carried on. Taking orders away builds everything anew; sessions do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, NamedTuple, overload

from nodes.vocabulary.chain import CHAIN_START, framed, linked, unframed
from nodes.vocabulary.shapes import fields_bytes

_ZERO = Decimal(0)
IS_SHORT = "is_short"
"""What the bytes of an order say, and only of a short sale: that it is one."""


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """What is left of an accepted order.

    Attributes:
        order_key: the idempotency key under which it was decided.
        decision_id: the decision that accepted it.
        symbol: of which share.
        order_shares: shares still to be filled; negative to sell.
        limit_price_usd: the worst price it accepts, at which cash is set aside for it.
        estimated_spread_bps: spread estimated when it was decided; None when none could be.
        volatility_frac: daily volatility when it was decided; None likewise.
    """

    order_key: str
    decision_id: bytes
    symbol: str
    order_shares: int
    limit_price_usd: Decimal
    estimated_spread_bps: float | None
    volatility_frac: float | None


_FIELDS = tuple(item.name for item in fields(PendingOrder))


class SymbolOrders(NamedTuple):
    """The working orders of one symbol together.

    Attributes:
        buy_shares: shares that they would buy.
        sell_shares: shares that they would sell, as a positive number.
        max_limit_price_usd: the highest of their limits.
    """

    buy_shares: int
    sell_shares: int
    max_limit_price_usd: Decimal


@dataclass(slots=True)
class _Shelf:
    """Orders in the order of their acceptance. States share it: each sees as many of them as it knows of."""

    orders: list[PendingOrder] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=lambda: [CHAIN_START])
    places: dict[str, int] = field(default_factory=dict)


class WorkingOrders(Sequence[PendingOrder]):
    """Orders in the order of their acceptance, never changed: `accepted` gives the next state of them."""

    __slots__ = ("_n_orders", "_shelf", "by_symbol", "chain", "reserved_usd")

    def __init__(self, orders: Iterable[PendingOrder] = ()) -> None:
        self._shelf = _Shelf()
        self._n_orders = 0
        self.chain = CHAIN_START
        self.reserved_usd = _ZERO
        self.by_symbol: Mapping[str, SymbolOrders] = {}
        for order in orders:
            self._take(order, fields_bytes(order, _FIELDS))

    def accepted(self, order: PendingOrder) -> WorkingOrders:
        """These orders and one more."""
        after = WorkingOrders.__new__(WorkingOrders)
        after._shelf = self._shelf if len(self._shelf.orders) == self._n_orders else self._own_shelf()  # noqa: SLF001
        after._n_orders = self._n_orders  # noqa: SLF001
        after.chain, after.reserved_usd, after.by_symbol = self.chain, self.reserved_usd, self.by_symbol
        after._take(order, fields_bytes(order, _FIELDS))  # noqa: SLF001
        return after

    def order(self, order_key: str) -> PendingOrder | None:
        """The order with a key."""
        place = self._shelf.places.get(order_key)
        return None if place is None or place >= self._n_orders else self._shelf.orders[place]

    def of_symbol(self, symbol: str) -> SymbolOrders:
        """The orders of a symbol together."""
        return self.by_symbol.get(symbol, _NONE)

    @property
    def frames(self) -> list[bytes]:
        """Each order as a framed part of content (`nodes.vocabulary.chain`); `chain` is the digest of these parts."""
        return self._shelf.frames[: self._n_orders]

    def chain_of(self, n_orders: int) -> bytes:
        """The chain over the first so many orders, at most all of them."""
        return self._shelf.chains[n_orders]

    def data_from(self, place: int) -> list[bytes]:
        """The canonical bytes of each order from a place on."""
        return [unframed(frame) for frame in self._shelf.frames[place : self._n_orders]]

    @property
    def newest_data(self) -> bytes:
        """The canonical bytes of the order accepted last."""
        return unframed(self._shelf.frames[self._n_orders - 1])

    def __len__(self) -> int:
        return self._n_orders

    def __iter__(self) -> Iterator[PendingOrder]:
        return iter(self._shelf.orders[: self._n_orders])

    @overload
    def __getitem__(self, place: int) -> PendingOrder: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[PendingOrder, ...]: ...

    def __getitem__(self, place: int | slice) -> PendingOrder | tuple[PendingOrder, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        return self._shelf.orders[range(self._n_orders)[place]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkingOrders) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.chain)

    def __repr__(self) -> str:
        return f"WorkingOrders({list(self)!r})"

    def _take(self, order: PendingOrder, data: bytes) -> None:
        """Put an order on the shelf, which holds no more than these."""
        shelf = self._shelf
        shelf.places[order.order_key] = self._n_orders
        shelf.orders.append(order)
        shelf.frames.append(framed(data))
        self._n_orders += 1
        self.chain = linked(self.chain, data)
        shelf.chains.append(self.chain)
        self.by_symbol = {**self.by_symbol, order.symbol: _with(self.by_symbol.get(order.symbol), order)}
        if order.order_shares > 0:
            self.reserved_usd += order.limit_price_usd * order.order_shares

    def _own_shelf(self) -> _Shelf:
        """A shelf of just these: on the shared one stand orders that another state accepted, or that were undone."""
        orders = self._shelf.orders[: self._n_orders]
        places = {order.order_key: place for place, order in enumerate(orders)}
        return _Shelf(orders, self._shelf.frames[: self._n_orders], self._shelf.chains[: self._n_orders + 1], places)


_NONE = SymbolOrders(0, 0, _ZERO)


def _with(before: SymbolOrders | None, order: PendingOrder) -> SymbolOrders:
    buys, sells, limit_usd = before or _NONE
    shares = order.order_shares
    highest_usd = order.limit_price_usd if before is None else max(limit_usd, order.limit_price_usd)
    return SymbolOrders(buys + max(shares, 0), sells - min(shares, 0), highest_usd)


def orders_from_content(contents: Iterable[Mapping[str, Any]]) -> WorkingOrders:
    """The orders that decoded parts hold. Raises TypeError when they hold none."""
    return WorkingOrders(PendingOrder(**content) for content in contents)
