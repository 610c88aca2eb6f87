"""The split: as good as the best of all splits on small books, and true to protected quotes on all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from nodes.kernels.routing.expected_cost import Order, market_of
from nodes.kernels.routing.protected import is_protecting, offers_of
from nodes.kernels.routing.split import PIECES, best_route
from nodes.kernels.routing.venues import VenueBook, VenueTerms
from tests.nodes.kernels.routing.markets import PARAMS, best_by_trying, book_of, small_markets, terms_of

Found = tuple[Order, tuple[VenueBook, ...], dict[str, VenueTerms]]


@settings(max_examples=120, deadline=None)
@given(small_markets())
def test_the_split_costs_what_the_best_of_all_splits_costs(found: Found) -> None:
    """EXE-11: optimal split against the brute force optimum on small books, fees, rebates, latency and fills."""
    order, books, terms = found
    route, best = best_route(order, books, terms, PARAMS), best_by_trying(order, books, terms)
    if best is None:
        assert route.left_shares == order.shares
        return
    assert route.left_shares == best[0]
    assert route.cost_e6 == pytest.approx(best[1], rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(small_markets())
def test_the_split_places_every_share_once_within_the_limit_and_through_no_protected_quote(found: Found) -> None:
    """Rule 611, and conservation of shares."""
    order, books, terms = found
    route = best_route(order, books, terms, PARAMS)
    assert sum(part.shares for part in route.parts) + route.left_shares == order.shares
    assert all(part.shares > 0 and order.accepts(part.price_e4) for part in route.parts)
    taken = {(part.venue, part.price_e4): part.shares for part in route.parts if not part.is_post}
    assert is_protecting(order, offers_of(order, books, terms), taken)
    if not order.may_post:
        assert not any(part.is_post for part in route.parts)


@settings(max_examples=50, deadline=None)
@given(small_markets())
def test_the_order_in_which_venues_are_named_changes_no_cost(found: Found) -> None:
    order, books, terms = found
    turned = best_route(order, books[::-1], dict(reversed(terms.items())), PARAMS)
    assert turned.cost_e6 == pytest.approx(best_route(order, books, terms, PARAMS).cost_e6, rel=1e-9, abs=1e-6)


def test_nothing_to_take_leaves_every_share_over() -> None:
    books = (book_of("NYSE", (999_900, 100), None),)
    route = best_route(Order(1, 50, None, 10_000, may_post=True), books, {"NYSE": terms_of()}, PARAMS)
    assert (route.parts, route.left_shares) == ((), 50)


def test_a_locked_market_is_posted_into_without_locking_it_further() -> None:
    """17 CFR 242.610(d): a posted order stays below what would lock or cross the other side."""
    books = (book_of("NYSE", (1_000_000, 100), None), book_of("IEX", None, (1_000_000, 100)))
    terms = {"NYSE": terms_of(), "IEX": terms_of("IEX")}
    order = Order(1, 500, None, 1_000_000, may_post=True)
    market = market_of(order, books, terms, PARAMS)
    assert market is not None
    assert market.post_e4 == 999_900
    assert market.half_e6 > 0.0
    route = best_route(order, books, terms, PARAMS)
    assert sum(part.shares for part in route.parts) == 500


def test_a_large_order_is_split_in_pieces_of_a_known_part_of_it() -> None:
    books = tuple(book_of(name, (999_900, 5_000), (1_000_100, 5_000)) for name in ("NYSE", "IEX"))
    terms = {"NYSE": terms_of(), "IEX": terms_of("IEX", take_fee_e6=600)}
    order = Order(1, 6_400, None, 0, may_post=False)
    route = best_route(order, books, terms, PARAMS)
    assert sum(part.shares for part in route.parts) == 6_400
    assert all(part.shares % (6_400 // PIECES) == 0 for part in route.parts)
