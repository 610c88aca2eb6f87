"""Factors beside bars: each level as it was known at the close, moves of the same day on both sides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from nodes.kernels.factors import growth, lagged_days, period_levels, standing_levels
from tests.nodes.features.fact_panels import INSTANT, daily_bars

BARS = daily_bars(date(2020, 1, 6), date(2020, 1, 17))
DAYS = BARS.bar_on.to_list()


def oil(lag_days: int) -> pl.DataFrame:
    rows = [
        {
            "factor": "wti", "period_on": day, "value": float(place), "sequence": place,
            "event_at": datetime(day.year, day.month, day.day, 19, tzinfo=UTC),
            "known_at": datetime(day.year, day.month, day.day, 14, tzinfo=UTC) + timedelta(days=lag_days),
        }
        for place, day in enumerate(DAYS)
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(pl.col("event_at", "known_at").cast(INSTANT))


def test_a_level_is_the_newest_that_was_published_by_the_close() -> None:
    found = standing_levels(oil(7), "wti", BARS.closed_at)
    np.testing.assert_array_equal(found, [np.nan] * 5 + [0.0, 1.0, 2.0, 3.0, 4.0])


def test_a_factor_that_is_not_there_has_no_level() -> None:
    assert np.isnan(standing_levels(oil(0), "gold", BARS.closed_at)).all()


def test_the_level_of_a_day_is_unknown_before_its_publication() -> None:
    day = pl.Series([DAYS[0]] * len(DAYS))
    found = period_levels(oil(7), "wti", day, BARS.closed_at)
    assert np.isnan(found[:5]).all()
    assert (found[5:] == 0.0).all()


def test_days_step_back_within_a_share() -> None:
    assert lagged_days(BARS.bar_on, BARS.segments, 2).to_list() == [None, None, *DAYS[:-2]]


def test_a_negative_price_has_no_growth() -> None:
    """WTI closed at -37.63 on 2020-04-20."""
    level, before = np.array([10.0, -37.63, 10.0]), np.array([8.0, 18.0, -37.63])
    np.testing.assert_array_equal(growth(level, before), [0.25, np.nan, np.nan])
