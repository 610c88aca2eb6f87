"""How the order is split over venues: what each is expected to cost, the cheapest split, and why.

The quotes are those of the snapshot; without any, books are estimated from the last bar, and `venue_books` says what
was used. A split respects protected quotes (`nodes.kernels.routing.protected`).
"""

from __future__ import annotations

from nodes.kernels.routing.assessment import (
    assessed,
    costs_bps,
    estimated_text,
    price_e4,
    reasons,
    split_of,
)
from nodes.kernels.routing.expected_cost import Order, RouteParams
from nodes.kernels.sizes import side
from nodes.vocabulary.identity import VenueId
from nodes.vocabulary.units import (
    Bps,
    BpsByVenue,
    Frac,
    Route,
    RoutedOrder,
    Seconds,
    Shares,
    Text,
    TextByVenue,
    UsdPerShare,
)


def venue_books(
    venue_quotes: Text,
    venue_terms: Text,
    close_price_usd: UsdPerShare,
    estimated_spread_bps: Bps,
    adv_shares: Shares,
    displayed_depth_frac: Frac,
) -> Text:
    """What the venues show: as quoted; estimated around the last close where the snapshot has no quotes.

    Formula: venue_quotes, else close_price_usd -+ half of estimated_spread_bps on the cent, each venue with its part of
    displayed_depth_frac * adv_shares
    Unit: one line a venue, bids | asks, each price in 1/10,000 USD x shares. Missing: absent without quotes and spread.
    Source: definition; Corwin and Schultz (2012) for the spread.
    """
    if venue_quotes:
        return venue_quotes
    return Text(estimated_text(venue_terms, close_price_usd, estimated_spread_bps, displayed_depth_frac * adv_shares))


def routed_order(
    order_shares: Shares,
    limit_price_usd: UsdPerShare,
    adv_shares: Shares,
    route_horizon_s: Seconds,
    depth_impact_frac: Frac,
    requote_frac: Frac,
) -> RoutedOrder:
    """What the router is asked.

    Formula: side, |order_shares|, limit in 1/10,000 USD, adv_shares, horizon, depth_impact_frac, requote_frac
    Unit: in this order. Missing: absent when an input is.
    Source: definition.
    """
    params = (float(route_horizon_s), depth_impact_frac, requote_frac)
    return RoutedOrder((side(order_shares), abs(order_shares), price_e4(limit_price_usd), adv_shares, *params))


def venue_costs_bps(venue_books: Text, venue_terms: Text, routed_order: RoutedOrder) -> BpsByVenue | None:
    """What the whole order would cost at each venue: take what it shows at the best price, post the rest.

    Formula: fee + spread + impact + latency + adverse selection + unfilled, see `nodes.kernels.routing.expected_cost`
    Unit: basis points of the order at the middle of the market. Missing: absent without a quote to take.
    Source: Cont and Kukanov (2017), Quantitative Finance 17(1); Obizhaeva and Wang (2013), J. Financial Markets 16(1).
    """
    found = assessed(*_question(venue_books, venue_terms, routed_order))
    return None if found is None else BpsByVenue(costs_bps(found))


def route(
    venue: VenueId, auction_venue: str, venue_books: Text | None, venue_terms: Text | None, routed_order: RoutedOrder
) -> Route:
    """What goes where: all into the auction, or the split over venues that is expected to cost least.

    Formula: argmin over splits of the expected cost, no share traded through a protected quote
    Unit: venue, shares, limit in 1/10,000 USD, and auction, take or post. Missing: absent when the venue or the limit
    is; where no books are known all goes to the venue.
    Source: 17 CFR 242.611; Fox (1966), Management Science 13(3).
    """
    _, shares, limit_e4, *_ = routed_order
    if venue == auction_venue:
        return Route(((str(venue), shares, limit_e4, "auction"),))
    found = split_of(*_question(venue_books, venue_terms, routed_order)) if venue_books and venue_terms else None
    if found is None or found.left_shares:
        return Route(((str(venue), shares, limit_e4, "post"),))
    return Route(
        tuple([(part.venue, part.shares, part.price_e4, "post" if part.is_post else "take") for part in found.parts])
    )


def route_cost_bps(
    venue: VenueId, auction_venue: str, venue_books: Text, venue_terms: Text, routed_order: RoutedOrder
) -> Bps | None:
    """What the route is expected to cost at the venues; what the order does to the price anywhere is apart.

    Formula: cost of the split / worth of the order at the middle of the market * 10,000; nothing in an auction, which
    has one price
    Unit: basis points. Missing: absent without a quote to take.
    Source: Cont and Kukanov (2017), Quantitative Finance 17(1).
    """
    if venue == auction_venue:
        return Bps(0.0)
    question = _question(venue_books, venue_terms, routed_order)
    found, split = assessed(*question), split_of(*question)
    return None if found is None or split is None else Bps(found.bps(split.cost_e6))


def route_reasons(
    venue_books: Text, venue_terms: Text, routed_order: RoutedOrder, route: Route, route_cost_bps: Bps
) -> TextByVenue | None:
    """Why each venue was chosen or not.

    Formula: words of the split, and of the parts of what the whole order would cost at the venue
    Unit: a sentence a venue. Missing: absent without a quote to take.
    Source: 17 CFR 242.606(b)(3) asks brokers to tell customers how their orders were routed.
    """
    found = assessed(*_question(venue_books, venue_terms, routed_order))
    return None if found is None else TextByVenue(reasons(found, route, route_cost_bps))


def _question(books: str, terms: str, order: RoutedOrder) -> tuple[str, str, Order, RouteParams]:
    direction, shares, limit_e4, adv_shares, *params = order
    return books, terms, Order(direction, shares, limit_e4, adv_shares, may_post=True), RouteParams(*params)
