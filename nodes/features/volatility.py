"""Volatility of a share by two estimators: from closes, and from highs and lows."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.ranges import parkinson_volatility
from nodes.kernels.rolling import window_std
from nodes.vocabulary.units import FracColumn, Segments, Sessions, UsdColumn


def log_return_frac(total_return_frac: FracColumn) -> FracColumn:
    """Logarithm of one plus the total return.

    Formula: ln(1 + total_return_frac)
    Unit: log fraction, per bar. Missing: null where the return is missing or loses everything.
    Source: Campbell, Lo, MacKinlay (1997), The Econometrics of Financial Markets, section 1.4.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return FracColumn(column(np.log1p(array(total_return_frac))))


def volatility_frac(log_return_frac: FracColumn, segments: Segments, volatility_sessions: Sessions) -> FracColumn:
    """Close-to-close volatility: sample standard deviation of log returns.

    Formula: sqrt(sum((r - mean(r))^2) / (n - 1)) over the last volatility_sessions log returns
    Unit: fraction, per session (not annualised). Missing: null until the window is full or where it misses a return.
    Source: Hull, Options, Futures, and Other Derivatives, 10th edition, section 15.4.
    """
    return FracColumn(column(window_std(array(log_return_frac), segments, volatility_sessions)))


def parkinson_volatility_frac(
    high_usd: UsdColumn, low_usd: UsdColumn, segments: Segments, parkinson_sessions: Sessions
) -> FracColumn:
    """Volatility within the session, from the range of high and low.

    Formula: sqrt(mean(ln(high / low)^2) / (4 ln 2)) over the last parkinson_sessions bars
    Unit: fraction, per session. Missing: null until the window is full, or where a bar misses a price or is inverted.
    Source: Parkinson (1980), J. Business 53(1), 61-65.
    """
    volatility = parkinson_volatility(array(high_usd), array(low_usd), segments, parkinson_sessions)
    return FracColumn(column(volatility))
