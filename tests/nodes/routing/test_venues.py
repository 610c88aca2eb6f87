"""The route as nodes: what a trace of an order shows of venues, and what they leave to the policy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.kernels.routing.venues import books_of_text, books_text, terms_text
from nodes.routing.venues import route, route_cost_bps, route_reasons, routed_order, venue_books, venue_costs_bps
from nodes.vocabulary.identity import VenueId
from nodes.vocabulary.units import Bps, Frac, Route, RoutedOrder, Seconds, Shares, Text, UsdPerShare
from tests.nodes.kernels.routing.markets import book_of, terms_of

TERMS = Text(terms_text([terms_of(), terms_of("IEX", take_fee_e6=600)]))
QUOTES = Text(books_text([book_of("NYSE", (999_900, 300), (1_000_100, 300)), book_of("IEX", None, (1_000_100, 200))]))
DAY, OPEN = VenueId("DAY"), VenueId("OPEN")


def asked(shares: int = 400) -> RoutedOrder:
    limit = UsdPerShare(Decimal("101.00"))
    return routed_order(Shares(shares), limit, Shares(1_000_000), Seconds(60), Frac(0.3), Frac(0.5))


def test_quotes_are_used_as_they_are_and_estimated_where_there_are_none() -> None:
    given = (TERMS, UsdPerShare(Decimal("100.00")), Bps(3.0), Shares(1_000_000), Frac(0.01))
    assert venue_books(QUOTES, *given) == QUOTES
    first = books_of_text(venue_books(Text(""), *given))[0]
    assert (first.bids[0], first.asks[0]) == ((999_800, 1_000), (1_000_200, 1_000))
    worthless = (TERMS, UsdPerShare(Decimal("0.00")), *given[2:])
    assert venue_books(Text(""), *worthless) == ""


def test_the_route_places_every_share_and_says_what_it_costs() -> None:
    """EXE-15: what goes where is a value of the decision."""
    parts = route(DAY, OPEN, QUOTES, TERMS, asked())
    assert sum(shares for _, shares, _, _ in parts) == 400
    assert {how for *_, how in parts} <= {"take", "post"}
    cost, costs = route_cost_bps(DAY, OPEN, QUOTES, TERMS, asked()), venue_costs_bps(QUOTES, TERMS, asked())
    assert cost is not None
    assert costs is not None
    assert cost <= min(costs.values()) + 1e-6


def test_an_order_for_the_auction_goes_there_whole() -> None:
    parts = route(OPEN, OPEN, QUOTES, TERMS, asked(-70))
    assert parts == (("OPEN", 70, 1_010_000, "auction"),)
    assert route_cost_bps(OPEN, OPEN, QUOTES, TERMS, asked(-70)) == 0.0
    said = route_reasons(QUOTES, TERMS, asked(-70), Route(parts), Bps(0.0))
    assert said is not None
    assert said["OPEN"].startswith("chosen: 70 into the auction")
    assert "dearer than the auction" in said["NYSE"]


def test_where_nothing_is_known_of_venues_an_order_still_goes_out() -> None:
    """A stale feed never blocks getting out."""
    for books, terms in ((None, TERMS), (QUOTES, None), (Text(""), TERMS)):
        assert route(DAY, OPEN, books, terms, asked()) == (("DAY", 400, 1_010_000, "post"),)
    assert venue_costs_bps(Text(""), TERMS, asked()) is None
    assert route_reasons(Text(""), TERMS, asked(), route(DAY, OPEN, None, None, asked()), Bps(0.0)) is None


def test_reasons_name_each_venue_with_the_parts_of_its_cost() -> None:
    parts, cost = route(DAY, OPEN, QUOTES, TERMS, asked()), route_cost_bps(DAY, OPEN, QUOTES, TERMS, asked())
    said = route_reasons(QUOTES, TERMS, asked(), parts, cost or Bps(0.0))
    assert said is not None
    assert set(said) == {"NYSE", "IEX"}
    for text in said.values():
        assert "fee " in text
        assert "adverse selection" in text
    assert any(text.startswith("chosen: ") for text in said.values())


@pytest.mark.parametrize("shares", [0])
def test_an_order_of_nothing_has_no_cost(shares: int) -> None:
    assert venue_costs_bps(QUOTES, TERMS, asked(shares)) is None
