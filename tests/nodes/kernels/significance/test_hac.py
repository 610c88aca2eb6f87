"""Means of dependent periods: errors against statsmodels, intervals that cover, laws of what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.hac import automatic_lags, block_mean, hac_error, hac_mean
from nodes.vocabulary.errors import DataError

BLOCKS = Resampling("stationary", 10.0, 300, 5)


def persistent(seed: int, count: int) -> np.ndarray:
    """A mean of nothing, each value half of the one before and a new shock."""
    shocks = np.random.default_rng(seed).normal(size=count + 50)
    values = np.zeros(count + 50)
    for place in range(1, count + 50):
        values[place] = 0.5 * values[place - 1] + shocks[place]
    return values[50:]


@pytest.mark.parametrize("n_lags", [0, 1, 7])
def test_the_error_of_a_mean_is_that_of_statsmodels(n_lags: int) -> None:
    values = persistent(1, 200)
    oracle = OLS(values, np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": n_lags, "use_correction": False})
    assert hac_error(values, n_lags) == pytest.approx(float(oracle.bse[0]))


def test_a_period_without_a_value_keeps_its_place() -> None:
    """Every second value missing: no two neighbours, so that lag 1 adds nothing."""
    values = persistent(1, 200)
    values[::2] = np.nan
    assert hac_error(values, 1) == pytest.approx(hac_error(values[1::2], 0))
    assert hac_mean(values, 1, 0.95).n_periods == 100


def test_intervals_cover_the_mean_of_a_persistent_series() -> None:
    """100 series whose mean is 0: at 95 % at least 85 intervals hold it, where those without lags hold far fewer."""
    series = [persistent(seed, 400) for seed in range(100)]
    naive, robust, blocks = (
        sum(found.low <= 0.0 <= found.high for found in estimates)
        for estimates in (
            [hac_mean(values, 0, 0.95) for values in series],
            [hac_mean(values, 15, 0.95) for values in series],
            [block_mean(values, BLOCKS, 0.95) for values in series],
        )
    )
    assert naive < 82
    assert robust >= 85
    assert blocks >= 85


def test_resampled_means_leave_missing_periods_out() -> None:
    values = np.where(np.arange(300) % 3 == 0, np.nan, 2.0)
    found = block_mean(values, BLOCKS, 0.9)
    assert (found.value, found.low, found.high, found.n_periods) == (2.0, 2.0, 2.0, 200)


def test_nothing_known_has_no_mean_and_one_value_no_error() -> None:
    nothing, one = np.full(50, np.nan), np.append(np.full(49, np.nan), 3.0)
    assert math.isnan(hac_mean(nothing, 2, 0.95).value)
    assert math.isnan(block_mean(nothing, BLOCKS, 0.95).low)
    assert (hac_mean(one, 2, 0.95).value, math.isnan(hac_mean(one, 2, 0.95).high)) == (3.0, True)


def test_lags_grow_slowly_with_the_sample() -> None:
    assert [automatic_lags(count) for count in (20, 100, 2500)] == [2, 4, 8]


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(DataError, match=f"confidence_frac was {confidence}"):
        hac_mean(persistent(1, 20), 1, confidence)
