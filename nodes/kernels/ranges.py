"""What the daily high and low say about volatility and about the spread."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_mean, window_std
from nodes.kernels.windows import require_window

Bars: TypeAlias = tuple[Array, Array, Array, Array]
"""Open, high, low and close."""

_TWO_DAY = 3.0 - 2.0 * math.sqrt(2.0)


def parkinson_volatility(high: Array, low: Array, segments: Index, window: int) -> Array:
    """Daily volatility from the high-low range: sqrt(mean(ln(high/low)^2) / (4 ln 2)).

    NaN where a bar of the window has a high under its low. Source: Parkinson (1980), J. Business 53(1), 61-65.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        log_range = np.where(high >= low, np.log(high / low), np.nan)
        return np.sqrt(window_mean(log_range * log_range, segments, window) / (4.0 * math.log(2.0)))


def garman_klass_volatility(bars: Bars, segments: Index, window: int) -> Array:
    """Daily volatility from range and body: sqrt(mean(ln(high/low)^2 / 2 - (2 ln 2 - 1) ln(close/open)^2)).

    The move overnight is left out. NaN where a bar of the window contradicts itself, or where the mean is negative.
    Source: Garman and Klass (1980), J. Business 53(1), 67-78, the practical estimator.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        opening, high, low, close = (np.log(part) for part in _sound(bars))
        daily = 0.5 * (high - low) ** 2 - (2.0 * math.log(2.0) - 1.0) * (close - opening) ** 2
        return np.sqrt(window_mean(daily, segments, window))


def rogers_satchell_volatility(bars: Bars, segments: Index, window: int) -> Array:
    """Daily volatility without regard to drift: sqrt(mean(ln(H/C) ln(H/O) + ln(L/C) ln(L/O))).

    The move overnight is left out. NaN where a bar of the window contradicts itself.
    Source: Rogers and Satchell (1991), Annals of Applied Probability 1(4), 504-512.
    """
    with np.errstate(invalid="ignore"):
        return np.sqrt(window_mean(_rogers_satchell(bars), segments, window))


def yang_zhang_volatility(bars: Bars, ratio: Array, segments: Index, window: int) -> Array:
    """Daily volatility with the overnight move, without regard to drift.

    Formula: sqrt(V_o + k V_c + (1 - k) V_rs), with the sample variances V_o of ln(open / previous close * ratio) and
    V_c of ln(close / open) (divisor n - 1), V_rs the mean of Rogers and Satchell's terms (divisor n), and
    k = 0.34 / (1.34 + (n + 1) / (n - 1)). A window of n bars needs the close before it.

    Args:
        bars: open, high, low and close.
        ratio: adjustment ratio of each row (2.0 on the day of a 2:1 split).
        segments: first row of each symbol, then the height.
        window: n, at least 2.

    Source: Yang and Zhang (2000), J. Business 73(3), 477-491, equations 7 to 9.
    """
    require_window(window, 2)
    weight = 0.34 / (1.34 + (window + 1) / (window - 1))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        overnight = np.log(bars[0] / lagged(bars[3], segments, 1) * ratio)
        night = window_std(overnight, segments, window) ** 2
        day = window_std(np.log(bars[3] / bars[0]), segments, window) ** 2
        inside = window_mean(_rogers_satchell(bars), segments, window)
        return np.sqrt(night + weight * day + (1.0 - weight) * inside)


def _rogers_satchell(bars: Bars) -> Array:
    """The term of each day."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        opening, high, low, close = (np.log(part) for part in _sound(bars))
        terms: Array = (high - close) * (high - opening) + (low - close) * (low - opening)
    return terms


def _sound(bars: Bars) -> Bars:
    """The bars with NaN in place of those whose high or low does not enclose open and close."""
    opening, high, low, close = bars
    with np.errstate(invalid="ignore"):
        encloses = (high >= np.maximum(opening, close)) & (low <= np.minimum(opening, close)) & (low > 0.0)
    return (
        np.where(encloses, opening, np.nan),
        np.where(encloses, high, np.nan),
        np.where(encloses, low, np.nan),
        np.where(encloses, close, np.nan),
    )


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
