"""Two estimators of volatility; scale and missing values."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nodes.features.volatility import daily_volatility_frac, log_return_frac, parkinson_volatility_frac, volatility_frac
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import FracColumn, Segments, Sessions, UsdColumn

STEPS = np.random.default_rng(1).normal(0.0, 0.02, 40)
ONE = Segments(np.array([0, 40]))


def test_log_return_of_a_total_loss_is_missing() -> None:
    found = log_return_frac(FracColumn(pl.Series([0.5, -1.0, -2.0, None]))).to_list()
    assert found == [pytest.approx(math.log(1.5)), None, None, None]


def test_volatility_is_the_sample_deviation_of_log_returns() -> None:
    found = volatility_frac(FracColumn(pl.Series(STEPS)), ONE, Sessions(21)).to_list()
    assert found[:20] == [None] * 20
    assert found[-1] == pytest.approx(np.std(STEPS[-21:], ddof=1), rel=1e-12)


def test_volatility_of_a_share_that_stands_still_is_zero_not_missing() -> None:
    assert volatility_frac(FracColumn(pl.Series([0.0] * 40)), ONE, Sessions(21)).to_list()[-1] == 0.0


def test_parkinson_volatility_misses_windows_with_a_missing_price() -> None:
    high = UsdColumn(pl.Series([11.0] * 20 + [None] + [11.0] * 19))
    found = parkinson_volatility_frac(high, UsdColumn(pl.Series([10.0] * 40)), ONE, Sessions(5))
    assert found.is_null().sum() == 4 + 5
    assert found.to_list()[-1] == pytest.approx(math.log(1.1) / math.sqrt(4.0 * math.log(2.0)))


def test_daily_volatility_is_that_of_pandas_over_its_warm_up() -> None:
    """LBL-01: getDailyVol, with a warm-up that ends: a window alone is the window inside a long history."""
    returns = FracColumn(pl.Series(STEPS))
    found = daily_volatility_frac(returns, ONE, Sessions(10), Sessions(30)).to_list()
    assert found[:29] == [None] * 29
    for row in (29, 35, 39):
        window = STEPS[row - 29 : row + 1]
        assert found[row] == pytest.approx(pd.Series(window).ewm(span=10).std().iloc[-1], rel=1e-12)
        alone = daily_volatility_frac(
            FracColumn(pl.Series(window)), Segments(np.array([0, 30])), Sessions(10), Sessions(30)
        )
        assert alone[-1] == found[row]


def test_daily_volatility_misses_warm_ups_that_miss_a_return_and_needs_a_span() -> None:
    gapped = FracColumn(pl.Series([*STEPS[:35], None, *STEPS[36:]]))
    assert daily_volatility_frac(gapped, ONE, Sessions(10), Sessions(30)).to_list()[35:] == [None] * 5
    with pytest.raises(DataError, match=r"weight of the newest value was 1\.0, expected between 0 and 1"):
        daily_volatility_frac(FracColumn(pl.Series(STEPS)), ONE, Sessions(1), Sessions(30))
