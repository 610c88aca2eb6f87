"""Distances of two samples: known numbers, an oracle, and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwo

from nodes.kernels.drift import chance_stability, distance_probability, greatest_distance, population_stability

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


def test_a_value_that_never_varied_has_drifted_wherever_it_goes() -> None:
    """Three bins: less, equal, more; one share of nothing counts as 0.0001."""
    still = np.full(50, 5.0)
    moved = 2.0 * (1.0 - 1e-4) * math.log(1e4)
    assert population_stability(still, still, 10) == 0.0
    assert population_stability(still, np.full(9, 3.0), 10) == pytest.approx(moved)
    assert population_stability(still, np.full(9, 7.0), 10) == pytest.approx(moved)


def test_the_index_that_chance_alone_reaches_is_reached_as_often_as_said() -> None:
    """500 pairs of alike samples: 5 % exceed the 5 % index, between 2 % and 9 % by chance."""
    draws = np.random.default_rng(4).normal(size=(500, 400))
    pairs = [(row[:300], row[300:]) for row in draws]
    over = [population_stability(one, other, 5) > chance_stability(one, other, 5, 0.05) for one, other in pairs]
    assert 0.02 < np.mean(over) < 0.09


def test_a_small_window_exceeds_the_usual_limit_by_chance_alone() -> None:
    one = np.arange(1000.0)
    assert chance_stability(one, np.arange(40.0), 10, 0.05) > 0.25 > chance_stability(one, np.arange(400.0), 10, 0.05)
    assert chance_stability(np.full(9, 1.0), one, 10, 0.05) == 0.0


@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (8, 8), (20, 50), (100, 100), (7, 900)])
@pytest.mark.parametrize("shift", [0.3, 1.0])
def test_the_probability_of_a_distance_is_that_of_scipy(sizes: tuple[int, int], shift: float) -> None:
    draws = np.random.default_rng(8)
    one, other = draws.normal(size=sizes[0]), draws.normal(size=sizes[1]) + shift
    expected = ks_2samp(one, other, method="exact")
    assert distance_probability(expected.statistic, *sizes) == pytest.approx(expected.pvalue, abs=1e-9)


@pytest.mark.parametrize("distance", [0.02, 0.05, 0.08])
def test_the_probability_in_large_samples_is_near_the_exact_one(distance: float) -> None:
    expected = kstwo.sf(distance, 1000.0)
    assert distance_probability(distance, 2000, 2000) == pytest.approx(expected, abs=0.005)


def test_the_probability_of_no_distance_is_one_and_of_an_unknown_one_unknown() -> None:
    assert distance_probability(0.0, 5, 5) == 1.0
    assert math.isnan(distance_probability(math.nan, 5, 5))
    assert math.isnan(distance_probability(0.5, 0, 5))
    assert math.isnan(chance_stability(np.array([np.nan]), np.ones(3), 10, 0.05))
