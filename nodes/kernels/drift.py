"""How far two samples of one quantity lie apart: population stability index, Kolmogorov and Smirnov's distance.

Values that are missing or infinite take no part. A distance of samples without values is NaN: it is not known, which is
not the same as none. How likely a distance is where both samples are alike supposes independent values; features that
remember their past drift further by chance, so size and probability are both told. Several features at once are
compared in `nodes.kernels.discrepancy`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtri, gammaln, kolmogorov

from nodes.kernels.arrays import Array
from nodes.kernels.cross_section import ordered_sum

_LEAST_SHARE = 1e-4
_EXACT_CELLS = 10_000
_ROUNDING = 1e-9


def population_stability(expected: Array, actual: Array, n_bins: int) -> float:
    """Population stability index: sum((a - e) ln(a / e)) over bins of equal share in `expected`.

    0 where both fall alike; NaN where one sample is empty. A share of nothing counts as 0.0001. Where many values are
    equal there are fewer bins; a sample that never varies has three: less, equal, more.
    Source: Siddiqi (2006), Credit Risk Scorecards, chapter 10: under 0.1 alike, over 0.25 another population.
    """
    one, other = _present(expected), _present(actual)
    if not len(one) or not len(other):
        return math.nan
    edges = _edges(one, n_bins)
    shares = [_shares(sample, edges) for sample in (one, other)]
    before, after = (np.maximum(share, _LEAST_SHARE) for share in shares)
    return ordered_sum((after - before) * np.log(after / before))


def chance_stability(expected: Array, actual: Array, n_bins: int, p: float) -> float:
    """The population stability index that two alike samples of these sizes exceed with probability `p`.

    Formula: (1/n + 1/m) x the upper `p` quantile of chi-squared with bins - 1 degrees of freedom. An index below it is
    what chance alone does to a sample this small. NaN where one sample is empty; 0 where `expected` never varies.
    Source: Yurdakul (2018), Statistical Properties of Population Stability Index, section 3.
    """
    one, other = _present(expected), _present(actual)
    if not len(one) or not len(other):
        return math.nan
    edges = _edges(one, n_bins)
    degrees = int(np.count_nonzero(_shares(one, edges))) - 1
    return float(chdtri(degrees, p)) * (1.0 / len(one) + 1.0 / len(other)) if degrees else 0.0


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


def distance_probability(distance: float, n_expected: int, n_actual: int) -> float:
    """Probability that two alike samples of these sizes lie at least as far apart as `distance`.

    Exact, by counting the orders of all values, where the sizes multiply to at most 10,000; beyond, the limit with
    Stephens' correction: K((sqrt(e) + 0.12 + 0.11 / sqrt(e)) D), e = n m / (n + m). Ties make it too large, never too
    small. NaN where one sample is empty or the distance is not known.
    Source: Hodges (1958), Arkiv for Matematik 3(43), by paths; Stephens (1970), J. Royal Statistical Society B 32(1).
    """
    if not n_expected or not n_actual or math.isnan(distance):
        return math.nan
    if distance <= 0.0:
        return 1.0
    if n_expected * n_actual <= _EXACT_CELLS:
        return _path_probability(distance, n_expected, n_actual)
    size = math.sqrt(n_expected * n_actual / (n_expected + n_actual))
    return float(kolmogorov((size + 0.12 + 0.11 / size) * distance))


def _path_probability(distance: float, n_expected: int, n_actual: int) -> float:
    """One less the share of paths from (0, 0) to (n, m) that never leave |i/n - j/m| < distance."""
    steps = np.arange(n_actual + 1) / n_actual
    paths = np.zeros(n_actual + 1)
    paths[0] = 1.0
    for place in range(n_expected + 1):
        inside = np.abs(place / n_expected - steps) < distance - _ROUNDING
        paths = np.where(inside, np.cumsum(np.where(inside, paths, 0.0)), 0.0)
    every = gammaln(n_expected + n_actual + 1) - gammaln(n_expected + 1) - gammaln(n_actual + 1)
    return min(1.0, max(0.0, 1.0 - float(paths[-1]) / math.exp(float(every))))


def _edges(one: Array, n_bins: int) -> Array:
    """Upper edges of bins of equal share; one more below the least value where that is a bin of its own."""
    places = np.minimum((np.arange(1, n_bins) * len(one)) // n_bins, len(one) - 1)
    edges = np.unique(one[places])
    return np.insert(edges, 0, np.nextafter(one[0], -np.inf)) if edges[0] == one[0] else edges


def _shares(sample: Array, edges: Array) -> Array:
    """The share of a sample in each bin."""
    return np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1) / len(sample)


def _present(values: Array) -> Array:
    return np.sort(values[np.isfinite(values)])
