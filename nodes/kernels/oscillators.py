"""What technical analysis makes of a window of prices: RSI, MACD, Bollinger bands, average true range, stochastic.

Prices are taken as they were quoted, with the adjustment ratio of each row, and stand on the share basis of the
window's last row. Recursive ones run over a finite warm-up: see `nodes.kernels.averages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.averages import span_alpha, wilder_alpha
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_mean
from nodes.kernels.windows import placed, require_window, share_bases, windows
from nodes.vocabulary.errors import DataError

Range: TypeAlias = tuple[Array, Array, Array]
"""High, low and close."""


@dataclass(frozen=True)
class Spans:
    """How many sessions the three averages of MACD span.

    Attributes:
        fast: the shorter average of the price.
        slow: the longer one.
        signal: the average of their difference.
    """

    fast: int
    slow: int
    signal: int

    def __post_init__(self) -> None:
        if not 1 <= self.fast < self.slow or self.signal < 1:
            message = f"spans of {self.fast}, {self.slow} and {self.signal} sessions make no MACD"
            raise DataError(f"{message}; give a fast span under the slow one, and a signal of at least 1")


@dataclass(frozen=True)
class Macd:
    """MACD in the unit of the price.

    Attributes:
        line: fast less slow average.
        signal: average of the line.
    """

    line: Array
    signal: Array

    @property
    def histogram(self) -> Array:
        """Line less signal."""
        return self.line - self.signal


@dataclass(frozen=True)
class Bands:
    """Bollinger bands.

    Attributes:
        middle: simple average.
        deviation: population standard deviation of the levels.
        width: how many deviations each band lies from the middle.
    """

    middle: Array
    deviation: Array
    width: float

    @property
    def lower(self) -> Array:
        """The band under the middle."""
        return self.middle - self.width * self.deviation

    @property
    def upper(self) -> Array:
        """The band over the middle."""
        return self.middle + self.width * self.deviation

    def place(self, level: Array) -> Array:
        """Where the level lies from the lower band (0) to the upper (1): %b; NaN where the bands meet."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.deviation > 0.0, (level - self.lower) / (self.upper - self.lower), np.nan)


def relative_strength(steps: Array, segments: Index, window: int, warm_up: int) -> Array:
    """Wilder's RSI of the steps of a level, 0 to 100: 100 U / (U + D), averages of rises U and of falls D.

    The first averages are means of the first `window` steps of the warm-up; each later step moves them by 1 / window
    of the distance. 50 where the level stands still. `steps` are changes on one share basis, or returns.
    Source: Wilder (1978), New Concepts in Technical Trading Systems, section VI.
    """
    _require_warm_up(window, warm_up)
    rises = falls = np.empty(0)
    alpha = wilder_alpha(window)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for place, step in enumerate(windows(steps, segments, warm_up)):
            up, down = np.maximum(step, 0.0), np.maximum(-step, 0.0)
            rises, falls = _wilder(rises, up, place, window, alpha), _wilder(falls, down, place, window, alpha)
        moved = rises + falls
        strength = np.where(moved == 0.0, 50.0, 100.0 * rises / moved)
    return placed(strength, segments, warm_up)


def macd(level: Array, ratio: Array, segments: Index, spans: Spans, warm_up: int) -> Macd:
    """Moving average convergence and divergence, over the last `warm_up` levels.

    The averages start from the oldest level of the window, the signal from nothing.
    Source: Appel (1979), The Moving Average Convergence-Divergence Method.
    """
    fast = slow = signal = basis = np.empty(0)
    with np.errstate(invalid="ignore", over="ignore"):
        for place, (step, basis) in enumerate(
            zip(windows(level, segments, warm_up), share_bases(ratio, segments, warm_up), strict=True)
        ):
            if place == 0:
                fast, slow, signal = step.copy(), step.copy(), step - step
                continue
            fast = fast + span_alpha(spans.fast) * (step * basis - fast)
            slow = slow + span_alpha(spans.slow) * (step * basis - slow)
            signal = signal + span_alpha(spans.signal) * (fast - slow - signal)
        line, signal = (fast - slow) / basis, signal / basis
    return Macd(placed(line, segments, warm_up), placed(signal, segments, warm_up))


def bollinger_bands(level: Array, ratio: Array, segments: Index, window: int, width: float) -> Bands:
    """Simple average of the last `window` levels, and `width` population deviations around it.

    Source: Bollinger (2001), Bollinger on Bollinger Bands, chapter 7.
    """
    require_window(window, 2)
    columns, bases = windows(level, segments, window), list(share_bases(ratio, segments, window))
    if len(columns) == 0:
        return Bands(placed(np.empty(0), segments, window), placed(np.empty(0), segments, window), width)
    total, squares = np.zeros(len(columns[0])), np.zeros(len(columns[0]))
    with np.errstate(invalid="ignore", over="ignore"):
        for step, basis in zip(columns, bases, strict=True):
            total += step * basis
        middle = total / window
        for step, basis in zip(columns, bases, strict=True):
            squares += (step * basis - middle) ** 2
        deviation = np.sqrt(squares / window)
        return Bands(
            placed(middle / bases[-1], segments, window), placed(deviation / bases[-1], segments, window), width
        )


def average_true_range(bars: Range, ratio: Array, segments: Index, window: int, warm_up: int) -> Array:
    """Wilder's average of true ranges, in the unit of the price, over the last `warm_up` of them.

    A true range reaches from the previous close when that lies outside the bar. The first average is the mean of the
    first `window` true ranges of the warm-up.
    Source: Wilder (1978), New Concepts in Technical Trading Systems, section III.
    """
    _require_warm_up(window, warm_up)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        before = lagged(bars[2], segments, 1) / ratio
        true_range = np.maximum(bars[0], before) - np.minimum(bars[1], before)
        average, basis, alpha = np.empty(0), np.empty(0), wilder_alpha(window)
        steps = zip(windows(true_range, segments, warm_up), share_bases(ratio, segments, warm_up), strict=True)
        for place, (step, basis) in enumerate(steps):
            average = _wilder(average, step * basis, place, window, alpha)
        return placed(average / basis, segments, warm_up)


def stochastic(bars: Range, ratio: Array, segments: Index, window: int, smoothing: int) -> tuple[Array, Array]:
    """Where the close lies in the range of the last `window` bars, 0 to 100 (%K), and its mean over `smoothing` (%D).

    NaN where the range is empty. Source: Lane (1984), Lane's Stochastics, Stocks and Commodities 2(3).
    """
    require_window(window, 1)
    high = low = close = np.empty(0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        columns = zip(
            *(windows(part, segments, window) for part in bars), share_bases(ratio, segments, window), strict=True
        )
        for place, (highest, lowest, last, basis) in enumerate(columns):
            high = highest if place == 0 else np.maximum(high, highest * basis)
            low = lowest if place == 0 else np.minimum(low, lowest * basis)
            close = last * basis
        fast = placed(np.where(high > low, 100.0 * (close - low) / (high - low), np.nan), segments, window)
    return fast, window_mean(fast, segments, smoothing)


def _wilder(average: Array, step: Array, place: int, window: int, alpha: float) -> Array:
    """The average after one more step: a mean of the first `window` ones, recursive afterwards."""
    if place == 0:
        return step / window
    return average + step / window if place < window else average + alpha * (step - average)


def _require_warm_up(window: int, warm_up: int) -> None:
    if warm_up < window:
        message = f"a warm-up of {warm_up} sessions is shorter than the window of {window}"
        raise DataError(f"{message}; give at least as many")
    require_window(window, 1)
