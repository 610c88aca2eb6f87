"""Portfolios by convex optimisation: equal risk contribution under caps, and minimum variance.

Equal risk contribution (ERC) is solved as risk budgeting: minimise x'Rx / 2 - t^2 sum(log x) / n over x = volatility *
weight, R the correlations. Every asset under its cap then contributes the same variance t^2 / n. The scale t is
chosen so that the weights add up to the gross target; a capped asset sits at its cap and contributes less
(Richard and Roncalli 2019, Constrained Risk Budgeting Portfolios). A sum constraint in its place would not do: its
multiplier would unbalance the contributions.

Deterministic: cold starts, fixed tolerances, cvxpy problems compiled once a size, of which only parameters change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import cvxpy as cp
import numpy as np
from cvxpy.atoms.affine.binary_operators import MulExpression, multiply
from cvxpy.atoms.affine.sum import sum as total
from cvxpy.atoms.elementwise.log import log
from cvxpy.atoms.sum_squares import sum_squares
from scipy.optimize import brentq

from nodes.kernels.arrays import Array
from nodes.kernels.cross_section import ordered_sum
from nodes.kernels.risk import products, risk_contributions
from nodes.vocabulary.errors import DataError

_TOLERANCE = 1e-8
_ACCEPTED = 1e-7
"""Largest relative difference between the contributions of uncapped assets that counts as equal."""
_NEWTON_STEPS = 32
_FLAT = 1e-13
_FAR = 1e3
"""A cap that no exposure in units of t can reach unless its hedge is all but complete."""
_ROUNDING = 1e-9
"""Slack on caps and totals that only rounding can need."""


def erc_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """Long-only weights that add up to the gross target, each under the cap, with equal risk contributions.

    No asset: no weight. One asset: the gross target. Collinear assets share the risk as any others do.
    Raises DataError when the caps cannot hold the target, when a variance is zero or missing, or when the assets
    hedge each other completely, so that there is no risk to share.

    Source: Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4), 60-70.
    """
    size = len(covariance)
    _require_room(size, target_gross_frac, max_target_weight_frac)
    if size == 0:
        return np.empty(0)
    volatility = _volatilities(covariance)
    if size == 1 or size * max_target_weight_frac <= target_gross_frac * (1.0 + _ROUNDING):
        return np.full(size, target_gross_frac / size)
    correlation = covariance / np.outer(volatility, volatility)
    with _compiled_budget(size) as conic:
        free = conic.exposures(correlation)
        scale = target_gross_frac / ordered_sum(free / volatility)
        weights = free * scale / volatility
        if float(weights.max()) > max_target_weight_frac:

            def weights_at(scale: float) -> Array:
                caps = max_target_weight_frac * volatility / scale
                return np.minimum(conic.exposures(correlation, caps, free) * scale / volatility, max_target_weight_frac)

            weights = _capped(weights_at, target_gross_frac, max_target_weight_frac, scale)
    _require_balance(weights, covariance, max_target_weight_frac)
    return weights


def minimum_variance_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """Long-only weights that add up to the gross target, each under the cap, with the least variance.

    Raises DataError when the caps cannot hold the target or when a variance is zero or missing.
    Source: Markowitz (1952), J. Finance 7(1), 77-91.
    """
    size = len(covariance)
    _require_room(size, target_gross_frac, max_target_weight_frac)
    if size == 0:
        return np.empty(0)
    scale = float(np.max(_volatilities(covariance)))
    weights = cp.Variable(size)
    risk = sum_squares(MulExpression(cp.Constant(_root(covariance / scale**2).T), weights))
    problem = cp.Problem(
        cp.Minimize(risk), [total(weights) == target_gross_frac, weights >= 0.0, weights <= max_target_weight_frac]
    )
    _solve(problem)
    return np.clip(np.asarray(weights.value, dtype=np.float64), 0.0, max_target_weight_frac)


@dataclass(frozen=True)
class _Budget:
    """One compiled risk-budgeting problem of a size; only its parameters change between solves."""

    problem: cp.Problem
    exposure: cp.Variable
    root: cp.Parameter
    budget: cp.Parameter
    cap: cp.Parameter

    def exposures(self, correlation: Array, caps: Array | None = None, start: Array | None = None) -> Array:
        """Volatility times weight in units of the scale t, each under its cap.

        From a start near enough the first-order conditions settle without the solver.
        """
        caps = np.full(len(correlation), _FAR) if caps is None else np.minimum(caps, _FAR)
        settled = None if start is None else _settled(start, correlation, caps)
        if settled is not None:
            return settled
        self.root.value = _root(correlation).T
        self.budget.value = np.full(len(caps), 1.0 / len(caps))
        self.cap.value = caps
        _solve(self.problem)
        solution = np.asarray(self.exposure.value, dtype=np.float64)
        settled = _settled(solution, correlation, caps)
        return solution if settled is None else settled


def _settled(exposure: Array, correlation: Array, caps: Array) -> Array | None:
    """The exposures moved by Newton steps until the first-order conditions hold to the last bits; None if they do not.

    An interior point method stops when the objective is right; where it is flat, the exposures are not yet.
    """
    exposure = np.minimum(exposure, caps)
    for _ in range(_NEWTON_STEPS):
        gradient = products(correlation, exposure) - 1.0 / (len(exposure) * exposure)
        free = (exposure < caps) | (gradient > 0.0)
        if not free.any() or float(np.abs(gradient[free]).max()) < _FLAT:
            return exposure
        curvature = correlation[np.ix_(free, free)] + np.diag(1.0 / (len(exposure) * exposure[free] ** 2))
        moved = exposure[free] - np.linalg.solve(curvature, gradient[free])
        exposure[free] = np.minimum(np.maximum(moved, exposure[free] / 2.0), caps[free])
    return None


@contextmanager
def _compiled_budget(size: int) -> Iterator[_Budget]:
    """A compiled problem of a size for one caller at a time: solving writes to it, and threads must not share it."""
    idle = _idle_budgets(size)
    try:
        budget = idle.pop()
    except IndexError:
        budget = _new_budget(size)
    try:
        yield budget
    finally:
        idle.append(budget)


@lru_cache(maxsize=64)
def _idle_budgets(size: int) -> list[_Budget]:  # noqa: ARG001  # one list a size
    return []


def _new_budget(size: int) -> _Budget:
    exposure = cp.Variable(size)
    root = cp.Parameter((size, size))
    budget, cap = cp.Parameter(size, nonneg=True), cp.Parameter(size, nonneg=True)
    risk = sum_squares(MulExpression(root, exposure))
    objective = cp.Minimize(risk / 2.0 - total(multiply(budget, log(exposure))))
    return _Budget(cp.Problem(objective, [exposure <= cap]), exposure, root, budget, cap)


def _capped(weights_at: Callable[[float], Array], gross: float, cap: float, least: float) -> Array:
    """The weights at the scale where they add up to the gross target, the largest of them at the cap."""

    def excess(scale: float) -> float:
        return ordered_sum(weights_at(scale)) - gross

    most = least * 2.0
    while excess(most) < 0.0:
        most *= 2.0
    weights = weights_at(float(brentq(excess, least, most, xtol=1e-13, rtol=1e-11)))
    at_cap = weights >= cap * (1.0 - _ROUNDING)
    rest = gross - cap * int(at_cap.sum())
    return np.where(at_cap, cap, weights * (rest / ordered_sum(weights[~at_cap])))


def _solve(problem: cp.Problem) -> None:
    try:
        problem.solve(
            solver=cp.CLARABEL,
            warm_start=False,
            tol_gap_abs=_TOLERANCE,
            tol_gap_rel=_TOLERANCE,
            tol_feas=_TOLERANCE,
        )
    except cp.SolverError as error:
        message = f"portfolio of {problem.variables()[0].size} assets was not solved: {error}"
        raise DataError(f"{message}; check its covariance for values far apart in size") from error
    if problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
        message = f"portfolio of {problem.variables()[0].size} assets is {problem.status}"
        raise DataError(f"{message}; check that no mix of them is free of risk")


def _root(matrix: Array) -> Array:
    """A matrix whose product with its own transpose is `matrix`, also when that is singular."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _volatilities(covariance: Array) -> Array:
    variances = np.diagonal(covariance)
    for place, variance in enumerate(variances.tolist()):
        if not (variance > 0.0 and math.isfinite(variance)):
            message = f"asset {place} of {len(variances)} has variance {variance}, so it has no risk to share"
            raise DataError(f"{message}; leave it out of the selection")
    if not np.isfinite(covariance).all():
        message = f"covariance of {len(variances)} assets misses values"
        raise DataError(f"{message}; leave out assets that lack history")
    return np.sqrt(variances)


