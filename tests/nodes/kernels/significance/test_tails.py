"""Tail probabilities against scipy's distributions."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from nodes.kernels.significance.tails import two_sided, upper_chi_squared


@pytest.mark.parametrize("statistic", [-9.28, -1.96, 0.0, 0.5, 6.93])
@pytest.mark.parametrize("degrees", [1, 9, 240])
def test_both_sides_of_student_are_those_of_scipy(statistic: float, degrees: int) -> None:
    assert two_sided(statistic, degrees).p == pytest.approx(2.0 * stats.t.sf(abs(statistic), degrees))


def test_infinite_degrees_are_the_normal_distribution() -> None:
    assert two_sided(1.959963984540054, math.inf).p == pytest.approx(0.05)


def test_the_upper_tail_of_chi_squared_is_that_of_scipy() -> None:
    assert upper_chi_squared(3.84, 1).p == pytest.approx(stats.chi2.sf(3.84, 1))


@pytest.mark.parametrize(("statistic", "degrees"), [(math.nan, 5.0), (2.0, 0.0)])
def test_what_cannot_be_told_has_no_probability(statistic: float, degrees: float) -> None:
    found = two_sided(statistic, degrees)
    assert math.isnan(found.statistic)
    assert math.isnan(found.p)
