"""The long-only portfolio of least variance under a cap on each asset."""

from __future__ import annotations

from typing import TypeAlias

import clarabel
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from nodes.kernels.arrays import Array, Index
from nodes.kernels.cross_section import ordered_sum
from nodes.kernels.portfolio.products import image
from nodes.kernels.portfolio.room import ROUNDING, require_room, volatilities
from nodes.vocabulary.errors import DataError

Flags: TypeAlias = npt.NDArray[np.bool_]
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
    matrix, none = covariance / scale**2, np.zeros(size, np.bool_)
    exact = _active_set(matrix, none, none, target_gross_frac, max_target_weight_frac)
    if exact is not None:
        return exact
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
    """The conditions solved exactly, beginning with the assets off their bounds; the weights as they were else.

    An interior point method ends near the bounds, never on them.
    """
    near = _AT_BOUND * max(gross, cap)
    exact = _active_set(matrix, weights < near, weights > cap - near, gross, cap)
    return weights if exact is None else exact


def _active_set(matrix: Array, low: Flags, high: Flags, gross: float, cap: float) -> Array | None:
    """The optimum from a guess of which assets are at nothing and which at the cap; None where it is not reached.

    Assets are put on a bound where the exact weights cross it, and taken off where that lowers the variance, until
    neither is so.
    """
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
            return exact if abs(ordered_sum(exact) - gross) <= ROUNDING * gross else None
        worst = wrong & (np.arange(len(wrong)) == int(np.argmax(np.where(wrong, np.abs(marginal), -1.0))))
        low, high = low & ~worst, high & ~worst
    return None


def _exact(matrix: Array, gross: float, fixed: Array, free: Index) -> tuple[Array, float]:
    """The best weights with some of them fixed, and the marginal variance that the free ones share."""
    weights, pull = fixed.copy(), image(matrix, fixed)[free]
    part = matrix if len(free) == len(matrix) else matrix[np.ix_(free, free)]
    try:
        factor = cho_factor(part, lower=True, check_finite=False)
        spread, away = cho_solve(factor, np.ones(len(free))), cho_solve(factor, pull)
        price = (gross - ordered_sum(fixed) + ordered_sum(away)) / ordered_sum(spread)
        weights[free] = price * spread - away
    except (np.linalg.LinAlgError, ZeroDivisionError):
        found = _least_squares(part, pull, gross - ordered_sum(fixed))
        weights[free], price = found[:-1], -float(found[-1])
    return weights, price


def _least_squares(part: Array, pull: Array, rest: float) -> Array:
    """The same where assets are collinear: of all answers the shortest, and after it the multiplier."""
    count = len(pull)
    system = np.ones((count + 1, count + 1))
    system[:count, :count], system[count, count] = part, 0.0
    return np.asarray(np.linalg.lstsq(system, np.append(-pull, rest), rcond=None)[0])
