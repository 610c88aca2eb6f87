"""Moving averages of a level, on the share basis of the window's last row.

A recursive average runs over a finite window, its warm-up, and starts anew from the oldest value there: the value of
a window computed alone is bit for bit that of the same window inside twenty years. What an average of unbounded
memory would add weighs (1 - alpha)^(warm_up - 1); `warm_up_sessions` says how long a warm-up makes it negligible.
"""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.windows import placed, require_window, share_bases, windows
from nodes.vocabulary.errors import DataError


def span_alpha(span: int) -> float:
    """Weight of the newest value in an exponential average of that span: 2 / (span + 1)."""
    require_window(span, 1)
    return 2.0 / (span + 1)


def wilder_alpha(window: int) -> float:
    """Weight of the newest value in Wilder's average: 1 / window."""
    require_window(window, 1)
    return 1.0 / window


def warm_up_sessions(alpha: float, weight: float) -> int:
    """The shortest warm-up that leaves older values at most `weight` of an average of unbounded memory."""
    if not (0.0 < alpha <= 1.0 and 0.0 < weight < 1.0):
        message = f"alpha {alpha} with a remaining weight of {weight} gives no warm-up"
        raise DataError(f"{message}; give an alpha over 0 up to 1 and a weight between 0 and 1")
    return 1 if alpha == 1.0 else 1 + max(0, math.ceil(math.log(weight) / math.log1p(-alpha)))


def simple_average(level: Array, ratio: Array, segments: Index, window: int) -> Array:
    """Mean of the last `window` levels (SMA).

    Args:
        level: prices as they were quoted.
        ratio: adjustment ratio of each row (2.0 on the day of a 2:1 split).
        segments: first row of each symbol, then the height.
        window: how many levels are averaged.
    """
    return _weighted(level, ratio, segments, np.ones(window))


def weighted_average(level: Array, ratio: Array, segments: Index, window: int) -> Array:
    """Average of the last `window` levels with weights 1, 2, ... window, the newest level weighing most (WMA)."""
    return _weighted(level, ratio, segments, np.arange(1.0, window + 1.0))


def exponential_average(level: Array, ratio: Array, segments: Index, alpha: float, warm_up: int) -> Array:
    """Average that moves by `alpha` of the distance to each new level, over the last `warm_up` levels (EMA).

    It starts from the oldest level of the window.
    """
    average, basis = np.empty(0), np.empty(0)
    with np.errstate(invalid="ignore", over="ignore"):
        for place, (step, basis) in enumerate(
            zip(windows(level, segments, warm_up), share_bases(ratio, segments, warm_up), strict=True)
        ):
            average = step.copy() if place == 0 else average + alpha * (step * basis - average)
        return placed(average / basis, segments, warm_up)


def _weighted(level: Array, ratio: Array, segments: Index, weights: Array) -> Array:
    """Average of the last levels by weights given oldest first."""
    window = len(weights)
    total, basis, mass = np.empty(0), np.empty(0), 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        for place, (step, basis) in enumerate(
            zip(windows(level, segments, window), share_bases(ratio, segments, window), strict=True)
        ):
            weight = float(weights[place])
            mass += weight
            total = weight * step if place == 0 else total + weight * (step * basis)
        return placed(total / basis / mass, segments, window)
