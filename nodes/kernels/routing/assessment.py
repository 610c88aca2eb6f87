"""What a router makes of one order: the cost at each venue, the split, and in words why each venue was chosen or not.

Kept for the last orders, so that the nodes of one decision share the work; everything is a function of the arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from nodes.kernels.routing.expected_cost import (
    Market,
    Order,
    RouteParams,
    VenueCost,
    alone,
    alone_e6,
    market_of,
)
from nodes.kernels.routing.split import Route, best_route
from nodes.kernels.routing.venues import (
    VenueBook,
    VenueTerms,
    books_of_text,
    books_text,
    estimated_books,
    terms_of_text,
)
from nodes.vocabulary.trading import E4_PER_USD, E6_PER_USD

_KEPT = 64
_BPS = 1e4
_TICK_E4 = 100
_DIGITS = 6


class Assessment(NamedTuple):
    """One order against all venues.

    Attributes:
        market: what is the same at every venue.
        totals_e6: cost of the whole order at each venue whose book is known, by venue.
        terms: of the venues.
        shown: what they show.
        order: the order.
        params: how costs are estimated.
    """

    market: Market
    totals_e6: Mapping[str, float]
    terms: Mapping[str, VenueTerms]
    shown: tuple[VenueBook, ...]
    order: Order
    params: RouteParams

    @property
    def bps_per_e6(self) -> float:
        """Basis points of the order's worth at the middle of the market for 1/1,000,000 USD of cost."""
        return _BPS / (self.market.mid_e4 * (E6_PER_USD // E4_PER_USD) * self.order.shares)

    def bps(self, cost_e6: float) -> float:
        """A cost of the whole order in basis points."""
        return round(cost_e6 * self.bps_per_e6, _DIGITS)


@lru_cache(maxsize=_KEPT)
def assessed(books: str, terms: str, order: Order, params: RouteParams) -> Assessment | None:
    """What a router makes of an order; None where there is no market to compare with, and for an order of nothing."""
    known = {each.venue: each for each in terms_of_text(terms)}
    shown = tuple([book for book in books_of_text(books) if book.venue in known])
    market = market_of(order, shown, known, params) if order.shares else None
    if market is None:
        return None
    totals = {book.venue: alone_e6(known[book.venue], book, market, order, params) for book in shown}
    return Assessment(market, totals, known, shown, order, params)


@lru_cache(maxsize=_KEPT)
def split_of(books: str, terms: str, order: Order, params: RouteParams) -> Route | None:
    """The split of an order that is expected to cost least; None where there is no market."""
    found = assessed(books, terms, order, params)
    return None if found is None else best_route(order, found.shown, found.terms, params)


def price_e4(price_usd: Decimal) -> int:
    """A price in 1/10,000 USD, towards nothing."""
    return int(price_usd * E4_PER_USD)


@lru_cache(maxsize=_KEPT)
def estimated_text(terms: str, close_usd: Decimal, spread_bps: float, depth_shares: float) -> str:
    """The text of books as they may be around a close, where nobody quotes any: on the cent, away from the close."""
    close_e4, half_e4 = price_e4(close_usd), float(close_usd) * E4_PER_USD * spread_bps / 2.0 / _BPS
    bid_e4 = int((close_e4 - half_e4) // _TICK_E4) * _TICK_E4
    ask_e4 = -int(-(close_e4 + half_e4) // _TICK_E4) * _TICK_E4
    if bid_e4 <= 0:
        return ""
    ask_e4 = max(ask_e4, bid_e4 + _TICK_E4)
    return books_text(estimated_books(terms_of_text(terms), bid_e4, ask_e4, depth_shares))


def venue_costs(found: Assessment) -> dict[str, VenueCost]:
    """What the whole order would cost at each venue whose book is known, in parts."""
    return {
        book.venue: alone(found.terms[book.venue], book, found.market, found.order, found.params)
        for book in found.shown
    }


def cost_parts_bps(found: Assessment, cost: VenueCost) -> dict[str, float]:
    """The parts of a venue's cost by name, in basis points; fill_frac is a fraction of the order."""
    scale = found.bps_per_e6
    return {
        "fee": cost.fee_e6 * scale,
        "spread": cost.spread_e6 * scale,
        "impact": cost.impact_e6 * scale,
        "latency": cost.latency_e6 * scale,
        "adverse_selection": cost.adverse_e6 * scale,
        "unfilled": cost.unfilled_e6 * scale,
        "fill_frac": cost.fill_frac,
    }


def costs_bps(found: Assessment) -> dict[str, float]:
    """What the whole order would cost at each venue."""
    scale = found.bps_per_e6
    return {venue: total_e6 * scale for venue, total_e6 in found.totals_e6.items()}


def reasons(found: Assessment, route: Iterable[tuple[str, int, int, str]], route_bps: float) -> dict[str, str]:
    """Why each venue got what it got, in words; the route as a node gives it, and its cost."""
    words: dict[str, str] = {}
    for venue, shares, limit_e4, how in route:
        said = f"{shares} {_HOW[how]} {limit_e4 / E4_PER_USD:.4f}"
        words[venue] = f"{words[venue]}, {said}" if venue in words else f"chosen: {said}"
    if len(words) == 1 and next(iter(words)) not in found.terms:  # an auction: no venue's parts speak for or against it
        for venue, alone_bps in costs_bps(found).items():
            words[venue] = f"not chosen: {alone_bps - route_bps:.2f} bps dearer than the auction"
        return words
    scale = found.bps_per_e6
    for venue, cost in venue_costs(found).items():
        fee, spread, impact, latency, adverse, unfilled, fill_frac = cost
        total_bps = cost.total_e6 * scale
        here = (
            f"all of it here would cost {total_bps:.2f} bps: fee {fee * scale:.2f}, spread {spread * scale:.2f}, "
            f"impact {impact * scale:.2f}, latency {latency * scale:.2f}, adverse selection {adverse * scale:.2f}, "
            f"unfilled {unfilled * scale:.2f}; fills {fill_frac:.0%}"
        )
        if venue in words:
            words[venue] = f"{words[venue]}; {here}"
        else:
            words[venue] = f"not chosen: {total_bps - route_bps:.2f} bps dearer than the route; {here}"
    return words


_HOW = {"take": "taken at", "post": "posted at", "auction": "into the auction, limit"}
