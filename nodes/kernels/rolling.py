"""Statistics over a moving window, summed oldest value first, one window at a time.

Every function adds the window's values left to right, vectorised over windows and never over the values of one
window: a window computed alone is bit for bit the same window inside twenty years. A result is NaN where the
symbol has fewer rows than the window or where the window misses a value.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.windows import Columns, placed, require_window, total, windows
from nodes.vocabulary.errors import DataError


def window_mean(values: Array, segments: Index, window: int) -> Array:
    """Mean of the last `window` values."""
    return placed(_mean(windows(values, segments, window)), segments, window)


def window_std(values: Array, segments: Index, window: int) -> Array:
    """Sample standard deviation of the last `window` values: deviations from their mean, divisor window - 1."""
    require_window(window, 2)
    columns = windows(values, segments, window)
    with np.errstate(invalid="ignore", over="ignore"):
        return placed(np.sqrt(_co_moment(columns, columns) / (window - 1)), segments, window)


def window_exponential_std(values: Array, segments: Index, alpha: float, warm_up: int) -> Array:
    """Sample standard deviation of the last `warm_up` values, each weighing 1 - alpha of the one after it.

    Formula: sqrt(sum(w (v - mean)^2) / sum(w) * s^2 / (s^2 - sum(w^2))), mean = sum(w v) / s, s = sum(w)
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 3.1, over a window that ends: what is
    older than the warm-up would weigh (1 - alpha)^warm_up of the newest.
    """
    require_window(warm_up, 2)
    if not 0.0 < alpha < 1.0:
        message = f"weight of the newest value was {alpha}, expected between 0 and 1; give a span over 1"
        raise DataError(message)
    columns = windows(values, segments, warm_up)
    weights = [(1.0 - alpha) ** age for age in range(warm_up - 1, -1, -1)]
    mass, squares = sum(weights), sum(weight * weight for weight in weights)
    if len(columns) == 0:
        return placed(np.empty(0), segments, warm_up)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = total([weight * column for weight, column in zip(weights, columns, strict=True)]) / mass
        away = [weight * (column - mean) ** 2 for weight, column in zip(weights, columns, strict=True)]
        return placed(np.sqrt(total(away) / mass * (mass * mass / (mass * mass - squares))), segments, warm_up)


def window_beta(values: Array, factor: Array, segments: Index, window: int) -> Array:
    """Covariance with the factor over its variance, both over the last `window` values.

    NaN where the factor does not move: no slope is then defined.
    """
    require_window(window, 2)
    columns, factors = windows(values, segments, window), windows(factor, segments, window)
    variance = _co_moment(factors, factors)
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = np.where(variance > 0.0, _co_moment(columns, factors) / variance, np.nan)
    return placed(beta, segments, window)


def window_covariance(values: Array, other: Array, segments: Index, window: int) -> Array:
    """Sample covariance of two columns over the last `window` rows: divisor window - 1."""
    require_window(window, 2)
    return placed(
        _co_moment(windows(values, segments, window), windows(other, segments, window)) / (window - 1), segments, window
    )


def window_growth(returns: Array, segments: Index, window: int) -> Array:
    """Compounded return of the last `window` returns: the product of (1 + return), less 1."""
    steps = windows(returns, segments, window)
    growth = np.empty(0)
    with np.errstate(invalid="ignore", over="ignore"):
        if isinstance(steps, np.ndarray):
            growth = np.multiply.accumulate(1.0 + steps, axis=0)[-1]
        else:
            for place, step in enumerate(steps):
                growth = growth * (1.0 + step) if place else 1.0 + step
    return placed(growth - 1.0, segments, window)


def window_drawdown(returns: Array, segments: Index, window: int) -> Array:
    """Loss from the highest level of the last `window` sessions to the last one: 0 at the peak, never negative.

    The level before the window's first return counts as a level, so `window` returns span window + 1 levels.
    """
    steps = windows(returns, segments, window)
    if len(steps) == 0:
        return placed(np.empty(0), segments, window)
    level = np.ones(len(steps[0]))
    peak = level
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if isinstance(steps, np.ndarray):
            levels = np.multiply.accumulate(1.0 + steps, axis=0)
            level, peak = levels[-1], np.maximum(peak, np.maximum.accumulate(levels, axis=0)[-1])
        else:
            for step in steps:
                level = level * (1.0 + step)
                peak = np.maximum(peak, level)
        return placed(1.0 - level / peak, segments, window)


def window_maximum(values: Array, segments: Index, window: int) -> Array:
    """Largest of the last `window` values."""
    return placed(_extreme(windows(values, segments, window), np.maximum), segments, window)


def window_minimum(values: Array, segments: Index, window: int) -> Array:
    """Smallest of the last `window` values."""
    return placed(_extreme(windows(values, segments, window), np.minimum), segments, window)


def window_place(values: Array, segments: Index, window: int) -> Array:
    """Where the last value lies between the smallest (0) and the largest (1) of the last `window` values.

    NaN where they are all one value.
    """
    low, high = window_minimum(values, segments, window), window_maximum(values, segments, window)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(high > low, (values - low) / (high - low), np.nan)


def window_rank(values: Array, segments: Index, window: int) -> Array:
    """Share of the `window` - 1 values before the last one that lie under it, those equal to it counted half."""
    require_window(window, 2)
    columns = windows(values, segments, window)
    if len(columns) == 0:
        return placed(np.empty(0), segments, window)
    last, halves = columns[-1], np.zeros(len(columns[-1]))
    with np.errstate(invalid="ignore"):
        if isinstance(columns, np.ndarray):
            halves += total(_halves(columns[:-1], last))
        else:
            for step in columns[:-1]:
                halves += _halves(step, last)
    rank = np.where(np.isnan(last), np.nan, halves / (2.0 * (window - 1)))
    return placed(rank, segments, window)


def _halves(values: Array, last: Array) -> Array:
    """2 for each value under the last one, 1 for each that equals it."""
    return np.where(np.isnan(values), np.nan, 1.0 * (values < last) + 1.0 * (values <= last))


def _extreme(columns: Columns, of_two: np.ufunc) -> Array:
    """The largest or the smallest of every window."""
    if len(columns) == 0:
        return np.empty(0)
    if isinstance(columns, np.ndarray):
        most: Array = of_two.accumulate(columns, axis=0)[-1]
        return most
    found = columns[0].copy()
    for step in columns[1:]:
        of_two(found, step, out=found)
    return found


def _mean(columns: Columns) -> Array:
    if len(columns) == 0:
        return np.empty(0)
    with np.errstate(invalid="ignore", over="ignore"):
        return total(columns) / len(columns)


def _co_moment(left: Columns, right: Columns) -> Array:
    """Sum of the products of deviations from the two means."""
    left_mean, right_mean = _mean(left), _mean(right)
    moment = np.zeros(len(left_mean))
    with np.errstate(invalid="ignore", over="ignore"):
        if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
            return moment + total((left - left_mean) * (right - right_mean))
        for one, other in zip(left, right, strict=True):
            moment += (one - left_mean) * (other - right_mean)
    return moment
