"""The book of one symbol at one venue, as its feed tells it: by order, by level, or by best quote.

A price is kept as a key: the price itself on the bid, its negative on the offer. So on both sides the best key is the
greatest, one dictionary holds all levels, and bid and offer cross where the sum of their best keys is not negative.
A ladder is the sorted list of a side's keys; its last is the best.

Orders that an order-by-order feed speaks of without having said that they came were there before the recording began:
they are part of what `LEVEL` events put at their price, and stand before all that came later.

Our own orders are not in the book. They hear of what happens to it through `Ears`, which are asked only when they
listen.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from typing import Protocol

from nodes.kernels.simulator.events import N_KINDS, EventKind

BEFORE_ALL = 0
"""Arrival number of what was there before the recording."""
BEHIND_ALL = 1 << 62
"""Arrival number for a trade of which the feed does not say whose order it was."""


class Ears(Protocol):
    """What hears of changes of a book."""

    is_listening: bool

    def heard_trade(self, key: int, shares: int, arrival: int) -> None:
        """Shares that rested at a key have traded; `arrival` is their order's number, or BEHIND_ALL."""
        ...

    def heard_inside(self, price_e4: int, shares: int) -> None:
        """Shares have traded at a price of which nobody knows whose it was."""
        ...

    def heard_fall(self, key: int, shares: int, arrival: int) -> None:
        """Shares have left a key, traded or not."""
        ...

    def heard_rise(self, key: int, shares: int) -> None:
        """Shares have come to a key."""
        ...

    def heard_level(self, key: int, before_shares: int, shares: int) -> None:
        """The feed has said how many shares a key shows."""
        ...

    def heard_open(self) -> None:
        """Trading has begun, or goes on."""
        ...

    def heard_reopening(self) -> None:
        """Trading goes on after a halt, and what has gathered meets."""
        ...

    def lost_sight(self, key: int) -> None:
        """The feed no longer shows a key: better prices stand before it."""
        ...

    def heard_cross(self, price_e4: int, shares: int) -> None:
        """An auction has traded."""
        ...


