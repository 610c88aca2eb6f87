"""The market around a share: each level as it was known at the close, by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodes.features import factors as features
from nodes.vocabulary.units import FracColumn, Panel, ScoreColumn, Segments, Sessions, UsdColumn
from tests.nodes.features.fact_panels import at, daily_bars, end_of, facts

DAYS = [date(2020, 4, 20) + timedelta(days=n) for n in range(5)]
BARS = daily_bars(DAYS[0], DAYS[-1])
LATE = timedelta(minutes=15)


def level(factor: str, day: date, value: float | None, known_at: datetime, **more: Any) -> Mapping[str, Any]:
    return {"factor": factor, "period_on": day, "value": value, "event_at": end_of(day), "known_at": known_at, **more}


def levels(factor: str, values: Sequence[float | None], lag: timedelta = timedelta(0)) -> Panel:
    """One level a day of April, known some time after the day's close."""
    return facts([level(factor, day, value, at(day) + lag) for day, value in zip(DAYS, values, strict=False)])


def test_the_volatility_index_of_a_day_is_known_the_day_after() -> None:
    found = features.vix_score(levels("vix", [40.0, 45.0, 42.0, 41.0, 36.0], LATE), BARS.closed_at)
    assert found.to_list() == [None, 40.0, 45.0, 42.0, 41.0]


def test_a_level_that_is_known_at_the_close_itself_counts() -> None:
    assert features.vix_score(levels("vix", [40.0, 45.0]), BARS.closed_at).to_list()[:2] == [40.0, 45.0]


def test_a_correction_counts_from_when_it_is_known_and_not_before() -> None:
    rows = [
        level("vix", DAYS[0], 40.0, at(DAYS[0])),
        level("vix", DAYS[0], 44.0, at(DAYS[2], 12)),
    ]
    assert features.vix_score(facts(rows), BARS.closed_at).to_list() == [40.0, 40.0, 44.0, 44.0, 44.0]


def test_another_factor_is_not_the_volatility_index() -> None:
    assert features.vix_score(levels("vvix", [100.0] * 5), BARS.closed_at).null_count() == 5


def test_the_change_over_a_week_is_a_difference_of_points() -> None:
    vix = ScoreColumn(pl.Series([40.0, 45.0, None, 41.0, 36.0]))
    found = features.vix_change_score(vix, BARS.segments, Sessions(1))
    assert found.to_list() == [None, 5.0, None, None, -5.0]


def test_the_rank_counts_ties_half() -> None:
    vix = ScoreColumn(pl.Series([10.0, 20.0, 30.0, 20.0, 40.0]))
    found = features.vix_rank_frac(vix, BARS.segments, Sessions(4)).to_list()
    assert found == [None, None, None, pytest.approx((1 + 0.5) / 3), 1.0]


def test_a_state_of_volatility_must_last() -> None:
    """Ranks of 2 earlier values each: 1, 0, 1, 1, 1, so turbulent for a day, calm for a day, then turbulent to stay."""
    vix = ScoreColumn(pl.Series([10.0, 11.0, 12.0, 9.0, 13.0, 14.0, 15.0]))
    found = features.volatility_regime_score(vix, Segments(np.array([0, 7])), Sessions(3), Sessions(2))
    assert found.to_list() == [None, None, None, None, None, 2.0, 2.0]


def test_the_trend_is_up_while_level_and_fast_average_are_over_the_slow_one() -> None:
    index = UsdColumn(pl.Series([1.0, 2.0, 3.0, 2.0, 0.5, 0.4]))
    found = features.trend_regime_score(index, Segments(np.array([0, 6])), Sessions(2), Sessions(3))
    assert found.to_list() == [None, None, 1.0, 0.0, -1.0, -1.0]


def test_the_slope_takes_both_rates_as_known_at_the_close() -> None:
    evening = timedelta(hours=17)
    ten = features.rate_10y_frac(levels("y_10year", [0.006, 0.007], evening), BARS.closed_at)
    assert ten.to_list()[:3] == [None, 0.006, 0.007]
    slope = features.term_slope_frac(levels("y_2year", [0.002, 0.0035], evening), ten, BARS.closed_at)
    assert slope.to_list()[:3] == [None, pytest.approx(0.004), pytest.approx(0.0035)]


