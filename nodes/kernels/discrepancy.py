"""Whether two samples of several features come from one distribution: maximum mean discrepancy.

It sees what no feature shows alone, such as a correlation that turned. Source: Gretton, Borgwardt, Rasch, Scholkopf,
Smola (2012), A Kernel Two-Sample Test, J. Machine Learning Research 13.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.exact_sums import exact_sums, on_grid
from nodes.vocabulary.errors import DataError

_LEAST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The discrepancy of two samples.

    Attributes:
        squared: unbiased estimate of the squared discrepancy; under 0 by chance where the samples are alike. NaN where
            one sample has fewer than two complete rows.
        p: share of permutations that lie as far apart or further, the one that was observed among them.
        bandwidth: of the kernel, in the unit of the features as given.
        n_expected: complete rows of the first sample that were compared.
        n_actual: of the second.
    """

    squared: float
    p: float
    bandwidth: float
    n_expected: int
    n_actual: int


@dataclass(frozen=True, slots=True)
class Permutations:
    """How a discrepancy is judged.

    Attributes:
        n_permutations: how many; the least probability is 1 / (n + 1).
        max_rows: rows of each sample that are compared; of more, as many are drawn. Time grows with its square.
        seed: of all draws.
    """

    n_permutations: int
    max_rows: int
    seed: int

    def __post_init__(self) -> None:
        if self.n_permutations < 1 or self.max_rows < _LEAST_ROWS or self.seed < 0:
            message = f"{self} cannot be drawn; give at least 1 permutation, {_LEAST_ROWS} rows and a seed from 0 on"
            raise DataError(message)


def mean_discrepancy(expected: Array, actual: Array, permutations: Permutations) -> Discrepancy:
    """The squared maximum mean discrepancy of two samples with a Gaussian kernel, and its probability by permutation.

    Formula: mean of k(x, x') + mean of k(y, y') - 2 mean of k(x, y) over pairs of different rows,
    k(a, b) = exp(-|a - b|^2 / (2 s^2)), s the median distance of all pairs; where that is 0, the mean of distances.
    Missing: rows with a missing or infinite value are left out. Rows that are all equal: 0 with probability 1.
    Features count by their unit: bring them to one scale first.

    Args:
        expected: rows by features, one feature as one column.
        actual: the same features.
        permutations: how it is judged.
    """
    if expected.ndim != 2 or actual.ndim != 2 or expected.shape[1] != actual.shape[1]:  # noqa: PLR2004  # rows, features
        message = f"samples are {expected.shape} and {actual.shape}; give rows of the same features, one a column"
        raise DataError(message)
    rng = np.random.default_rng(permutations.seed)
    one, other = (_rows(sample, permutations.max_rows, rng) for sample in (expected, actual))
    if min(len(one), len(other)) < _LEAST_ROWS:
        return Discrepancy(math.nan, math.nan, math.nan, len(one), len(other))
    squares = _squared_distances(np.concatenate((one, other)))
    bandwidth = _bandwidth(squares)
    if bandwidth == 0.0:
        return Discrepancy(0.0, 1.0, 0.0, len(one), len(other))
    similar = np.exp(-squares / (2.0 * bandwidth**2))
    found = _discrepancies(similar, _labels(len(one), len(other), permutations.n_permutations, rng))
    share = float(np.count_nonzero(found >= found[0])) / len(found)
    return Discrepancy(float(found[0]), share, bandwidth, len(one), len(other))


def _rows(sample: Array, max_rows: int, rng: np.random.Generator) -> Array:
    """The complete rows of a sample, drawn without replacement where there are too many."""
    complete = sample[np.isfinite(sample).all(axis=1)]
    if len(complete) <= max_rows:
        return complete
    return complete[np.sort(rng.choice(len(complete), max_rows, replace=False))]


def _squared_distances(rows: Array) -> Array:
    """Of all pairs of rows, features added one after another."""
    squares = np.zeros((len(rows), len(rows)))
    for feature in rows.T:
        squares += (feature[:, None] - feature[None, :]) ** 2
    return squares


def _bandwidth(squares: Array) -> float:
    distances = np.sqrt(squares[np.triu_indices(len(squares), 1)])
    return float(np.median(distances)) or float(np.mean(distances))


def _labels(n_expected: int, n_actual: int, n_permutations: int, rng: np.random.Generator) -> Array:
    """1 where a row belongs to the first sample, one row a permutation; as it was observed first."""
    observed = np.repeat([1.0, 0.0], [n_expected, n_actual])
    return np.stack([observed, *(rng.permutation(observed) for _ in range(n_permutations))])


def _discrepancies(similar: Array, labels: Array) -> Array:
    """The squared discrepancy of each labelling, from exact sums: equal labellings give equal numbers."""
    count = len(similar)
    n_first = float(np.sum(labels[0]))
    n_second = count - n_first
    grid = on_grid(similar, count * count)
    whole = grid.whole
    to_first = exact_sums(labels, whole)
    first, across = np.sum(to_first * labels, axis=1), np.sum(to_first * (1.0 - labels), axis=1)
    diagonal = float(whole[0, 0])
    second = float(np.sum(whole)) - first - 2.0 * across
    within = (first - n_first * diagonal) / (n_first * (n_first - 1.0))
    within += (second - n_second * diagonal) / (n_second * (n_second - 1.0))
    values: Array = (within - 2.0 * across / (n_first * n_second)) * float(grid.spacing[0])
    return values
