"""Distances of two samples: known numbers, an oracle, and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from nodes.kernels.drift import greatest_distance, population_stability

SAMPLES = st.lists(st.integers(-1000, 1000), min_size=1, max_size=30).map(
    lambda drawn: np.array(drawn, dtype=np.float64)
)


def test_a_sample_lies_nowhere_from_itself() -> None:
    sample = np.arange(100.0)
    assert (population_stability(sample, sample, 10), greatest_distance(sample, sample)) == (0.0, 0.0)


def test_the_index_of_halves_that_moved_is_that_of_the_formula() -> None:
    """Up to 1 lie half of the first sample and three quarters of the second."""
    before, after = np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0, 1.0])
    least, quarter = 1e-4, 0.25
    expected = (1.0 - 0.75) * math.log(1.0 / 0.75) + (least - quarter) * math.log(least / quarter)
    assert population_stability(before, after, 2) == pytest.approx(expected)


@given(one=SAMPLES, other=SAMPLES)
def test_the_greatest_distance_is_that_of_scipy(one: np.ndarray, other: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        expected = ks_2samp(one, other, method="asymp").statistic
    assert greatest_distance(one, other) == pytest.approx(expected)


@given(one=SAMPLES, other=SAMPLES)
def test_the_index_is_never_negative(one: np.ndarray, other: np.ndarray) -> None:
    assert population_stability(one, other, 10) >= 0.0


def test_without_values_there_is_no_distance() -> None:
    nothing, some = np.array([np.nan]), np.array([1.0])
    assert math.isnan(population_stability(nothing, some, 10))
    assert math.isnan(greatest_distance(some, nothing))