def test_the_slope_is_missing_without_the_short_rate() -> None:
    ten = FracColumn(pl.Series([0.006] * 5))
    assert features.term_slope_frac(levels("y_10year", [0.006]), ten, BARS.closed_at).null_count() == 5


def test_a_rate_that_turns_negative_still_changes() -> None:
    rate = FracColumn(pl.Series([0.002, -0.001, None, 0.0, 0.0]))
    found = features.rate_change_frac(rate, BARS.segments, Sessions(1)).to_list()
    assert found == [None, pytest.approx(-0.003), None, None, 0.0]


def test_oil_under_zero_has_no_growth() -> None:
    """WTI settled at -37.63 USD on 2020-04-20 (EIA)."""
    oil = levels("wti", [-37.63, 10.0, 13.0, 6.5, 6.5])
    found = features.oil_change_frac(oil, BARS.closed_at, BARS.segments, Sessions(1)).to_list()
    assert found == [None, None, pytest.approx(0.3), -0.5, 0.0]


@pytest.mark.parametrize(
    ("feature", "factor"), [(features.gold_change_frac, "gold"), (features.eurusd_change_frac, "eurusd")]
)
def test_gold_and_euro_grow_over_the_month_by_what_was_known(feature: Any, factor: str) -> None:
    known = levels(factor, [100.0, 110.0, 99.0, 99.0], timedelta(hours=17))
    found = feature(known, BARS.closed_at, BARS.segments, Sessions(1)).to_list()
    assert found == [None, None, pytest.approx(0.1), pytest.approx(-0.1), 0.0]


def test_a_level_that_is_not_renewed_stands() -> None:
    found = features.gold_change_frac(levels("gold", [100.0]), BARS.closed_at, BARS.segments, Sessions(1))
    assert found.to_list() == [None, 0.0, 0.0, 0.0, 0.0]


def test_the_credit_spread_comes_in_per_cent() -> None:
    found = features.credit_spread_frac(levels("baa_10year", [3.5]), BARS.closed_at)
    assert found.to_list() == [pytest.approx(0.035)] * 5


def test_the_oil_beta_sets_moves_of_one_day_side_by_side() -> None:
    """Oil of a day is known a day later; the share moves half as far as oil on the same day."""
    oil = levels("wti", [100.0, 110.0, 99.0, 108.9, 98.01], timedelta(hours=17))
    returns = FracColumn(pl.Series([0.0, 0.05, -0.05, 0.05, -0.05]))
    asked = (returns, BARS.bar_on, BARS.closed_at, BARS.segments)
    found = features.oil_beta_frac(oil, *asked, Sessions(1), Sessions(3)).to_list()
    assert found == [None] * 4 + [pytest.approx(0.5)]
    without_lag = features.oil_beta_frac(oil, *asked, Sessions(0), Sessions(3))
    assert without_lag.null_count() == 5, "oil of the bar's own day is not known at its close"


def test_the_volatility_beta_is_of_the_days_whose_level_was_known() -> None:
    vix = levels("vix", [20.0, 22.0, 19.8, 21.78, 19.602], LATE)
    returns = FracColumn(pl.Series([0.0, -0.02, 0.02, -0.02, 0.02]))
    asked = (returns, BARS.bar_on, BARS.closed_at, BARS.segments)
    found = features.vix_beta_frac(vix, *asked, Sessions(1), Sessions(3)).to_list()
    assert found == [None] * 4 + [pytest.approx(-0.2)]


def test_a_day_without_a_level_leaves_the_beta_missing() -> None:
    vix = levels("vix", [20.0, None, 19.8, 21.78, 19.602], LATE)
    returns = FracColumn(pl.Series([0.0, -0.02, 0.02, -0.02, 0.02]))
    asked = (returns, BARS.bar_on, BARS.closed_at, BARS.segments)
    assert features.vix_beta_frac(vix, *asked, Sessions(1), Sessions(3)).null_count() == 5
