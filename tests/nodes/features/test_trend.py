"""Charts: numbers by hand, and a split is no move."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features import trend
from nodes.vocabulary.units import FracColumn, Score, Segments, Sessions, UsdColumn

CLOSES = [10.0, 11.0, 12.0, 13.0, 14.0]
CLOSE = UsdColumn(pl.Series(CLOSES))
ONES = FracColumn(pl.Series([1.0] * 5))
SPLIT = UsdColumn(pl.Series([20.0, 22.0, 12.0, 13.0, 14.0]))
RATIO = FracColumn(pl.Series([1.0, 1.0, 2.0, 1.0, 1.0]))
SEGMENTS = Segments(np.array([0, 5]))
RETURNS = FracColumn(pl.Series([None, 0.1, -0.5, 0.2, 0.0]))


@pytest.mark.parametrize(("close", "ratio"), [(CLOSE, ONES), (SPLIT, RATIO)])
def test_averages_and_bands_stand_on_one_share_basis(close: UsdColumn, ratio: FracColumn) -> None:
    three = Sessions(3)
    assert trend.sma_gap_frac(close, ratio, SEGMENTS, three)[-1] == pytest.approx(14 / 13 - 1)
    assert trend.sma_cross_frac(close, ratio, SEGMENTS, Sessions(1), three)[-1] == pytest.approx(14 / 13 - 1)
    place = trend.bollinger_place_frac(close, ratio, SEGMENTS, three, Score(2.0))[-1]
    assert place == pytest.approx((14 - 13 + 2 * (2 / 3) ** 0.5) / (4 * (2 / 3) ** 0.5))


def test_returns_over_a_window_and_the_nearness_of_the_high() -> None:
    two = Sessions(2)
    assert trend.week_reversal_frac(RETURNS, SEGMENTS, two)[-1] == pytest.approx(0.2)
    assert trend.month_reversal_frac(RETURNS, SEGMENTS, two)[2] == pytest.approx(1.1 * 0.5 - 1)
    assert trend.high_nearness_frac(RETURNS, SEGMENTS, two)[2] == pytest.approx(0.5)
    assert trend.up_sessions_frac(RETURNS, SEGMENTS, Sessions(4))[-1] == 0.5


def test_a_window_that_is_not_full_has_no_value() -> None:
    assert trend.sma_gap_frac(CLOSE, ONES, SEGMENTS, Sessions(3)).to_list()[:2] == [None, None]
