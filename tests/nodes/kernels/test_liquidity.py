"""Liquidity from daily bars: by hand, on simulated bounces, alone and missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.arrays import Array
from nodes.kernels.liquidity import abdi_ranaldo_spread, amihud_illiquidity, roll_spread
from tests.nodes.bars import one_block, same_bits


def bounce(spread: float, count: int = 3000) -> Array:
    rng = np.random.default_rng(8)
    middle = np.cumsum(rng.normal(0.0, 0.002, count))
    return np.diff(middle + 0.5 * spread * rng.choice([-1.0, 1.0], count))


def test_amihud_is_the_mean_return_a_dollar_goes_with() -> None:
    found = amihud_illiquidity(np.array([0.01, -0.03]), np.array([1e6, 2e6]), np.array([0, 2]), 2)
    assert found[-1] == pytest.approx((0.01 / 1e6 + 0.03 / 2e6) / 2.0, rel=1e-14)


@pytest.mark.parametrize("volume", [0.0, np.nan])
def test_a_day_that_did_not_trade_has_no_illiquidity_rather_than_none(volume: float) -> None:
    dollars = np.full(8, 1e6)
    dollars[4] = volume
    found = amihud_illiquidity(np.full(8, 0.01), dollars, np.array([0, 8]), 2)
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 4, 5]


def test_roll_finds_the_bounce_between_bid_and_ask() -> None:
    steps = bounce(0.02)
    assert roll_spread(steps, one_block(steps), 2900)[-1] == pytest.approx(0.02, rel=0.05)


def test_roll_says_nothing_where_returns_follow_each_other() -> None:
    trending = np.array([0.01, 0.02, 0.03, 0.04, 0.05, 0.06])
    assert np.isnan(roll_spread(trending, one_block(trending), 4)).all()


def test_roll_needs_one_return_more_than_its_pairs_and_nothing_before_it() -> None:
    steps = bounce(0.02, 60)
    found = roll_spread(steps, one_block(steps), 10)
    assert np.isnan(found[:10]).all()
    for end in (20, 35, 50):
        alone = roll_spread(steps[end - 11 : end], np.array([0, 11]), 10)[-1:]
        assert same_bits(alone, found[end - 1 : end])


def test_abdi_ranaldo_of_two_days_written_out() -> None:
    high, low, close = np.array([11.0, 11.2]), np.array([10.0, 10.4]), np.array([10.9, 10.5])
    first, second = (0.5 * (math.log(high[day]) + math.log(low[day])) for day in (0, 1))
    wanted = math.sqrt(max(4.0 * (math.log(10.9) - first) * (math.log(10.9) - second), 0.0))
    found = abdi_ranaldo_spread((high, low, close), np.ones(2), np.array([0, 2]), 1)
    assert found[-1] == pytest.approx(wanted, rel=1e-12)
    assert np.isnan(found[0])


def test_abdi_ranaldo_does_not_see_a_split() -> None:
    rng = np.random.default_rng(6)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, 40)))
    whole = (close * 1.01, close * 0.985, close)
    ratio = np.where(np.arange(40) == 20, 2.0, 1.0)
    split = tuple(np.where(np.arange(40) >= 20, part / 2.0, part) for part in whole)
    wanted = abdi_ranaldo_spread(whole, np.ones(40), np.array([0, 40]), 5)
    found = abdi_ranaldo_spread((split[0], split[1], split[2]), ratio, np.array([0, 40]), 5)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
