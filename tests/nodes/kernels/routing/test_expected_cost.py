"""Expected costs against numbers that were worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.routing.expected_cost import (
    Market,
    Order,
    alone,
    alone_e6,
    filled_shares,
    impact_e6,
    market_of,
    miss_frac,
    post_e6,
    take_e6,
)
from tests.nodes.kernels.routing.markets import PARAMS, book_of, terms_of

BOOKS = (book_of("NYSE", (999_900, 400), (1_000_100, 500)), book_of("IEX", (999_800, 100), (1_000_200, 100)))
TERMS = {"NYSE": terms_of(), "IEX": terms_of("IEX", take_fee_e6=600)}
ORDER = Order(1, 300, None, 23_400_000, may_post=True)


def market(order: Order = ORDER) -> Market:
    found = market_of(order, BOOKS, TERMS, PARAMS)
    assert found is not None
    return found


def test_the_market_is_the_best_of_all_books() -> None:
    found = market()
    assert (found.mid_e4, found.far_e4, found.post_e4, found.half_e6) == (1_000_000.0, 1_000_100, 999_900, 10_000.0)
    assert found.chase_e6 == 10_000 * 2 + 3_000
    assert found.flow_shares == 23_400_000 * 60 / 23_400 / 2


def test_a_take_costs_half_the_spread_the_fee_and_coming_again() -> None:
    assert take_e6(TERMS["NYSE"], market(), PARAMS, 1_000_100) == 10_000 + 3_000
    slow = terms_of(latency_ns=1_000_000, fade_hz=100.0)
    assert miss_frac(slow) == pytest.approx(1.0 - math.exp(-0.1))
    assert take_e6(slow, market(), PARAMS, 1_000_100) == pytest.approx(13_000 + (1 - math.exp(-0.1)) * 10_000)


def test_impact_grows_with_the_part_of_the_shown_size() -> None:
    assert impact_e6(market(), PARAMS, 500, 500) == pytest.approx(0.3 * 10_000 * 500)
    assert impact_e6(market(), PARAMS, 250, 500) == pytest.approx(0.3 * 10_000 * 125)


def test_fills_behind_a_queue_are_those_of_an_exponential_flow() -> None:
    """Against a hundred thousand draws of the flow."""
    flow = np.random.Generator(np.random.PCG64(np.random.SeedSequence([7]))).exponential(900.0, 100_000)
    drawn = np.clip(flow - 400, 0, 300).mean()
    assert filled_shares(400, 300, 900.0) == pytest.approx(drawn, rel=0.02)
    assert filled_shares(400, 300, 0.0) == 0.0


def test_a_posted_share_earns_what_fills_pay_and_chases_the_rest() -> None:
    found = market()
    filled = filled_shares(400, 300, found.flow_shares * 0.1)
    gain = -10_000 - 2_000 + 0.3 * 10_000
    expected = filled * gain + (300 - filled) * found.chase_e6
    assert post_e6(TERMS["NYSE"], found, 400, 300) == pytest.approx(expected)


def test_the_whole_order_at_one_venue_takes_at_the_best_price_and_posts_the_rest() -> None:
    large = ORDER._replace(shares=800)
    cost = alone(TERMS["NYSE"], BOOKS[0], market(large), large, PARAMS)
    rest = post_e6(TERMS["NYSE"], market(large), 400, 300)
    taken = 500 * 13_000 + impact_e6(market(large), PARAMS, 500, 500)
    assert cost.total_e6 == pytest.approx(taken + rest)
    assert 500 / 800 < cost.fill_frac < 1.0
    assert alone_e6(TERMS["NYSE"], BOOKS[0], market(large), large, PARAMS) == pytest.approx(cost.total_e6)
    away = alone(TERMS["IEX"], BOOKS[1], market(), ORDER, PARAMS)
    assert away.spread_e6 < 0.0, "an offer that is not the best one is not taken: the order is posted"
    assert away.total_e6 == pytest.approx(post_e6(TERMS["IEX"], market(), 0, 300))


def test_shares_under_a_dollar_pay_fees_by_value_and_earn_no_rebate() -> None:
    """17 CFR 242.610(c): of a quote at 0.50 USD no more than 0.0015 USD a share, half of the cap."""
    books = (book_of("NYSE", (4_999, 400), (5_000, 500)),)
    terms = terms_of(make_fee_e6=-1200)
    found = market_of(ORDER, books, {"NYSE": terms}, PARAMS)
    assert found is not None
    assert found.chase_e6 == 50 * 2 + 1_500
    assert take_e6(terms, found, PARAMS, 5_000) == pytest.approx(50 + 1_500)
    whole = alone(terms, books[0], found, ORDER, PARAMS)
    assert whole.fee_e6 == 300 * 1_500
    assert whole.total_e6 == pytest.approx(alone_e6(terms, books[0], found, ORDER, PARAMS))
    larger = ORDER._replace(shares=800)
    assert alone(terms, books[0], found, larger, PARAMS).fee_e6 == 500 * 1_500
