"""Portfolios by budgets of risk: each asset contributes its part of the variance; equal parts are ERC, or risk parity.

Minimise x'Rx / 2 - sum(b log x) over x = volatility * weight, R the correlations, b the budgets. Its optimum has
x (Rx) = b, so that contributions are as budgeted whatever the scale. It is found by Newton's method, guarded by a line
search. Under caps the scale matters: it is chosen so that the weights add up to the gross target; a capped asset sits
at its cap and contributes less (Richard and Roncalli 2019, Constrained Risk Budgeting Portfolios). A sum constraint in
its place would not do: its multiplier would unbalance the contributions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq

from nodes.kernels.arrays import Array
from nodes.kernels.cross_section import ordered_sum
from nodes.kernels.portfolio.products import image, inner_product, quadratic_form
from nodes.kernels.portfolio.room import ROUNDING, require_room, volatilities
from nodes.vocabulary.errors import DataError

_ACCEPTED = 1e-10
"""Largest relative distance of an uncapped asset's contribution from its budget."""
_SETTLED = 1e-14
_STEPS = 100
_ARMIJO = 1e-4
_TINIEST_STEP = 2.0**-40
_NEAR = 1e-6
"""A squared Newton decrement, in units of the least budget, from which on whole steps converge: the objective, whose
terms cancel, cannot tell such points apart. Source: Nesterov (2004), Introductory Lectures on Convex Optimization,
section 4.1.5.
"""
_FAR = 1e7
"""An exposure, in units of the scale, that only assets reach which hedge each other completely."""


def erc_weights(covariance: Array, target_gross_frac: float, max_target_weight_frac: float) -> Array:
    """Long-only weights that add up to the gross target, each under the cap, with equal risk contributions.

    No asset: no weight. One asset: the gross target. Collinear assets share the risk as any others do.
    Raises DataError when the caps cannot hold the target, when a variance is zero or missing, or when the assets
    hedge each other completely, so that there is no risk to share.

    Source: Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4), 60-70.
    """
    size = len(covariance)
    budgets = np.full(size, 1.0 / size) if size else np.empty(0)
    return risk_budget_weights(covariance, budgets, target_gross_frac, max_target_weight_frac)


def risk_budget_weights(
    covariance: Array, budgets: Array, target_gross_frac: float, max_target_weight_frac: float
) -> Array:
    """Long-only weights that add up to the gross target, each under the cap, contributing risk by their budgets.

    Formula: w_i (C w)_i = b_i w'Cw / sum(b) for each i under the cap; sum(w) = target_gross_frac
    An asset without budget has no weight. No asset, one asset, collinear and impossible ones: as in `erc_weights`.
    Source: Bruder and Roncalli (2012), Managing Risk Exposures Using the Risk Budgeting Approach; Spinu (2013), An
    Algorithm for Computing Risk Parity Weights, for the convex form and Newton's method.
    """
    _require_budgets(budgets, len(covariance))
    chosen = budgets > 0.0
    weights = np.zeros(len(budgets))
    count = int(chosen.sum())
    require_room(count, target_gross_frac, max_target_weight_frac)
    if count:
        part = covariance[np.ix_(chosen, chosen)] if count < len(budgets) else covariance
        own = budgets[chosen] / ordered_sum(budgets)
        weights[chosen] = _positive_weights(part, own, target_gross_frac, max_target_weight_frac)
    return weights


def budget_residual(weights: Array, covariance: Array, budgets: Array) -> float:
    """Largest relative distance of a contribution to the variance from its budget: the optimum's KKT residual.

    Formula: max |w_i (C w)_i / (b_i w'Cw) - 1|, budgets adding up to 1
    """
    contributions = weights * image(covariance, weights)
    return float(np.abs(contributions / (budgets * contributions.sum()) - 1.0).max(initial=0.0))


def _positive_weights(covariance: Array, budgets: Array, gross: float, cap: float) -> Array:
    size = len(budgets)
    volatility = volatilities(covariance)
    if size == 1 or size * cap <= gross * (1.0 + ROUNDING):
        return np.full(size, gross / size)
    correlation = covariance / np.outer(volatility, volatility)
    unbound = np.full(size, np.inf)
    free = exposures(correlation, budgets, unbound, _start(correlation, budgets))
    scale = gross / ordered_sum(free / volatility)
    weights = free * scale / volatility
    if float(weights.max()) <= cap:
        return np.asarray(weights)

    def weights_at(scale: float) -> Array:
        caps = cap * volatility / scale
        found = exposures(correlation, budgets, caps, np.minimum(free, caps))
        return np.minimum(found * scale / volatility, cap)

    return _capped(weights_at, gross, cap, scale)


