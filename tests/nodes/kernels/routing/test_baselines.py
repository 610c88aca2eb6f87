"""What the router is compared with places the same shares, its own way."""

from __future__ import annotations

from hypothesis import given

from nodes.kernels.routing.baselines import pro_rata, single_venue
from nodes.kernels.routing.expected_cost import Order
from nodes.kernels.routing.split import Part
from nodes.kernels.routing.venues import VenueBook, VenueTerms
from tests.nodes.kernels.routing.markets import book_of, small_markets, terms_of

ORDER = Order(1, 500, None, 1_000, may_post=True)
BOOKS = (book_of("NYSE", (999_900, 100), (1_000_100, 300)), book_of("IEX", (999_900, 100), (1_000_100, 100)))


def test_one_venue_takes_what_it_shows_and_posts_the_rest() -> None:
    parts = single_venue(ORDER, BOOKS[0], 999_900)
    assert parts == (Part("NYSE", 300, 1_000_100, is_post=False), Part("NYSE", 200, 999_900, is_post=True))
    assert sum(part.shares for part in single_venue(ORDER._replace(may_post=False), BOOKS[0], 999_900)) == 300


def test_pro_rata_takes_in_parts_of_what_is_shown_and_posts_in_parts_of_the_volume() -> None:
    terms = {"NYSE": terms_of(share_frac=0.3), "IEX": terms_of("IEX", share_frac=0.1)}
    small = pro_rata(ORDER._replace(shares=200), BOOKS, terms, 999_900)
    assert [(part.venue, part.shares) for part in small] == [("NYSE", 150), ("IEX", 50)]
    large = pro_rata(ORDER, BOOKS, terms, 999_900)
    assert [(part.venue, part.shares) for part in large if part.is_post] == [("NYSE", 75), ("IEX", 25)]


@given(small_markets())
def test_a_baseline_never_places_a_share_twice(
    found: tuple[Order, tuple[VenueBook, ...], dict[str, VenueTerms]],
) -> None:
    order, books, terms = found
    for parts in (pro_rata(order, books, terms, 999_900), single_venue(order, books[0], 999_900)):
        assert sum(part.shares for part in parts) <= order.shares
        assert all(part.shares > 0 for part in parts)
