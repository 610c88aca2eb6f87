"""Hierarchical risk parity: assets in a tree of likeness, risk split from trunk to leaves; nothing is inverted."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.products import quadratic_form
from nodes.kernels.portfolio.room import volatilities
from nodes.vocabulary.errors import DataError


def hrp_weights(covariance: Array, target_gross_frac: float) -> Array:
    """Long-only weights that add up to the gross target, by hierarchical risk parity.

    Formula: single linkage on the Euclidean distances of the rows of sqrt((1 - rho) / 2); leaves in the tree's order;
    each list of leaves is halved, the halves weighted by the other's variance at inverse-variance weights
    No asset: no weight. One asset: the gross target. Collinear assets have distance 0 and share as any others do.
    Raises DataError when the target is nothing, or a variance is zero or missing.
    Source: Lopez de Prado (2016), Building Diversified Portfolios that Outperform Out of Sample, J. Portfolio
    Management 42(4), sections "Tree clustering", "Quasi-diagonalization", "Recursive bisection".
    """
    if target_gross_frac <= 0.0:
        message = f"target_gross_frac {target_gross_frac} must be positive"
        raise DataError(f"{message}; raise it")
    size = len(covariance)
    volatility = volatilities(covariance)
    if size < 2:  # noqa: PLR2004  # a tree needs two leaves
        return np.full(size, target_gross_frac)
    correlation = np.clip(covariance / np.outer(volatility, volatility), -1.0, 1.0)
    distance = np.sqrt((1.0 - correlation) / 2.0)
    leaves = leaves_list(linkage(pdist(distance), "single"))
    weights = np.ones(size)
    _split(covariance, weights, leaves)
    return weights * target_gross_frac


def _split(covariance: Array, weights: Array, leaves: Array) -> None:
    """Halve a list of leaves, share its weight between the halves, and go on with each."""
    parts = [leaves]
    while parts:
        part = parts.pop()
        if len(part) < 2:  # noqa: PLR2004  # a leaf
            continue
        left, right = part[: len(part) // 2], part[len(part) // 2 :]
        one, other = _variance(covariance, left), _variance(covariance, right)
        weights[left] *= 1.0 - one / (one + other)
        weights[right] *= one / (one + other)
        parts += [left, right]


def _variance(covariance: Array, places: Array) -> float:
    """Variance of some assets at weights by inverse variance."""
    part = covariance[np.ix_(places, places)]
    inverse = 1.0 / np.diagonal(part)
    weights = inverse / inverse.sum()
    return quadratic_form(weights, part)
