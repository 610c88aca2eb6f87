"""Order protection: the reference case of the rule, and what the rule forbids."""

from __future__ import annotations

import pytest

from nodes.kernels.routing.expected_cost import Order
from nodes.kernels.routing.protected import is_protecting, offers_of, stages_of, swept
from nodes.kernels.routing.venues import Level, VenueBook
from tests.nodes.kernels.routing.markets import book_of, terms_of

BOOKS = (
    book_of("A", None, (1_001_000, 300)),
    book_of("B", None, (1_001_000, 200)),
    book_of("C", None, (1_001_100, 500)),
)
TERMS = {"A": terms_of("A"), "B": terms_of("B", take_fee_e6=-200), "C": terms_of("C")}
ORDER = Order(1, 600, 1_001_100, 1_000_000, may_post=False)


def test_better_prices_first_and_of_equal_ones_the_lower_net_fee() -> None:
    """Reference case sor.order_protection; 17 CFR 242.611."""
    parts = swept(ORDER, BOOKS, TERMS)
    assert parts == (("B", 1_001_000, 200), ("A", 1_001_000, 300), ("C", 1_001_100, 100))
    average = sum(price * shares for _, price, shares in parts) / 600 / 10_000
    assert average == pytest.approx(100.101667, abs=1e-6)


def test_a_stage_takes_every_better_protected_quote_in_full() -> None:
    stages = stages_of(ORDER, offers_of(ORDER, BOOKS, TERMS))
    assert [(stage.price_e4, len(stage.forced), len(stage.open)) for stage in stages] == [
        (1_001_000, 0, 2),
        (1_001_100, 2, 1),
    ]


def test_trading_through_a_protected_quote_is_seen_and_through_another_one_is_not() -> None:
    offers = offers_of(ORDER, BOOKS, TERMS)
    through = {("C", 1_001_100): 100, ("A", 1_001_000): 300}
    assert not is_protecting(ORDER, offers, through)
    assert is_protecting(ORDER, offers, {**through, ("B", 1_001_000): 200})
    manual = {**TERMS, "B": terms_of("B", is_protected=False)}
    assert is_protecting(ORDER, offers_of(ORDER, BOOKS, manual), through)
    assert is_protecting(ORDER, offers, {})


def test_a_sale_takes_the_highest_bid_first_and_nothing_below_its_limit() -> None:
    books = (VenueBook("A", (Level(1_000_000, 10), Level(999_900, 10)), ()), book_of("B", (1_000_100, 5), None))
    parts = swept(Order(-1, 100, 1_000_000, 1_000, may_post=False), books, TERMS)
    assert parts == (("B", 1_000_100, 5), ("A", 1_000_000, 10))
