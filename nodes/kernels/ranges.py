"""What the daily high and low say about volatility and about the spread."""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_mean

_TWO_DAY = 3.0 - 2.0 * math.sqrt(2.0)


def parkinson_volatility(high: Array, low: Array, segments: Index, window: int) -> Array:
    """Daily volatility from the high-low range: sqrt(mean(ln(high/low)^2) / (4 ln 2)).

    NaN where a bar of the window has a high under its low. Source: Parkinson (1980), J. Business 53(1), 61-65.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        log_range = np.where(high >= low, np.log(high / low), np.nan)
        return np.sqrt(window_mean(log_range * log_range, segments, window) / (4.0 * math.log(2.0)))


def corwin_schultz_spread(bars: tuple[Array, Array, Array], ratio: Array, segments: Index, window: int) -> Array:
    """Mean of the last `window` two-day high-low estimates of the proportional spread, negative ones set to zero.

    Formula: spread = 2 (e^a - 1) / (1 + e^a), a = (sqrt(2 b) - sqrt(b)) / k - sqrt(g / k), k = 3 - 2 sqrt(2), b the sum
    of two squared daily log ranges, g the squared log range of both days together. The second day is moved
    by the overnight jump, when it opened a gap, and stands on the first day's share basis.

    Args:
        bars: high, low and close.
        ratio: adjustment ratio of each row (2.0 on the day of a 2:1 split).
        segments: first row of each symbol, then the height.
        window: how many two-day estimates are averaged.

    Source: Corwin and Schultz (2012), J. Finance 67(2), equations 14 and 18, and what they say of overnight moves.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        high, low, close = (np.log(part) for part in bars)
        before = [lagged(part, segments, 1) - np.log(ratio) for part in (high, low, close)]
        jump = np.maximum(low - before[2], 0.0) + np.minimum(high - before[2], 0.0)
        high, low = high - jump, low - jump
        b = (before[0] - before[1]) ** 2 + (high - low) ** 2
        g = (np.maximum(before[0], high) - np.minimum(before[1], low)) ** 2
        a = (np.sqrt(2.0 * b) - np.sqrt(b)) / _TWO_DAY - np.sqrt(g / _TWO_DAY)
        spread = 2.0 * (np.exp(a) - 1.0) / (1.0 + np.exp(a))
        return window_mean(np.maximum(spread, 0.0), segments, window)
