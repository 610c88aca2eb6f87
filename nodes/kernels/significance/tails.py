"""Tail probabilities of the distributions that tests refer to, and the value that every test returns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import chdtrc, ndtr, stdtr


@dataclass(frozen=True, slots=True)
class Tested:
    """A statistic with its probability where nothing is the matter; NaN in both where it is undefined.

    Attributes:
        statistic: the value of the test statistic.
        p: probability of a value at least as extreme under the hypothesis tested.
        degrees: degrees of freedom of the reference distribution; infinite for the normal one.
    """

    statistic: float
    p: float
    degrees: float


def two_sided(statistic: float, degrees: float) -> Tested:
    """Student's t on both sides, the normal distribution with infinite degrees; NaN stays NaN."""
    if math.isnan(statistic) or degrees <= 0:
        return Tested(math.nan, math.nan, degrees)
    tail = float(ndtr(-abs(statistic)) if math.isinf(degrees) else stdtr(degrees, -abs(statistic)))
    return Tested(statistic, 2.0 * tail, degrees)


def upper_chi_squared(statistic: float, degrees: int) -> Tested:
    """The upper tail of chi-squared, as a likelihood ratio asks for it; NaN stays NaN."""
    return Tested(statistic, float(chdtrc(degrees, max(statistic, 0.0))), degrees)
