"""Made-up order flow, order by order: limit orders, cancellations and market orders that arrive by chance.

For tests, benchmarks and what-ifs where no recording is at hand: its book is consistent by construction, and every
number of it follows from the terms and the seed. Prices wander because market orders empty levels; no news is in it.

Source: Smith, Farmer, Gillemot, Krishnamurthy (2003), Statistical theory of the continuous double auction.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass

import numpy as np

from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, market_events
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True)
class FlowTerms:
    """How flow arrives.

    Attributes:
        n_events: how many events, about: a market order that meets several orders makes several.
        first_ns: when the first one happens.
        mean_gap_ns: mean time from one to the next; gaps are exponential.
        middle_e4: where the first prices stand.
        mean_depth_ticks: mean distance of a limit order behind the best price of the other side; geometric.
        lot_shares: sizes are 1 to 5 of these.
        market_frac: part of arrivals that are market orders.
        cancel_frac: part of arrivals that are cancellations, while there is something to cancel.
        start_orders: orders of each side that stand there at first.
    """

    n_events: int
    first_ns: int = 0
    mean_gap_ns: int = 1_000_000
    middle_e4: int = 1_000_000
    mean_depth_ticks: float = 8.0
    lot_shares: int = 100
    market_frac: float = 0.08
    cancel_frac: float = 0.44
    start_orders: int = 200


class _Flow:
    """The state of the making: orders by side and price, in time order, and the rows made so far."""

    def __init__(self, book: BookName, terms: FlowTerms) -> None:
        self.rows: list[tuple[int, int, int, int, int, int]] = []
        self._tick = book.tick_e4
        self._terms = terms
        self._waiting: dict[int, list[int]] = {}
        self._ladders: dict[int, list[int]] = {1: [], -1: []}
        self._orders: dict[int, tuple[int, int]] = {}
        self._alive: list[int] = []
        self._next_id = 1

    def add(self, at_ns: int, side: int, depth_ticks: int, shares: int) -> None:
        """A limit order some ticks behind the best price of the other side."""
        others = self._ladders[-side]
        best = others[-1] if others else side * -self._terms.middle_e4
        key = -best - depth_ticks * self._tick
        order_id, self._next_id = self._next_id, self._next_id + 1
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = []
            insort(self._ladders[side], key)
        waiting.append(order_id)
        self._orders[order_id] = (key, shares)
        self._alive.append(order_id)
        self.rows.append((at_ns, EventKind.ADD, order_id, side, abs(key), shares))

    def cancel(self, at_ns: int, chance: float) -> None:
        """One of the orders leaves, each as likely. The last two of a side never do."""
        place = int(chance * len(self._alive))
        order_id = self._alive[place]
        key, shares = self._orders[order_id]
        if len(self._ladders[1 if key > 0 else -1]) > 1:
            self._leave(order_id, place)
            self.rows.append((at_ns, EventKind.DELETE, order_id, 1 if key > 0 else -1, abs(key), shares))

    def market(self, at_ns: int, side: int, shares: int) -> None:
        """A market order meets what rests on a side, but its last level."""
        ladder = self._ladders[side]
        while shares and len(ladder) > 1:
            key = ladder[-1]
            order_id = self._waiting[key][0]
            had = self._orders[order_id][1]
            traded = min(had, shares)
            self.rows.append((at_ns, EventKind.EXECUTE, order_id, side, abs(key), traded))
            if traded == had:
                self._leave(order_id, None)
            else:
                self._orders[order_id] = (key, had - traded)
            shares -= traded

    def _leave(self, order_id: int, place: int | None) -> None:
        key, _ = self._orders.pop(order_id)
        waiting = self._waiting[key]
        waiting.remove(order_id)
        if not waiting:
            del self._waiting[key]
            self._ladders[1 if key > 0 else -1].remove(key)
        place = self._alive.index(order_id) if place is None else place
        self._alive[place] = self._alive[-1]
        self._alive.pop()


def order_flow(book: BookName, terms: FlowTerms, seed: int) -> MarketEvents:
    """Made-up flow for a book. Raises DataError when the terms leave no room for limit orders."""
    if not 0.0 <= terms.market_frac + terms.cancel_frac < 1.0 or terms.mean_depth_ticks < 1.0:
        message = f"market_frac {terms.market_frac} and cancel_frac {terms.cancel_frac} leave no limit orders"
        raise DataError(f"{message}, or mean_depth_ticks {terms.mean_depth_ticks} is under 1; lower them, or raise it")
    rng = np.random.default_rng([seed])
    flow = _Flow(book, terms)
    n_draws = terms.n_events + 2 * terms.start_orders
    gaps = rng.exponential(terms.mean_gap_ns, n_draws)
    gaps[: 2 * terms.start_orders] = 0.0
    at = terms.first_ns + np.cumsum(gaps).astype(np.int64)
    depths = rng.geometric(1.0 / terms.mean_depth_ticks, n_draws)
    sizes = rng.integers(1, 6, n_draws) * terms.lot_shares
    sides = np.where(rng.integers(0, 2, n_draws) > 0, 1, -1)
    sides[: 2 * terms.start_orders : 2], sides[1 : 2 * terms.start_orders : 2] = 1, -1
    kinds, chances = rng.random(n_draws), rng.random(n_draws)
    kinds[: 2 * terms.start_orders] = 1.0
    columns = (array.tolist() for array in (at, sides, depths, sizes, kinds, chances))
    for at_ns, side, depth, shares, kind, chance in zip(*columns, strict=True):
        if kind < terms.market_frac:
            flow.market(at_ns, side, shares)
        elif kind < terms.market_frac + terms.cancel_frac:
            flow.cancel(at_ns, chance)
        else:
            flow.add(at_ns, side, depth, shares)
    names = ("at_ns", "kind", "order_id", "side", "price_e4", "shares")
    return market_events((book,), dict(zip(names, zip(*flow.rows, strict=True), strict=True)))