def _require_room(size: int, target_gross_frac: float, max_target_weight_frac: float) -> None:
    if target_gross_frac <= 0.0 or max_target_weight_frac <= 0.0:
        message = f"target_gross_frac {target_gross_frac} and max_target_weight_frac {max_target_weight_frac}"
        raise DataError(f"{message} must be positive; raise the one that is not")
    if size and size * max_target_weight_frac < target_gross_frac * (1.0 - _ROUNDING):
        message = (
            f"portfolio cannot be met: {size} assets of at most max_target_weight_frac {max_target_weight_frac} hold "
            f"{size * max_target_weight_frac:.6g}, under target_gross_frac {target_gross_frac}"
        )
        raise DataError(f"{message}; raise the cap, lower the gross target or select more assets")


def _require_balance(weights: Array, covariance: Array, max_target_weight_frac: float) -> None:
    shares = risk_contributions(weights, covariance)
    uncapped = shares[weights < max_target_weight_frac * (1.0 - _ROUNDING)]
    if not (ordered_sum(shares) > 0.0) or (len(uncapped) and np.ptp(uncapped) > _ACCEPTED * abs(uncapped).max()):
        message = f"risk contributions {np.array2string(shares, precision=6)} do not come out equal"
        raise DataError(f"{message}; check whether the assets hedge each other completely")
