"""How much trading moves a price, from daily bars alone. The range estimator of spreads is in `nodes.kernels.ranges`.

Kyle's lambda is not here: it needs signed order flow, which daily bars do not have; over trades it is `window_beta` of
the price's changes on signed volume.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index, positive
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_covariance, window_mean


def amihud_illiquidity(returns: Array, dollar_volume: Array, segments: Index, window: int) -> Array:
    """Mean of |return| / dollar volume over the last `window` rows: the return that a dollar of trading goes with.

    NaN where a day of the window did not trade: it has no such ratio.
    Source: Amihud (2002), J. Financial Markets 5(1), 31-56, equation 1.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        return window_mean(np.abs(returns) / positive(dollar_volume), segments, window)


def roll_spread(log_returns: Array, segments: Index, window: int) -> Array:
    """Proportional spread implied by the bounce between bid and ask: 2 sqrt(-cov(r_t, r_t-1)).

    The covariance is that of `window` pairs of neighbouring returns. NaN where it is positive: the model then says
    nothing, and zero would be a spread that nobody saw.
    Source: Roll (1984), J. Finance 39(4), 1127-1139, equation 3.
    """
    covariance = window_covariance(log_returns, lagged(log_returns, segments, 1), segments, window)
    with np.errstate(invalid="ignore"):
        return 2.0 * np.sqrt(np.where(covariance <= 0.0, -covariance, np.nan))


def abdi_ranaldo_spread(bars: tuple[Array, Array, Array], ratio: Array, segments: Index, window: int) -> Array:
    """Proportional spread from close, high and low: mean over `window` pairs of days of the two-day estimates.

    Formula: s_t = sqrt(max(4 (c_t - m_t)(c_t - m_t+1), 0)), c the log close, m the mean of log high and log low, the
    earlier day of a pair on the later one's share basis.
    Source: Abdi and Ranaldo (2017), Review of Financial Studies 30(12), equation 11, two-day corrected version.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        high, low, close = (np.log(part) for part in bars)
        middle, shift = 0.5 * (high + low), np.log(ratio)
        before = lagged(close, segments, 1) - shift
        own = before - (lagged(middle, segments, 1) - shift)
        pairs = np.sqrt(np.maximum(4.0 * own * (before - middle), 0.0))
    return window_mean(pairs, segments, window)
