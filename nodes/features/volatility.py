"""Volatility of a share: from closes, each alike or the recent ones more, and from highs and lows."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.averages import span_alpha
from nodes.kernels.ranges import parkinson_volatility
from nodes.kernels.rolling import window_exponential_std, window_std
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


def daily_volatility_frac(
    total_return_frac: FracColumn,
    segments: Segments,
    daily_volatility_sessions: Sessions,
    daily_volatility_warm_up_sessions: Sessions,
) -> FracColumn:
    """Volatility that weighs recent sessions more: exponential standard deviation of returns, after a finite warm-up.

    Formula: weighted sample deviation over the warm-up, weights (1 - 2 / (daily_volatility_sessions + 1))^age
    Unit: fraction, per session. Missing: null until the warm-up is full or where it misses a return.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 3.1 (getDailyVol).
    """
    alpha = span_alpha(daily_volatility_sessions)
    found = window_exponential_std(array(total_return_frac), segments, alpha, daily_volatility_warm_up_sessions)
    return FracColumn(column(found))


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
