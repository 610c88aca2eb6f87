"""An order against all venues: parts add up, and every venue is spoken of."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.kernels.routing.assessment import (
    assessed,
    cost_parts_bps,
    costs_bps,
    estimated_text,
    price_e4,
    reasons,
    split_of,
    venue_costs,
)
from nodes.kernels.routing.expected_cost import Order
from nodes.kernels.routing.venues import books_text, terms_text
from tests.nodes.kernels.routing.markets import PARAMS, book_of, terms_of

TERMS = terms_text([terms_of(), terms_of("IEX", take_fee_e6=600, fade_hz=90.0), terms_of("BYX")])
BOOKS = books_text(
    [
        book_of("NYSE", (999_900, 300), (1_000_100, 300)),
        book_of("IEX", None, (1_000_100, 200)),
        book_of("BYX", None, None),
    ]
)
ORDER = Order(1, 700, None, 1_000_000, may_post=True)


def test_the_parts_of_a_cost_add_up_to_the_cost() -> None:
    found = assessed(BOOKS, TERMS, ORDER, PARAMS)
    assert found is not None
    costs = venue_costs(found)
    assert set(costs) == {"NYSE", "IEX", "BYX"}
    for venue, total in costs_bps(found).items():
        parts = cost_parts_bps(found, costs[venue])
        assert sum(value for name, value in parts.items() if name != "fill_frac") == pytest.approx(total)
        assert 0.0 <= parts["fill_frac"] <= 1.0


def test_words_are_found_for_every_venue_whose_book_is_known() -> None:
    found, split = assessed(BOOKS, TERMS, ORDER, PARAMS), split_of(BOOKS, TERMS, ORDER, PARAMS)
    assert found is not None
    assert split is not None
    route = [(part.venue, part.shares, part.price_e4, "post" if part.is_post else "take") for part in split.parts]
    said = reasons(found, route, found.bps(split.cost_e6))
    assert set(said) == {"NYSE", "IEX", "BYX"}


def test_an_order_of_nothing_and_a_market_of_nothing_are_not_assessed() -> None:
    assert assessed(BOOKS, TERMS, ORDER._replace(shares=0), PARAMS) is None
    assert split_of("", TERMS, ORDER, PARAMS) is None


def test_books_are_estimated_on_the_cent_away_from_the_close() -> None:
    assert price_e4(Decimal("27.8123")) == 278_123
    assert estimated_text(TERMS, Decimal("27.81"), 0.0, 100.0).split("\n")[0] == "NYSE 278100x10 | 278200x10"
    assert estimated_text(TERMS, Decimal("0.00"), 10.0, 100.0) == ""
