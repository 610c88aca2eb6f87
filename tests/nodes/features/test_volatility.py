"""Two estimators of volatility; scale and missing values."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from nodes.features.volatility import log_return_frac, parkinson_volatility_frac, volatility_frac
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
