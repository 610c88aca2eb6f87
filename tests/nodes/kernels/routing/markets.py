"""Small made-up markets for the tests of the router, and the best split of an order by trying every one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import strategies as st

from nodes.kernels.routing.expected_cost import (
    Market,
    Order,
    RouteParams,
    impact_e6,
    market_of,
    post_e6,
    post_gain_e6,
    queue_shares,
    take_e6,
)
from nodes.kernels.routing.protected import Offer, is_protecting, offers_of
from nodes.kernels.routing.venues import Level, VenueBook, VenueTerms

PARAMS = RouteParams(60.0, 0.3, 0.5)
NAMES = ("NYSE", "IEX", "BYX")
_TICK = 100
_MID = 1_000_000


def terms_of(venue: str = "NYSE", **changes: object) -> VenueTerms:
    """Terms of a venue, as changed."""
    given = {
        "venue": venue,
        "is_protected": True,
        "take_fee_e6": 3000,
        "make_fee_e6": -2000,
        "latency_ns": 250_000,
        "fade_hz": 0.0,
        "share_frac": 0.1,
        "adverse_frac": 0.3,
    }
    return VenueTerms(**{**given, **changes})  # type: ignore[arg-type]  # names of fields


def book_of(venue: str, bid: tuple[int, int] | None, ask: tuple[int, int] | None) -> VenueBook:
    """A book of one level a side."""
    return VenueBook(venue, (Level(*bid),) if bid else (), (Level(*ask),) if ask else ())


@st.composite
def small_markets(draw: st.DrawFn) -> tuple[Order, tuple[VenueBook, ...], dict[str, VenueTerms]]:
    """An order of up to five shares against up to three venues of up to two levels."""
    books, terms = [], {}
    for name in NAMES[: draw(st.integers(1, 3))]:
        terms[name] = terms_of(
            name,
            is_protected=draw(st.booleans()) or draw(st.booleans()),
            take_fee_e6=draw(st.sampled_from((3000, 600, -200))),
            make_fee_e6=draw(st.sampled_from((-2000, 0, 2000))),
            latency_ns=draw(st.sampled_from((200_000, 650_000))),
            fade_hz=draw(st.sampled_from((0.0, 50.0, 800.0))),
            share_frac=draw(st.sampled_from((0.02, 0.3))),
            adverse_frac=draw(st.sampled_from((0.0, 0.5, 1.5))),
        )
        bids = _levels(draw, _MID - _TICK * draw(st.integers(0, 1)), -1)
        asks = _levels(draw, _MID + _TICK * draw(st.integers(1, 2)), 1)
        books.append(VenueBook(name, bids, asks))
    order = Order(
        side=draw(st.sampled_from((1, -1))),
        shares=draw(st.integers(1, 5)),
        limit_e4=draw(st.sampled_from((None, _MID, _MID + _TICK, _MID - _TICK))),
        adv_shares=draw(st.sampled_from((1_000, 100_000))),
        may_post=draw(st.booleans()),
    )
    return order, tuple(books), terms


def _levels(draw: st.DrawFn, best_e4: int, step: int) -> tuple[Level, ...]:
    return tuple(Level(best_e4 + step * _TICK * at, draw(st.integers(1, 3))) for at in range(draw(st.integers(0, 2))))


def best_by_trying(
    order: Order, books: tuple[VenueBook, ...], terms: Mapping[str, VenueTerms]
) -> tuple[int, float] | None:
    """Shares left over and cost of the best of all splits that trade through no protected quote; None without one."""
    market = market_of(order, books, dict(terms), PARAMS)
    if market is None:
        return None
    offers = offers_of(order, books, terms)
    posts = [book for book in books if order.may_post and is_postable(terms[book.venue], market)]
    return min(
        (left, cost + posted)
        for taken, rest, cost in _takes(order, offers, terms, market)
        if is_protecting(order, offers, taken)
        for left, posted in _posts(posts, rest, terms, market)
    )


def is_postable(terms: VenueTerms, market: Market) -> bool:
    """Whether a posted share that is filled costs less than coming again."""
    return market.post_e4 is not None and post_gain_e6(terms, market, market.post_e4) < market.chase_e6


def _takes(
    order: Order, offers: list[Offer], terms: Mapping[str, VenueTerms], market: Market
) -> Iterator[tuple[dict[tuple[str, int], int], int, float]]:
    found: list[tuple[dict[tuple[str, int], int], int, float]] = [({}, order.shares, 0.0)]
    for offer in offers:
        base = take_e6(terms[offer.venue], market, PARAMS, offer.price_e4)
        found = [
            (
                {**taken, (offer.venue, offer.price_e4): size},
                left - size,
                cost + size * base + impact_e6(market, PARAMS, size, offer.shares),
            )
            for taken, left, cost in found
            for size in range(min(left, offer.shares) + 1)
        ]
    yield from found


def _posts(
    books: list[VenueBook], shares: int, terms: Mapping[str, VenueTerms], market: Market
) -> Iterator[tuple[int, float]]:
    if not books:
        yield shares, 0.0
        return
    first, *others = books
    queue = queue_shares(first, market)
    for size in range(shares + 1):
        cost = post_e6(terms[first.venue], market, queue, size)
        for left, more in _posts(others, shares - size, terms, market):
            yield left, cost + more
