"""The split of an order over venues that is expected to cost least.

Two curves are laid against each other: what taking so many shares costs, stage by stage of rule 611, and what posting
the rest costs. Both are convex within a stage, so that each is built piece by piece, always the piece that adds least
(Fox 1966, Discrete optimization via marginal analysis, Management Science 13(3)); the best number of shares to take is
then the least of their sums. Pieces are one share for orders of up to `PIECES` shares, and then the split is the best
there is; of larger orders they are about that part of the order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from heapq import heapify, heapreplace
from typing import NamedTuple

from nodes.kernels.routing.expected_cost import (
    Market,
    Order,
    RouteParams,
    market_of,
    post_e6,
    post_gain_e6,
    queue_shares,
    take_e6,
)
from nodes.kernels.routing.protected import Offer, Stage, offers_of, stages_of
from nodes.kernels.routing.venues import VenueBook, VenueTerms

PIECES = 64


class Part(NamedTuple):
    """What one venue gets of an order, in one way.

    Attributes:
        venue: where it goes.
        shares: how many.
        price_e4: limit of this part, in 1/10,000 USD.
        is_post: whether it waits there; else it takes what is shown and what it does not get comes back.
    """

    venue: str
    shares: int
    price_e4: int
    is_post: bool


class Route(NamedTuple):
    """How an order is split.

    Attributes:
        parts: what goes where; takes first, best price first, then posts.
        cost_e6: what all of it is expected to cost against the middle of the market, in 1/1,000,000 USD.
        left_shares: shares that can go nowhere within the limit.
    """

    parts: tuple[Part, ...]
    cost_e6: float
    left_shares: int


class Curve(NamedTuple):
    """Cheapest first: the pieces of a curve, each with its place, its shares and the cost up to and with it."""

    places: list[int]
    shares: list[int]
    costs_e6: list[float]


class _Posts(NamedTuple):
    """Pieces to post, cheapest first: the venue's place, what it has before, and the cost of the first so many."""

    places: list[int]
    befores: list[int]
    costs_e6: list[float]


def best_route(
    order: Order, books: tuple[VenueBook, ...], terms: Mapping[str, VenueTerms], params: RouteParams
) -> Route:
    """The split that is expected to cost least; every share is left over where nothing can be taken or posted."""
    known = tuple(book for book in books if book.venue in terms)
    market = market_of(order, known, dict(terms), params)
    if market is None:
        return Route((), 0.0, order.shares)
    return _Search(order, known, terms, params, market).best()


