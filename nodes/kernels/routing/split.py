"""The split of an order over venues that is expected to cost least.

Within a stage of rule 611 the cost of what a venue gets grows faster the more it gets, taken or posted. So the split
is built piece by piece, always where the next piece adds least, which is the best there is; the best stage wins. Pieces
are one share for orders of up to `PIECES` shares; of larger orders they are about that part of the order.

Source: Fox (1966), Discrete optimization via marginal analysis, Management Science 13(3).
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
    post_gain_e6,
    queue_shares,
    take_e6,
)
from nodes.kernels.routing.protected import Offer, Stage, offers_of, stages_of
from nodes.kernels.routing.venues import VenueBook, VenueTerms

PIECES = 64
_NEVER = math.inf
_NOTHING = Stage(0, (), ())


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


class _Post(NamedTuple):
    """Posting at one venue: shares cost shares * chase + scale * expm1(-shares * per_share), which is `post_e6`."""

    venue: str
    scale_e6: float
    per_share: float


class _Filled(NamedTuple):
    """One stage with the rest of the order placed: shares left over and the cost, then what is taken and posted."""

    left: int
    cost_e6: float
    stage: Stage
    taken: list[int]
    posted: list[int]


def best_route(
    order: Order, books: tuple[VenueBook, ...], terms: Mapping[str, VenueTerms], params: RouteParams
) -> Route:
    """The split that is expected to cost least; every share is left over where nothing can be taken or posted."""
    known = tuple([book for book in books if book.venue in terms])
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
        self._slope_e6 = params.depth_impact_frac * market.half_e6
        self._stages = stages_of(order, offers_of(order, books, terms)) or [_NOTHING]
        posts = [self._post(book) for book in books] if order.may_post else []
        self._posts = [post for post in posts if post is not None]

    def best(self) -> Route:
        """The cheapest stage; of equal ones the one with the better prices."""
        return self._route(min([self._filled(stage) for stage in self._stages], key=_rank))

    def _post(self, book: VenueBook) -> _Post | None:
        """Posting at a venue; None where a fill would cost no less than coming again: nothing is to be won there."""
        market, terms = self._market, self._terms[book.venue]
        if market.post_e4 is None:
            return None
        gain_e6 = post_gain_e6(terms, market, market.post_e4) - market.chase_e6
        flow = market.flow_shares * terms.share_frac
        if gain_e6 >= 0.0:
            return None
        if flow <= 0.0:
            return _Post(book.venue, 0.0, 0.0)
        return _Post(book.venue, -gain_e6 * flow * math.exp(-queue_shares(book, market) / flow), 1.0 / flow)

    def _filled(self, stage: Stage) -> _Filled:
        """The stage with what it forces taken in full, and the rest of the order where it adds least."""
        left = self._order.shares - sum([offer.shares for offer in stage.forced])
        bases = [self._base(offer) for offer in stage.open]
        slopes = [self._slope_e6 / offer.shares for offer in stage.open]
        taken, posted, left = self._placed(stage, bases, slopes, left)
        cost = sum([offer.shares * (self._base(offer) + self._slope_e6) for offer in stage.forced], 0.0)
        for size, base, slope in zip(taken, bases, slopes, strict=True):
            cost += size * (base + slope * size)
        chase_e6 = self._market.chase_e6
        for size, post in zip(posted, self._posts, strict=True):
            if size:
                cost += size * chase_e6 + post.scale_e6 * math.expm1(-size * post.per_share)
        return _Filled(left, cost, stage, taken, posted)

    def _base(self, offer: Offer) -> float:
        return take_e6(self._terms[offer.venue], self._market, self._params, offer.price_e4)

    def _placed(
        self, stage: Stage, bases: list[float], slopes: list[float], left: int
    ) -> tuple[list[int], list[int], int]:
        """Shares taken of each open offer, shares posted at each venue, and what is left over.

        A piece that is posted after another at the same venue is filled less often, always by the same factor.
        """
        piece, sizes, n_offers = self._piece, [offer.shares for offer in stage.open], len(stage.open)
        placed = [0] * (n_offers + len(self._posts))
        wins, factors = self._wins()
        heap = [(base + slopes[at] * min(piece, sizes[at]), at) for at, base in enumerate(bases)]
        heap += [(self._market.chase_e6 + win, n_offers + at) for at, win in enumerate(wins)]
        heapify(heap)
        while left > 0 and heap and heap[0][0] != _NEVER:
            at = heap[0][1]
            if at >= n_offers:
                size = min(left, piece)
                place = at - n_offers
                wins[place] *= factors[place]
                ahead = self._market.chase_e6 + wins[place]
                placed[at] += size
            else:
                after = placed[at]
                size = min(piece, sizes[at] - after, left)
                placed[at] = after = after + size
                room = min(piece, sizes[at] - after)
                ahead = bases[at] + slopes[at] * (2 * after + room) if room else _NEVER
            left -= size
            heapreplace(heap, (ahead, at))
        return placed[:n_offers], placed[n_offers:], left

    def _wins(self) -> tuple[list[float], list[float]]:
        """What a share of the first piece wins against coming again at each venue, and the factor of the next ones."""
        piece = self._piece
        wins = [post.scale_e6 * math.expm1(-piece * post.per_share) / piece for post in self._posts]
        return wins, [math.exp(-piece * post.per_share) for post in self._posts]

    def _route(self, found: _Filled) -> Route:
        price_e4, side = self._market.post_e4 or 0, self._order.side
        takes = [Part(offer.venue, offer.shares, offer.price_e4, is_post=False) for offer in found.stage.forced]
        takes += [
            Part(offer.venue, size, offer.price_e4, is_post=False)
            for offer, size in zip(found.stage.open, found.taken, strict=True)
            if size
        ]
        takes.sort(key=lambda part: side * part.price_e4)
        posts = [
            Part(post.venue, size, price_e4, is_post=True)
            for post, size in zip(self._posts, found.posted, strict=True)
            if size
        ]
        return Route((*takes, *posts), found.cost_e6, found.left)


def _rank(found: _Filled) -> tuple[int, float]:
    return found.left, found.cost_e6
