"""Moments of windows against scipy and numpy, and what they make of gaps and of values that stand still."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kurtosis, skew

from nodes.kernels.moments import (
    window_correlation,
    window_downside,
    window_kurtosis,
    window_residual_std,
    window_skewness,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block

VALUES = np.random.default_rng(3).normal(0.0, 0.02, 60)
OTHER = 0.5 * VALUES + np.random.default_rng(4).normal(0.0, 0.01, 60)
BLOCK = one_block(VALUES)
LAST = VALUES[-20:]


def test_skewness_and_kurtosis_are_those_of_scipy() -> None:
    assert window_skewness(VALUES, BLOCK, 20)[-1] == pytest.approx(skew(LAST))
    assert window_kurtosis(VALUES, BLOCK, 20)[-1] == pytest.approx(kurtosis(LAST))


def test_the_downside_counts_losses_only() -> None:
    assert window_downside(VALUES, BLOCK, 20)[-1] == pytest.approx(np.sqrt(np.mean(np.minimum(LAST, 0.0) ** 2)))


def test_the_correlation_is_that_of_numpy() -> None:
    assert window_correlation(VALUES, OTHER, BLOCK, 20)[-1] == pytest.approx(np.corrcoef(LAST, OTHER[-20:])[0, 1])


def test_what_a_line_leaves_over_is_that_of_least_squares() -> None:
    slope, level = np.polyfit(OTHER[-20:], LAST, 1)
    left = LAST - level - slope * OTHER[-20:]
    assert window_residual_std(VALUES, OTHER, BLOCK, 20)[-1] == pytest.approx(np.sqrt(np.sum(left**2) / 18))


def test_values_that_stand_still_have_no_shape() -> None:
    still = np.ones(30)
    found = (window_skewness(still, one_block(still), 20), window_kurtosis(still, one_block(still), 20))
    assert all(np.isnan(shape).all() for shape in found)
    assert np.isnan(window_correlation(still, VALUES[:30], one_block(still), 20)).all()


def test_a_gap_makes_every_window_over_it_unknown() -> None:
    gapped = VALUES.copy()
    gapped[50] = np.nan
    assert np.isnan(window_skewness(gapped, BLOCK, 20)[50:]).all()
    assert np.isfinite(window_skewness(gapped, BLOCK, 20)[20:50]).all()


def test_too_few_rows_have_no_moment() -> None:
    assert np.isnan(window_skewness(VALUES[:5], one_block(VALUES[:5]), 20)).all()
    with pytest.raises(DataError, match="window of 2 sessions is too short; give at least 3"):
        window_skewness(VALUES, BLOCK, 2)
