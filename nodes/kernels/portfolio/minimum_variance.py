"""The long-only portfolio of least variance under a cap on each asset."""

from __future__ import annotations

import clarabel
import numpy as np
from scipy import sparse

from nodes.kernels.arrays import Array, Index
from nodes.kernels.cross_section import ordered_sum
from nodes.kernels.portfolio.products import image
from nodes.kernels.portfolio.room import ROUNDING, require_room, volatilities
from nodes.vocabulary.errors import DataError

_TOLERANCE = 1e-10
_AT_BOUND = 1e-7
_ROUNDS = 100
_FLAT = 1e-11
"""Difference of marginal variances, of the largest variance, that only rounding can make."""


def minimum_variance_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """Long-only weights that add up to the gross target, each under the cap, with the least variance.

    Formula: argmin w'Cw with sum(w) = target_gross_frac and 0 <= w <= max_target_weight_frac
    No asset: no weight. One asset: the gross target. Collinear assets: one of the equal answers, always the same.
    Raises DataError when the caps cannot hold the target or when a variance is zero or missing.
    Source: Markowitz (1952), J. Finance 7(1), 77-91.
    """
    size = len(covariance)
    require_room(size, target_gross_frac, max_target_weight_frac)
    if size == 0:
        return np.empty(0)
    scale = float(np.max(volatilities(covariance)))
    if size * max_target_weight_frac <= target_gross_frac * (1.0 + ROUNDING):
        return np.full(size, target_gross_frac / size)
    matrix = covariance / scale**2
    weights = np.clip(_interior(matrix, target_gross_frac, max_target_weight_frac), 0.0, max_target_weight_frac)
    return _polished(matrix, weights, target_gross_frac, max_target_weight_frac)


def _interior(matrix: Array, gross: float, cap: float) -> Array:
    size = len(matrix)
    one = sparse.identity(size)
    rows = sparse.vstack([sparse.csc_matrix(np.ones((1, size))), one, -one], format="csc")
    bounds = np.concatenate([[gross], np.full(size, cap), np.zeros(size)])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _TOLERANCE
    settings.max_threads = 1
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(2 * size)]
    quadratic = sparse.csc_matrix(np.triu(matrix))
    found = clarabel.DefaultSolver(quadratic, np.zeros(size), rows, bounds, cones, settings).solve()
    if str(found.status) not in {"Solved", "AlmostSolved"}:
        message = f"portfolio of {size} assets was not solved: {found.status}"
        raise DataError(f"{message}; check its covariance for values far apart in size")
    return np.array(found.x)


def _polished(matrix: Array, weights: Array, gross: float, cap: float) -> Array:
    """The conditions of the optimum solved exactly, beginning with the assets off their bounds; else as it was.

    An interior point method ends near the bounds, never on them. Assets are put on a bound where the exact weights
    cross it, and taken off where that lowers the variance, until neither is so.
    """
    near = _AT_BOUND * max(gross, cap)
    low, high = weights < near, weights > cap - near
    for _ in range(_ROUNDS):
        exact, price = _exact(matrix, gross, np.where(high, cap, 0.0), np.flatnonzero(~(low | high)))
        under, over = exact < 0.0, exact > cap
        if under.any() or over.any():
            low, high = low | under, high | over
            continue
        marginal = image(matrix, exact) - price
        slack = _FLAT * float(np.abs(np.diagonal(matrix)).max())
        wrong = (low & (marginal < -slack)) | (high & (marginal > slack))
        if not wrong.any():
            return exact if abs(ordered_sum(exact) - gross) <= ROUNDING * gross else weights
        worst = int(np.argmax(np.where(wrong, np.abs(marginal), -1.0)))
        low[worst] = high[worst] = False
    return weights


def _exact(matrix: Array, gross: float, fixed: Array, free: Index) -> tuple[Array, float]:
    """The best weights with some of them fixed, and the marginal variance that the free ones share."""
    count = len(free)
    system = np.ones((count + 1, count + 1))
    system[:count, :count], system[count, count] = matrix[np.ix_(free, free)], 0.0
    goal = np.append(-image(matrix, fixed)[free], gross - ordered_sum(fixed))
    found = np.linalg.lstsq(system, goal, rcond=None)[0]
    weights = fixed.copy()
    weights[free] = found[:count]
    return weights, -float(found[count])
