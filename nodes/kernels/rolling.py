"""Statistics over a moving window, summed oldest value first, one window at a time.

Every function adds the window's values left to right, vectorised over windows and never over the values of one
window: a window computed alone is bit for bit the same window inside twenty years. A result is NaN where the
symbol has fewer rows than the window or where the window misses a value.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import row_in_block
from nodes.vocabulary.errors import DataError


def window_mean(values: Array, segments: Index, window: int) -> Array:
    """Mean of the last `window` values."""
    return _placed(_mean(_windows(values, window)), segments, window)


def window_std(values: Array, segments: Index, window: int) -> Array:
    """Sample standard deviation of the last `window` values: deviations from their mean, divisor window - 1."""
    _require(window, 2)
    columns = _windows(values, window)
    with np.errstate(invalid="ignore", over="ignore"):
        return _placed(np.sqrt(_co_moment(columns, columns) / (window - 1)), segments, window)


def window_beta(values: Array, factor: Array, segments: Index, window: int) -> Array:
    """Covariance with the factor over its variance, both over the last `window` values.

    NaN where the factor does not move: no slope is then defined.
    """
    _require(window, 2)
    columns, factors = _windows(values, window), _windows(factor, window)
    variance = _co_moment(factors, factors)
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = np.where(variance > 0.0, _co_moment(columns, factors) / variance, np.nan)
    return _placed(beta, segments, window)


def window_growth(returns: Array, segments: Index, window: int) -> Array:
    """Compounded return of the last `window` returns: the product of (1 + return), less 1."""
    growth: Array | None = None
    with np.errstate(invalid="ignore", over="ignore"):
        for step in _windows(returns, window):
            growth = 1.0 + step if growth is None else growth * (1.0 + step)
    return _placed((np.empty(0) if growth is None else growth) - 1.0, segments, window)


def window_drawdown(returns: Array, segments: Index, window: int) -> Array:
    """Loss from the highest level of the last `window` sessions to the last one: 0 at the peak, never negative.

    The level before the window's first return counts as a level, so `window` returns span window + 1 levels.
    """
    steps = _windows(returns, window)
    if not steps:
        return _placed(np.empty(0), segments, window)
    level = np.ones(len(steps[0]))
    peak = level
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for step in steps:
            level = level * (1.0 + step)
            peak = np.maximum(peak, level)
        return _placed(1.0 - level / peak, segments, window)


def _windows(values: Array, window: int) -> list[Array]:
    """For each place in the window, oldest first, its value in every window; empty when no window fits."""
    _require(window, 1)
    count = len(values) - window + 1
    return [values[place : place + count] for place in range(window)] if count > 0 else []


def _mean(columns: list[Array]) -> Array:
    if not columns:
        return np.empty(0)
    with np.errstate(invalid="ignore", over="ignore"):
        total = columns[0].copy()
        for step in columns[1:]:
            total += step
    return total / len(columns)


def _co_moment(left: list[Array], right: list[Array]) -> Array:
    """Sum of the products of deviations from the two means."""
    left_mean, right_mean = _mean(left), _mean(right)
    total = np.zeros(len(left_mean))
    with np.errstate(invalid="ignore", over="ignore"):
        for one, other in zip(left, right, strict=True):
            total += (one - left_mean) * (other - right_mean)
    return total


def _placed(results: Array, segments: Index, window: int) -> Array:
    """The results on the last row of their window; NaN where the window reaches into another symbol."""
    placed = np.full(int(segments[-1]), np.nan)
    if len(results):
        placed[window - 1 :] = results
    placed[row_in_block(segments) < window - 1] = np.nan
    return placed


def _require(window: int, least: int) -> None:
    if window < least:
        message = f"a window of {window} sessions is too short; give at least {least}"
        raise DataError(message)
