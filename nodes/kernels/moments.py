"""Shape of the returns of a window: skewness, kurtosis, the part below a target, and what a factor leaves over.

Summed oldest value first, as in `nodes.kernels.rolling`.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.rolling import window_beta, window_covariance, window_mean, window_std
from nodes.kernels.windows import placed, require_window, total, windows


def window_skewness(values: Array, segments: Index, window: int) -> Array:
    """Skewness of the last `window` values: m3 / m2^1.5, central moments with divisor window.

    NaN where the values do not vary. Source: Joanes and Gill (1998), The Statistician 47(1), g1.
    """
    require_window(window, 3)
    second, third, _ = _central(values, segments, window)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(second > 0.0, third / second**1.5, np.nan)


def window_kurtosis(values: Array, segments: Index, window: int) -> Array:
    """Excess kurtosis of the last `window` values: m4 / m2^2 - 3, central moments with divisor window.

    NaN where the values do not vary. Source: Joanes and Gill (1998), The Statistician 47(1), g2.
    """
    require_window(window, 4)
    second, _, fourth = _central(values, segments, window)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(second > 0.0, fourth / (second * second) - 3.0, np.nan)


def window_downside(values: Array, segments: Index, window: int) -> Array:
    """Downside deviation from zero: sqrt(mean(min(value, 0)^2)) of the last `window` values.

    Source: Sortino and van der Meer (1991), J. Portfolio Management 17(4), target zero.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        below = np.minimum(values, 0.0)
        return np.sqrt(window_mean(below * below, segments, window))


def window_correlation(values: Array, other: Array, segments: Index, window: int) -> Array:
    """Pearson correlation of two columns over the last `window` rows; NaN where either does not vary."""
    spread = window_std(values, segments, window) * window_std(other, segments, window)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = window_covariance(values, other, segments, window) / spread
    return np.where(spread > 0.0, np.clip(found, -1.0, 1.0), np.nan)


def window_residual_std(values: Array, factor: Array, segments: Index, window: int) -> Array:
    """Standard deviation of what a line through the factor leaves over: sqrt((Syy - beta Sxy) / (window - 2)).

    Source: Greene, Econometric Analysis, section 4.4, s with two coefficients.
    """
    require_window(window, 3)
    beta = window_beta(values, factor, segments, window)
    with np.errstate(invalid="ignore", over="ignore"):
        total = window_std(values, segments, window) ** 2
        left = (total - beta * window_covariance(values, factor, segments, window)) * (window - 1)
        return np.sqrt(np.maximum(left, 0.0) / (window - 2))


def _central(values: Array, segments: Index, window: int) -> tuple[Array, Array, Array]:
    """The second, third and fourth central moment of every window."""
    columns = windows(values, segments, window)
    if len(columns) == 0:
        nothing = placed(np.empty(0), segments, window)
        return nothing, nothing, nothing
    with np.errstate(invalid="ignore", over="ignore"):
        mean = total(columns) / window
        moments = [np.zeros(len(mean)) for _ in range(3)]
        for step in [columns] if isinstance(columns, np.ndarray) else columns:
            gap = step - mean
            power = gap * gap
            for place in range(len(moments)):
                moments[place] += total(power) if isinstance(columns, np.ndarray) else power
                power = power * gap
    second, third, fourth = (placed(moment / window, segments, window) for moment in moments)
    return second, third, fourth
