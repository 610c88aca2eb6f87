"""How far two samples of one quantity lie apart: population stability index, Kolmogorov and Smirnov's distance."""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.cross_section import ordered_sum

_LEAST_SHARE = 1e-4


def population_stability(expected: Array, actual: Array, n_bins: int) -> float:
    """Population stability index: sum((a - e) ln(a / e)) over bins of equal share in `expected`.

    0 where both fall alike; NaN where one sample is empty. A share of nothing counts as 0.0001.
    Source: Siddiqi (2006), Credit Risk Scorecards, chapter 10: under 0.1 alike, over 0.25 another population.
    """
    one, other = _present(expected), _present(actual)
    if not len(one) or not len(other):
        return math.nan
    places = np.minimum((np.arange(1, n_bins) * len(one)) // n_bins, len(one) - 1)
    edges = np.unique(one[places])
    shares = [_shares(sample, edges) for sample in (one, other)]
    before, after = (np.maximum(share, _LEAST_SHARE) for share in shares)
    return ordered_sum((after - before) * np.log(after / before))


def greatest_distance(expected: Array, actual: Array) -> float:
    """Two-sample statistic of Kolmogorov and Smirnov: the greatest distance of the two distribution functions.

    NaN where one sample is empty. Source: Smirnov (1948), Annals of Mathematical Statistics 19(2).
    """
    one, other = _present(expected), _present(actual)
    if not len(one) or not len(other):
        return math.nan
    values = np.concatenate((one, other))
    below = [np.searchsorted(sample, values, side="right") / len(sample) for sample in (one, other)]
    return float(np.max(np.abs(below[0] - below[1])))


def _shares(sample: Array, edges: Array) -> Array:
    """The share of a sample in each bin."""
    return np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1) / len(sample)


def _present(values: Array) -> Array:
    return np.sort(values[np.isfinite(values)])
