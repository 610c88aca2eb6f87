"""Fractional differentiation: as much memory taken out of a price as makes it stationary, and no more.

A weight of order d lies between those of a price (d = 0) and of a return (d = 1). Source of all: Lopez de Prado (2018),
Advances in Financial Machine Learning, chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.windows import placed, share_bases, windows
from nodes.vocabulary.errors import DataError

_LEAST_OBSERVATIONS = 12
"""The test regresses three coefficients; with fewer observations its critical value says nothing."""


@dataclass(frozen=True)
class Order:
    """An order of differentiation and what it leaves.

    Attributes:
        order: d.
        adf: Dickey-Fuller statistic of the differentiated series.
        critical: its critical value at 5 %: under it the series passes for stationary.
        correlation: of the differentiated series with the level.
    """

    order: float
    adf: float
    critical: float
    correlation: float

    @property
    def is_stationary(self) -> bool:
        """Whether the test rejects a unit root at 5 %."""
        return self.adf < self.critical


def fractional_weights(order: float, size: int) -> Array:
    """The first weights, that of the newest value first.

    Formula: w_0 = 1, w_k = -w_(k-1) (d - k + 1) / k
    Unit: ratio. Missing: none.
    Source: equation of section 5.4.2.
    """
    if size < 1:
        raise DataError(f"{size} weights differentiate nothing; ask for at least 1")
    k = np.arange(1.0, size)
    return np.concatenate(([1.0], np.cumprod(-(order - k + 1.0) / k)))


def fixed_width_weights(order: float, min_weight: float, max_size: int) -> Array:
    """The weights up to the first whose size is under `min_weight`, and at most `max_size` of them.

    Source: section 5.5, snippet 5.3.
    """
    weights = fractional_weights(order, max_size)
    small = np.flatnonzero(np.abs(weights) < min_weight)
    return weights[: small[0]] if len(small) else weights


def fixed_width_difference(price: Array, ratio: Array, segments: Index, weights: Array) -> Array:
    """Fractionally differentiated logarithm of a price, over one window for all rows.

    Formula: sum over k of w_k ln(price_(t-k), on the share basis of row t)
    Unit: log price. Missing: NaN until the window is full, and where it misses a price or a ratio.
    Source: section 5.5, snippet 5.3.

    Args:
        price: as it was quoted.
        ratio: adjustment ratio of each row: 2.0 on the day of a 2:1 split.
        segments: first row of each share, then the height.
        weights: that of the newest price first.
    """
    window = len(weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(price)
        total, log_basis, mass = np.empty(0), np.empty(0), 0.0
        for place, (step, basis) in enumerate(
            zip(windows(level, segments, window), share_bases(ratio, segments, window), strict=True)
        ):
            weight, log_basis = float(weights[window - 1 - place]), np.log(basis)
            mass += weight
            term = weight * (step + log_basis)
            total = term if place == 0 else total + term
        return placed(total - mass * log_basis, segments, window)


def expanding_difference(level: Array, order: float, max_loss: float) -> Array:
    """Fractionally differentiated level of one series, each row over all rows up to it.

    Formula: sum over k <= t of w_k level_(t-k); the first rows are left out while the share of the absolute weights
    that they miss is over `max_loss`
    Unit: that of the level. Missing: NaN on the rows left out; a missing level makes all after it NaN.
    Source: section 5.4, snippet 5.2. The window grows with the rows: later values are of another law than early ones.
    """
    size = len(level)
    if not size:
        return np.empty(0)
    weights = fractional_weights(order, size)
    missed = np.cumsum(np.abs(weights[::-1]))
    skipped = int(np.count_nonzero(missed / missed[-1] > max_loss))
    total = np.zeros(size)
    with np.errstate(invalid="ignore"):
        for lag in range(size):
            total[lag:] += weights[lag] * level[: size - lag]
    total[:skipped] = np.nan
    return total


def adf_statistic(values: Array) -> float:
    """The augmented Dickey-Fuller statistic with a constant and one lag; NaN where it is not defined.

    Formula: t of b in: change_t = a + b value_(t-1) + c change_(t-1) + e
    Unit: standard errors. Missing: NaN under 12 values, with a missing one, or without variation.
    Source: Dickey and Fuller (1979), J. American Statistical Association 74, 427-431; one lag as in snippet 5.4.
    """
    if len(values) < _LEAST_OBSERVATIONS or not np.isfinite(values).all():
        return float("nan")
    change = np.diff(values)
    target, level, lag = (_centred(part) for part in (change[1:], values[1:-1], change[:-1]))
    ll, gg, lg = np.sum(level * level), np.sum(lag * lag), np.sum(level * lag)
    lt, gt = np.sum(level * target), np.sum(lag * target)
    determinant = ll * gg - lg * lg
    if determinant <= 0.0:
        return float("nan")
    slope, drag = (lt * gg - gt * lg) / determinant, (gt * ll - lt * lg) / determinant
    rest = target - slope * level - drag * lag
    variance = np.sum(rest * rest) / (len(target) - 3)
    return float(slope / np.sqrt(variance * gg / determinant)) if variance > 0.0 else float("nan")


def adf_critical(n_values: int) -> float:
    """The critical value at 5 % of `adf_statistic` over so many values.

    Source: MacKinnon (2010), Critical Values for Cointegration Tests, Queen's Economics Department Working Paper 1227,
    table 2: one variable, constant.
    """
    size = n_values - 2.0
    return -2.86154 - 2.8903 / size - 4.234 / size**2 - 40.04 / size**3


def differentiations(level: Array, orders: Array, min_weight: float) -> tuple[Order, ...]:
    """What each order of differentiation leaves of a level without gaps.

    Source: section 5.6, snippet 5.4.
    """
    found = []
    for order in orders.tolist():
        weights = fixed_width_weights(order, min_weight, len(level))
        values, kept = _over_window(level, weights), level[len(weights) - 1 :]
        found.append(Order(order, adf_statistic(values), adf_critical(len(values)), _correlation(values, kept)))
    return tuple(found)


def least_order(level: Array, orders: Array, min_weight: float) -> float:
    """The smallest of some orders that makes a level stationary; NaN where none does.

    Source: section 5.6: the least d that passes keeps most memory.
    """
    passing = [item.order for item in differentiations(level, np.sort(orders), min_weight) if item.is_stationary]
    return passing[0] if passing else float("nan")


def adjusted_log_levels(log_returns: Array) -> Array:
    """The logarithm of a price in total return, 0 before the first return; a missing return moves nothing."""
    return np.cumsum(np.nan_to_num(log_returns))


def _over_window(level: Array, weights: Array) -> Array:
    """Weighted sums of each full window of one series, the first weight for its newest value."""
    n_full = len(level) - len(weights) + 1
    total = np.zeros(n_full)
    for lag, weight in enumerate(weights.tolist()):
        begin = len(weights) - 1 - lag
        total += weight * level[begin : begin + n_full]
    return total


def _centred(values: Array) -> Array:
    return values - np.mean(values)


def _correlation(one: Array, other: Array) -> float:
    left, right = _centred(one), _centred(other)
    scale = np.sqrt(np.sum(left * left) * np.sum(right * right))
    return float(np.sum(left * right) / scale) if scale > 0.0 else float("nan")