def exposures(correlation: Array, budgets: Array, caps: Array, start: Array) -> Array:
    """Volatility times weight in units of the scale: minimises x'Rx / 2 - sum(b log x) over 0 < x <= caps.

    Newton's method in the space of what is free, projected on the caps, with a line search; from any start.
    Raises DataError when there is no minimum: the assets hedge each other completely.
    Source: Spinu (2013); projection: Bertsekas (1982), Projected Newton Methods, SIAM J. Control 20(2).
    """
    x, least = start.copy(), math.inf
    best = x
    for _ in range(_STEPS):
        marginal = image(correlation, x)
        gradient = marginal - budgets / x
        free = (x < caps) | (gradient > 0.0)
        gap = float(np.abs(x * marginal / budgets - 1.0)[free].max(initial=0.0))
        if gap < least:
            least, best = gap, x
        elif least < _ACCEPTED:
            break
        if gap < _SETTLED or float(x.max()) > _FAR:
            break
        x = _stepped(correlation, budgets, caps, x, gradient, free)
    if not least < _ACCEPTED:
        message = f"risk of {len(x)} assets does not come out as budgeted: a contribution is {least:.1e} off"
        raise DataError(f"{message}; check whether the assets hedge each other completely")
    return best


def _stepped(correlation: Array, budgets: Array, caps: Array, x: Array, gradient: Array, free: np.ndarray) -> Array:
    """One Newton step in the free part, halved until the objective falls enough, kept positive and under the caps."""
    places = np.flatnonzero(free)
    whole = len(places) == len(x)
    curvature = correlation.copy() if whole else correlation[np.ix_(places, places)]
    curvature[np.diag_indices(len(places))] += budgets[places] / x[places] ** 2
    try:
        factor = cho_factor(curvature, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError as error:
        message = f"risk of {len(x)} assets has no minimum along the way: {error}"
        raise DataError(f"{message}; check whether the assets hedge each other completely") from error
    direction = -cho_solve(factor, gradient[places])
    shrink = float((-direction / x[places]).max())
    length = 1.0 if shrink < 1.0 else 0.99 / shrink
    now, slope = _objective(correlation, budgets, x), inner_product(gradient[places], direction)
    is_near = -slope < _NEAR * float(budgets[places].min(initial=math.inf))
    while True:
        moved = x.copy()
        moved[places] = np.minimum(x[places] + length * direction, caps[places])
        falls = _objective(correlation, budgets, moved) <= now + _ARMIJO * length * slope + 1e-15 * abs(now)
        if is_near or falls or length < _TINIEST_STEP:
            return moved
        length /= 2.0


def _objective(correlation: Array, budgets: Array, x: Array) -> float:
    return quadratic_form(x, correlation) / 2.0 - inner_product(budgets, np.log(x))


def _start(correlation: Array, budgets: Array) -> Array:
    """The best multiple of sqrt(b): exact where assets are uncorrelated."""
    root = np.sqrt(budgets)
    variance = quadratic_form(root, correlation)
    return np.asarray(root / math.sqrt(max(variance, 1e-6)))


def _capped(weights_at: Callable[[float], Array], gross: float, cap: float, least: float) -> Array:
    """The weights at the scale where they add up to the gross target, the largest of them at the cap."""

    def excess(scale: float) -> float:
        return ordered_sum(weights_at(scale)) - gross

    most = least * 2.0
    while excess(most) < 0.0:
        most *= 2.0
    weights = weights_at(float(brentq(excess, least, most, xtol=1e-13, rtol=1e-11)))
    at_cap = weights >= cap * (1.0 - ROUNDING)
    rest = gross - cap * int(at_cap.sum())
    return np.where(at_cap, cap, weights * (rest / ordered_sum(weights[~at_cap])))


def _require_budgets(budgets: Array, size: int) -> None:
    if len(budgets) != size or not np.isfinite(budgets).all() or (budgets < 0.0).any():
        message = f"risk budgets {np.array2string(budgets, threshold=6)} for {size} assets"
        raise DataError(f"{message}; give each asset a budget of 0 or more")
    if size and not (budgets > 0.0).any():
        message = f"all {size} risk budgets are 0, so that there is no risk to take"
        raise DataError(f"{message}; give one asset a budget")
