"""Least squares with errors that correlate inside clusters: firms, dates, or both at once.

Source: Liang and Zeger (1986), Biometrika 73(1), for one way; Cameron, Gelbach and Miller (2011), J. Business and
Economic Statistics 29(2), for two: variance by firm, plus by date, less by both. Small-sample corrections are those of
statsmodels: each part times G/(G - 1) (N - 1)/(N - K), with G of its own clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.tails import Tested, two_sided
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class ClusteredFit:
    """Coefficients of a regression with cluster-robust errors.

    Attributes:
        coefficients: least squares.
        covariance: of the coefficients. With two ways it can fail to be positive: then some errors are NaN.
        errors: square roots of its diagonal.
        n_clusters: of each way.
        tests: of each coefficient against 0: t with one degree of freedom fewer than the fewest clusters.
    """

    coefficients: Array
    covariance: Array
    errors: Array
    n_clusters: tuple[int, ...]
    tests: tuple[Tested, ...]


def clustered_fit(outcomes: Array, regressors: Array, clusters: tuple[Index, ...]) -> ClusteredFit:
    """Least squares of outcomes on regressors with errors robust to one or two ways of clustering.

    Args:
        outcomes: n values.
        regressors: n by k; the intercept is a column of ones.
        clusters: for each way, the cluster of each row as any whole number.

    Raises:
        DataError: a value is missing, regressors depend on each other, or a way has fewer than two clusters.
    """
    if not (np.isfinite(outcomes).all() and np.isfinite(regressors).all()):
        raise DataError("a row of the regression has a missing value; leave such rows out before the fit")
    if len(clusters) not in (1, 2):
        message = f"{len(clusters)} ways of clustering are not one or two; give one or two"
        raise DataError(message)
    rows, columns = regressors.shape
    if rows <= columns or np.linalg.matrix_rank(regressors) < columns:
        message = f"{columns} regressors over {rows} rows have no one solution; leave dependent ones out or add rows"
        raise DataError(message)
    bread = np.asarray(np.linalg.inv(_products(regressors, regressors)), dtype=np.float64)
    coefficients = _products(bread, _products(regressors, outcomes[:, None]))[:, 0]
    scores = regressors * (outcomes - np.sum(regressors * coefficients, axis=1))[:, None]
    codes = [np.unique(way, return_inverse=True)[1] for way in clusters]
    meat: Array = np.sum([sign * _meat(scores, code) for sign, code in _parts(codes)], axis=0)
    covariance = _products(bread, _products(meat, bread))
    counts = tuple(int(np.max(code)) + 1 for code in codes)
    return _tested(coefficients, covariance, counts)


def clustered_mean(values: Array, clusters: tuple[Index, ...]) -> ClusteredFit:
    """The mean of the values that are there, with errors robust to clusters: the cluster-robust test of a mean CAR."""
    known = np.isfinite(values)
    held = values[known]
    return clustered_fit(held, np.ones((len(held), 1)), tuple(way[known] for way in clusters))


def _parts(codes: list[Index]) -> list[tuple[float, Index]]:
    """The sets of clusters whose variances are added or taken off."""
    if len(codes) == 1:
        return [(1.0, codes[0])]
    both = codes[0] * (int(np.max(codes[1])) + 1) + codes[1]
    return [(1.0, codes[0]), (1.0, codes[1]), (-1.0, np.unique(both, return_inverse=True)[1])]


def _meat(scores: Array, code: Index) -> Array:
    """The corrected sum over clusters of the outer product of their summed scores."""
    rows, columns = scores.shape
    count = int(np.max(code)) + 1
    if count < 2:  # noqa: PLR2004  # between clusters there must be something to compare
        raise DataError("1 cluster says nothing of the spread between clusters; cluster by what has at least 2 values")
    sums = np.zeros((count, columns))
    for column in range(columns):
        sums[:, column] = np.bincount(code, weights=scores[:, column], minlength=count)
    corrected: Array = _products(sums, sums) * (count / (count - 1) * (rows - 1) / (rows - columns))
    return corrected


def _products(one: Array, other: Array) -> Array:
    """One transposed times the other, rows added in an order that no BLAS chooses."""
    total: Array = np.sum(one[:, :, None] * other[:, None, :], axis=0)
    return total


def _tested(coefficients: Array, covariance: Array, counts: tuple[int, ...]) -> ClusteredFit:
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(covariance))
    pairs = zip(coefficients.tolist(), errors.tolist(), strict=True)
    tests = tuple(two_sided(value / error if error > 0.0 else math.nan, min(counts) - 1) for value, error in pairs)
    return ClusteredFit(coefficients, covariance, errors, counts, tests)
