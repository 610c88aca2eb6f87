"""How a share trades: numbers by hand, and what days without trading are worth."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from nodes.features import trading as features
from nodes.vocabulary.units import FracColumn, Segments, Sessions, SharesColumn, UsdColumn

THREE, FOUR = Segments(np.array([0, 3])), Segments(np.array([0, 4]))


def test_dollar_volume_is_price_times_shares_and_missing_with_either() -> None:
    close, volume = UsdColumn(pl.Series([10.0, None, 10.0, 10.0])), SharesColumn(pl.Series([5, 5, None, 0]))
    assert features.dollar_volume_usd(close, volume).to_list() == [50.0, None, None, 0.0]


def test_illiquidity_is_the_return_a_million_dollars_goes_with() -> None:
    returns, dollars = FracColumn(pl.Series([0.01, -0.02, 0.03])), UsdColumn(pl.Series([1e6, 4e6, 0.0]))
    found = features.amihud_illiquidity_frac(returns, dollars, THREE, Sessions(2)).to_list()
    assert found == [None, pytest.approx((0.01 + 0.02 / 4) / 2), None]


def test_a_bounce_of_one_per_cent_is_a_spread_of_its_covariance() -> None:
    """Returns 1, -1, 1, -1 per cent: pairs (-1, 1), (1, -1), (-1, 1) have the covariance -4/3 of a square per cent."""
    bounce = FracColumn(pl.Series([0.01, -0.01, 0.01, -0.01]))
    found = features.roll_spread_bps(bounce, FOUR, Sessions(3)).to_list()
    assert found == [None, None, None, pytest.approx(2 * math.sqrt(4 / 3) * 100)]


def test_returns_that_follow_one_another_show_no_spread() -> None:
    trend = FracColumn(pl.Series([0.01, 0.02, 0.03, 0.04]))
    assert features.roll_spread_bps(trend, FOUR, Sessions(3)).null_count() == 4


def test_the_spread_of_closes_against_middles_written_out() -> None:
    """Closes stand 1 per cent over the middle of their own day and of the next: 2 per cent of spread."""
    middle = np.full(3, math.log(100.0))
    high, low, close = (UsdColumn(pl.Series(np.exp(middle + shift))) for shift in (0.02, -0.02, 0.01))
    whole = FracColumn(pl.Series([1.0] * 3))
    found = features.abdi_ranaldo_spread_bps(high, low, close, whole, THREE, Sessions(2)).to_list()
    assert found == [None, None, pytest.approx(200.0)]


def test_a_split_makes_no_spread() -> None:
    middle = np.log(np.array([100.0, 100.0, 50.0]))
    high, low, close = (UsdColumn(pl.Series(np.exp(middle + shift))) for shift in (0.02, -0.02, 0.01))
    split = FracColumn(pl.Series([1.0, 1.0, 2.0]))
    found = features.abdi_ranaldo_spread_bps(high, low, close, split, THREE, Sessions(2))
    assert found[-1] == pytest.approx(200.0)


def test_a_session_is_busy_beside_the_average_one() -> None:
    dollars, average = UsdColumn(pl.Series([300.0, 300.0, None])), UsdColumn(pl.Series([200.0, 0.0, 200.0]))
    assert features.relative_volume_frac(dollars, average).to_list() == [1.5, None, None]


def test_volume_trends_up_where_the_short_average_is_over_the_long_one() -> None:
    dollars, average = UsdColumn(pl.Series([100.0, 200.0, 300.0])), UsdColumn(pl.Series([None, 150.0, 250.0]))
    found = features.volume_trend_frac(dollars, average, THREE, Sessions(3)).to_list()
    assert found == [None, None, pytest.approx(0.25)]


def test_unsteady_trading_is_spread_over_average() -> None:
    dollars, average = UsdColumn(pl.Series([100.0, 200.0, 300.0])), UsdColumn(pl.Series([None, None, 200.0]))
    found = features.volume_variability_frac(dollars, average, THREE, Sessions(3)).to_list()
    assert found == [None, None, pytest.approx(0.5)]


def test_idle_sessions_are_those_of_no_volume_not_of_unknown_volume() -> None:
    volume = SharesColumn(pl.Series([0, 100, 0, None]))
    found = features.idle_sessions_frac(volume, FOUR, Sessions(2)).to_list()
    assert found == [None, 0.5, 0.5, None]


def test_turnover_needs_the_shares_outstanding() -> None:
    volume, outstanding = SharesColumn(pl.Series([5, 5, 5])), SharesColumn(pl.Series([100, None, 0]))
    assert features.turnover_frac(volume, outstanding).to_list() == [0.05, None, None]


def test_volume_follows_returns_by_hand_and_not_where_it_stands_still() -> None:
    """Returns 1, 2, 3 beside volumes 1, 3, 2: both vary by 2 squares in all, together by 1."""
    returns = FracColumn(pl.Series([0.01, 0.02, 0.03]))
    found = features.return_volume_correlation_frac(returns, UsdColumn(pl.Series([1e6, 3e6, 2e6])), THREE, Sessions(3))
    assert found.to_list() == [None, None, pytest.approx(0.5)]
    still = UsdColumn(pl.Series([1e6] * 3))
    assert features.return_volume_correlation_frac(returns, still, THREE, Sessions(3)).null_count() == 3