class _Search:
    """One order against one market."""

    def __init__(
        self,
        order: Order,
        books: tuple[VenueBook, ...],
        terms: Mapping[str, VenueTerms],
        params: RouteParams,
        market: Market,
    ) -> None:
        self._order, self._terms, self._params, self._market = order, terms, params, market
        self._piece = max(1, -(-order.shares // PIECES))
        self._offers = offers_of(order, books, terms)
        self._queues = {book.venue: queue_shares(book, market) for book in books}
        self._posts = [name for name in self._queues if self._is_worth_posting(name)] if order.may_post else []
        self._post_curve = self._posted() if self._posts else _Posts([], [], [0.0])

    def _is_worth_posting(self, venue: str) -> bool:
        """Whether a fill costs less than coming again: only then is the cost of posting convex."""
        market, terms = self._market, self._terms[venue]
        return market.post_e4 is not None and post_gain_e6(terms, market, market.post_e4) < market.chase_e6

    def best(self) -> Route:
        """The cheapest of all numbers of shares to take, over all stages; of equal ones the one that takes more."""
        found: _Best | None = None
        has_posts, order_shares = bool(self._posts), self._order.shares
        for stage, base, forced_e6, curve in self._takes():
            taken = base
            for n_pieces, cost_e6 in enumerate((0.0, *curve.costs_e6)):
                if n_pieces:
                    taken += curve.shares[n_pieces - 1]
                rest = order_shares - taken
                cost = forced_e6 + cost_e6
                if has_posts and rest:
                    cost += self._post_cost(rest)
                rank = (0 if has_posts else rest, cost)
                if found is None or rank <= found.rank:
                    found = _Best(rank, stage, n_pieces, curve)
        return self._route(found)

    def _takes(self) -> list[tuple[Stage | None, int, float, Curve]]:
        """For each stage: the stage, the shares that it forces, their cost, and the curve of what else may be taken."""
        stages = stages_of(self._order, self._offers)
        if not stages:
            return [(None, 0, 0.0, Curve([], [], []))]
        found: list[tuple[Stage | None, int, float, Curve]] = []
        for stage in stages:
            base = sum(offer.shares for offer in stage.forced)
            forced_e6 = sum((self._take_cost(offer, offer.shares) for offer in stage.forced), 0.0)
            found.append((stage, base, forced_e6, self._open_curve(stage.open, self._order.shares - base)))
        return found

    def _take_cost(self, offer: Offer, shares: int) -> float:
        """What taking so many shares of an offer costs."""
        base = take_e6(self._terms[offer.venue], self._market, self._params, offer.price_e4)
        slope = self._params.depth_impact_frac * self._market.half_e6 / offer.shares
        return shares * (base + slope * shares)

    def _open_curve(self, offers: tuple[Offer, ...], most: int) -> Curve:
        """The cheapest pieces of some offers, up to so many shares."""
        half_e6 = self._params.depth_impact_frac * self._market.half_e6
        bases = [take_e6(self._terms[each.venue], self._market, self._params, each.price_e4) for each in offers]
        slopes = [half_e6 / each.shares for each in offers]
        sizes = [each.shares for each in offers]
        return _cheapest(_Convex(bases, slopes, sizes, self._piece), most)

    def _posted(self) -> _Posts:
        """The cheapest pieces to post, up to the whole order.

        The next piece of a venue is filled less often than the one before by always the same factor (`filled_shares`).
        """
        piece, market = self._piece, self._market
        places, befores, costs, total, left = [], [], [0.0], 0.0, self._order.shares
        posted = [0] * len(self._posts)
        heap, factors = [], []
        for place, name in enumerate(self._posts):
            flow = market.flow_shares * self._terms[name].share_frac
            first_e6 = self._post_of(name, piece) - piece * market.chase_e6
            heap.append((first_e6, place))
            factors.append(math.exp(-piece / flow) if flow > 0.0 else 0.0)
        heapify(heap)
        while left > 0:
            gain_e6, place = heap[0]
            places.append(place)
            befores.append(posted[place])
            posted[place] += piece
            total += gain_e6 + piece * market.chase_e6
            costs.append(total)
            left -= piece
            heapreplace(heap, (gain_e6 * factors[place], place))
        return _Posts(places, befores, costs)

    def _post_of(self, venue: str, shares: int) -> float:
        return post_e6(self._terms[venue], self._market, self._queues[venue], shares)

    def _post_cost(self, shares: int) -> float:
        """What posting so many shares costs: whole pieces, and a part of the next."""
        whole, part = divmod(shares, self._piece)
        cost = self._post_curve.costs_e6[whole]
        if not part:
            return cost
        name, before = self._posts[self._post_curve.places[whole]], self._post_curve.befores[whole]
        return cost + self._post_of(name, before + part) - self._post_of(name, before)

    def _route(self, found: _Best | None) -> Route:
        if found is None:
            return Route((), 0.0, self._order.shares)
        (left, cost), stage, n_pieces, curve = found
        taken: dict[Offer, int] = {}
        if stage is not None:
            taken = {offer: offer.shares for offer in stage.forced}
            for place, shares in zip(curve.places[:n_pieces], curve.shares, strict=False):
                offer = stage.open[place]
                taken[offer] = taken.get(offer, 0) + shares
        rest = self._order.shares - sum(taken.values()) - left
        posted: dict[str, int] = {}
        for place in self._post_curve.places[: -(-rest // self._piece)]:
            name, size = self._posts[place], min(self._piece, rest)
            posted[name] = posted.get(name, 0) + size
            rest -= size
        takes = sorted(taken.items(), key=lambda item: self._order.side * item[0].price_e4)
        parts = [Part(offer.venue, shares, offer.price_e4, is_post=False) for offer, shares in takes]
        price = self._market.post_e4 or 0
        parts += [Part(name, shares, price, is_post=True) for name, shares in posted.items()]
        return Route(tuple(parts), cost, left)


class _Best(NamedTuple):
    """The cheapest yet: shares left over and cost, the stage, and how many of its curve's pieces are taken."""

    rank: tuple[int, float]
    stage: Stage | None
    n_pieces: int
    curve: Curve


class _Convex(NamedTuple):
    """Costs of some offers: shares * (base + slope * shares), each up to its size, in pieces."""

    bases: list[float]
    slopes: list[float]
    sizes: list[int]
    piece: int


def _cheapest(costs: _Convex, most: int) -> Curve:
    """Pieces in the order in which they add least a share, up to so many shares in all."""
    bases, slopes, sizes, piece = costs
    taken = [0] * len(bases)
    heap = [(bases[at] + slopes[at] * min(piece, sizes[at]), at) for at in range(len(bases))]
    heapify(heap)
    places, shares, totals, total, left = [], [], [], 0.0, most
    while left > 0 and heap and heap[0][0] != _NEVER:
        _, at = heap[0]
        before = taken[at]
        size = min(piece, sizes[at] - before, left)
        total += size * (bases[at] + slopes[at] * (2 * before + size))
        taken[at] = after = before + size
        left -= size
        places.append(at)
        shares.append(size)
        totals.append(total)
        ahead = min(piece, sizes[at] - after)
        heapreplace(heap, (bases[at] + slopes[at] * (2 * after + ahead) if ahead else _NEVER, at))
    return Curve(places, shares, totals)


_NEVER = float("inf")