class Book:
    """A book. `apply[kind]` takes an event's last six columns and says whether the top changed or a trade happened.

    Attributes:
        orders: orders by id: [key, shares, arrival number].
        shown: shares by key.
        unnamed: those of them that belong to no order in `orders`, by key.
        bids: keys of the bid in ascending order.
        asks: keys of the offer in ascending order: the best, lowest offer is last.
        n_arrivals: orders that have come.
        last_e4: price of the last trade; 0 before the first.
        last_shares: its size.
        last_side: side that rested in it.
        status: 1 trading, 0 quoting only, -1 halted.
        knows_orders: whether the feed tells of orders.
        knows_levels: whether the feed tells of more than the best prices.
        counts: what was not as it should be.
        ears: what hears of changes.
        apply: the handler of each kind of event.
    """

    __slots__ = (
        "apply",
        "asks",
        "bids",
        "counts",
        "ears",
        "knows_levels",
        "knows_orders",
        "last_e4",
        "last_shares",
        "last_side",
        "n_arrivals",
        "orders",
        "shown",
        "status",
        "unnamed",
    )

    def __init__(self, ears: Ears, counts: Counter[str]) -> None:
        self.orders: dict[int, list[int]] = {}
        self.shown: dict[int, int] = {}
        self.unnamed: dict[int, int] = {}
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.n_arrivals = 0
        self.last_e4 = self.last_shares = self.last_side = 0
        self.status = 1
        self.knows_orders = self.knows_levels = False
        self.counts = counts
        self.ears = ears
        by_kind = {
            EventKind.ADD: self.added,
            EventKind.REDUCE: self.reduced,
            EventKind.DELETE: self.deleted,
            EventKind.EXECUTE: self.executed,
            EventKind.HIDDEN: self.printed,
            EventKind.CROSS: self.crossed,
            EventKind.STATUS: self.switched,
            EventKind.LEVEL: self.set_level,
            EventKind.QUOTE: self.quoted,
            EventKind.TRADE: self.printed,
        }
        self.apply = tuple(
            by_kind.get(EventKind(kind) if kind else EventKind.ADD, self.added) for kind in range(N_KINDS)
        )

    @property
    def bid_e4(self) -> int:
        """Best bid; 0 when there is none."""
        return self.bids[-1] if self.bids else 0

    @property
    def ask_e4(self) -> int:
        """Best offer; 0 when there is none."""
        return -self.asks[-1] if self.asks else 0

    @property
    def top(self) -> tuple[int, int, int, int]:
        """Best bid, its shares, best offer, its shares; 0 for what is not there."""
        bids, asks = self.bids, self.asks
        bid, ask = bids[-1] if bids else 0, asks[-1] if asks else 0
        return bid, self.shown[bid] if bid else 0, -ask, self.shown[ask] if ask else 0

    def levels(self, side: int, n_levels: int) -> list[tuple[int, int]]:
        """Price and shares of the best levels of a side, best first."""
        ladder = self.bids if side > 0 else self.asks
        return [(abs(key), self.shown[key]) for key in ladder[: -n_levels - 1 : -1]]

    def added(self, order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """An order has come to rest. One that would cross the book cannot, and is left out."""
        key, ladder, others = (price, self.bids, self.asks) if side > 0 else (-price, self.asks, self.bids)
        if order_id in self.orders:
            self.counts["duplicate-order"] += 1
            return False
        if others and key + others[-1] >= 0:
            self.counts["crossing-order"] += 1
            return False
        self.knows_orders = self.knows_levels = True
        self.n_arrivals = arrival = self.n_arrivals + 1
        self.orders[order_id] = [key, shares, arrival]
        shown = self.shown.get(key)
        if shown is None:
            self.shown[key] = shares
            if not ladder or key > ladder[-1]:
                ladder.append(key)
            else:
                insort(ladder, key)
        else:
            self.shown[key] = shown + shares
        if self.ears.is_listening:
            self.ears.heard_rise(key, shares)
        return key == ladder[-1]

    def reduced(self, order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """An order has given up some of its shares."""
        rest = self.orders.get(order_id)
        if rest is None:
            return self._fallen_before(side, price, shares, is_trade=False)
        return self._fallen(rest[0], self._given_up(order_id, rest, shares), rest[2])

    def _given_up(self, order_id: int, rest: list[int], shares: int) -> int:
        """How many shares an order really gave up: at most what it had, and then it is gone."""
        had = rest[1]
        if shares < had:
            rest[1] = had - shares
            return shares
        if shares > had:
            self.counts["more-than-rested"] += 1
        del self.orders[order_id]
        return had

    def deleted(self, order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """An order has left, whatever size the event names."""
        rest = self.orders.pop(order_id, None)
        if rest is None:
            return self._fallen_before(side, price, shares, is_trade=False)
        return self._fallen(rest[0], rest[1], rest[2])

    def executed(self, order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """An order that was shown has traded."""
        rest = self.orders.get(order_id)
        if rest is None:
            return self._fallen_before(side, price, shares, is_trade=True)
        key, arrival = rest[0], rest[2]
        shares = self._given_up(order_id, rest, shares)
        self.last_e4, self.last_shares, self.last_side = (key, shares, 1) if key > 0 else (-key, shares, -1)
        if self.ears.is_listening:
            self.ears.heard_trade(key, shares, arrival)
        self._fallen(key, shares, arrival)
        return True

    def printed(self, _order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """A trade of which the feed does not say whose order it was: an unseen order's, or one of an L1 or L2 feed."""
        side = side or self._resting_side(price)
        self.last_e4, self.last_shares, self.last_side = price, shares, side
        if self.ears.is_listening:
            if side:
                self.ears.heard_trade(side * price, shares, BEHIND_ALL)
            else:
                self.counts["trade-of-unknown-side"] += 1
                self.ears.heard_inside(price, shares)
        return True

    def crossed(self, _order_id: int, _side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """An auction has traded."""
        self.last_e4, self.last_shares, self.last_side = price, shares, 0
        self.ears.heard_cross(price, shares)
        return True

    def switched(self, _order_id: int, _side: int, status: int, _shares: int, _ask: int, _ask_shares: int) -> bool:
        """The venue has halted, only quotes, or trades again."""
        was_open, self.status = self.status > 0, status
        if status > 0 and was_open:
            self.ears.heard_open()
        elif status > 0:
            self.ears.heard_reopening()
        return False

    def set_level(self, _order_id: int, side: int, price: int, shares: int, _ask: int, _ask_shares: int) -> bool:
        """The feed has said how many shares a price shows."""
        self.knows_levels = True
        key, ladder, others = (price, self.bids, self.asks) if side > 0 else (-price, self.asks, self.bids)
        if shares and others and key + others[-1] >= 0:
            self.counts["crossing-level" if key + others[-1] else "locked-level"] += 1
        return self._put(key, shares, ladder)

    def quoted(self, _order_id: int, _side: int, bid: int, bid_shares: int, ask: int, ask_shares: int) -> bool:
        """The feed has said what the best prices are."""
        before = self.top
        if before == (bid, bid_shares, ask, ask_shares):
            return False
        if bid and bid == ask:
            self.counts["locked-quote"] += 1
        self._put_best(bid, bid_shares, self.bids)
        self._put_best(-ask, ask_shares, self.asks)
        return True

    def _put_best(self, key: int, shares: int, ladder: list[int]) -> None:
        """Make a key the only one of its side; keys behind it are out of sight, those before it are gone."""
        for other in [other for other in ladder if other != key]:
            if key and other < key:
                ladder.remove(other)
                del self.shown[other], self.unnamed[other]
                self.ears.lost_sight(other)
            else:
                self._put(other, 0, ladder)
        if key:
            self._put(key, shares, ladder)

    def _put(self, key: int, shares: int, ladder: list[int]) -> bool:
        best = ladder[-1] if ladder else -BEHIND_ALL
        before = self.shown.get(key, 0)
        unnamed = self.unnamed.get(key, 0) + shares - before
        if unnamed < 0:
            unnamed = self._forgotten(key, shares)
        self.unnamed[key] = unnamed
        if not before and shares:
            insort(ladder, key)
        if shares:
            self.shown[key] = shares
        elif before:
            del self.shown[key], self.unnamed[key]
            del ladder[bisect_left(ladder, key)]
        if before != shares and self.ears.is_listening:
            self.ears.heard_level(key, before, shares)
        return before != shares and key >= best

    def _forgotten(self, key: int, shares: int) -> int:
        """A level holds fewer shares than its orders had: the feed was blind there for a while. Their names are lost.

        Returns:
            The shares of the level, which are all unnamed now.
        """
        for order_id in [order_id for order_id, rest in self.orders.items() if rest[0] == key]:
            del self.orders[order_id]
            self.counts["order-lost-from-sight"] += 1
        return shares

    def _fallen(self, key: int, shares: int, arrival: int) -> bool:
        ladder = self.bids if key > 0 else self.asks
        is_top = key == ladder[-1]
        left = self.shown[key] - shares
        if left:
            self.shown[key] = left
        else:
            del self.shown[key]
            self.unnamed.pop(key, None)
            if is_top:
                ladder.pop()
            else:
                del ladder[bisect_left(ladder, key)]
        if self.ears.is_listening:
            self.ears.heard_fall(key, shares, arrival)
        return is_top

    def _fallen_before(self, side: int, price: int, shares: int, *, is_trade: bool) -> bool:
        """An order that was there before the recording has lost shares, or was never there."""
        key = price if side > 0 else -price
        unnamed = self.unnamed.get(key, 0)
        if not unnamed or not side:
            self.counts["unknown-order"] += 1
            return False
        if shares > unnamed:
            self.counts["more-than-rested"] += 1
        shares = min(shares, unnamed)
        self.unnamed[key] = unnamed - shares
        if is_trade:
            self.last_e4, self.last_shares, self.last_side = price, shares, side
            if self.ears.is_listening:
                self.ears.heard_trade(key, shares, BEFORE_ALL)
        return self._fallen(key, shares, BEFORE_ALL) or is_trade

    def _resting_side(self, price: int) -> int:
        """Side that rested in a print, by the quote: at or under the bid it was the bid, at or over the offer that.

        Source: Lee and Ready (1991), Inferring Trade Direction from Intraday Data, without their tick test.
        """
        if self.bids and price <= self.bids[-1]:
            return 1
        return -1 if self.asks and price >= -self.asks[-1] else 0
