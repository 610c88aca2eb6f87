"""What of a share's moves the index explains, and what it leaves."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.moments import window_correlation, window_residual_std
from nodes.kernels.rolling import window_beta, window_growth
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def index_correlation_frac(
    total_return_frac: FracColumn, index_return_frac: FracColumn, segments: Segments, beta_sessions: Sessions
) -> FracColumn:
    """How closely the share follows the index.

    Formula: corr(total_return_frac, index_return_frac) over beta_sessions
    Unit: correlation, -1 to 1. Missing: null until the window is full, where it misses a return, or nothing varies.
    Source: Sharpe (1963), Management Science 9(2); correlation as in Frazzini and Pedersen (2014), section 3.
    """
    found = window_correlation(array(total_return_frac), array(index_return_frac), segments, beta_sessions)
    return FracColumn(column(found))


def idiosyncratic_volatility_frac(
    total_return_frac: FracColumn, index_return_frac: FracColumn, segments: Segments, beta_sessions: Sessions
) -> FracColumn:
    """How far the share moves on its own account.

    Formula: sqrt((Syy - beta Sxy) / (n - 2)) of the returns on those of the index, n = beta_sessions
    Unit: fraction, per session. Missing: null until the window is full, or where the index does not move.
    Source: Ang, Hodrick, Xing, Zhang (2006), J. Finance 61(1), here against the index alone.
    """
    found = window_residual_std(array(total_return_frac), array(index_return_frac), segments, beta_sessions)
    return FracColumn(column(found))


def downside_beta_frac(
    total_return_frac: FracColumn, index_return_frac: FracColumn, segments: Segments, beta_sessions: Sessions
) -> FracColumn:
    """Slope on the falls of the index alone: what the share does when it hurts.

    Formula: cov(r, min(index, 0)) / var(min(index, 0)) over beta_sessions
    Unit: fraction of the index's move. Missing: null until the window is full, or where the index never fell.
    Source: Bawa and Lindenberg (1977), J. Financial Economics 5(2); Ang, Chen, Xing (2006), RFS 19(4), with the falls
    censored at zero in place of left out.
    """
    index = array(index_return_frac)
    with np.errstate(invalid="ignore"):
        falls = np.minimum(index, 0.0)
    return FracColumn(column(window_beta(array(total_return_frac), falls, segments, beta_sessions)))


def index_momentum_frac(index_return_frac: FracColumn, segments: Segments, month_sessions: Sessions) -> FracColumn:
    """Return of the index over the last month.

    Formula: product of (1 + index_return_frac) over month_sessions, less 1
    Unit: fraction. Missing: null until the window is full or where it misses a return.
    Source: Cooper, Gutierrez, Hameed (2004), J. Finance 59(3): states of the market.
    """
    return FracColumn(column(window_growth(array(index_return_frac), segments, month_sessions)))


def relative_strength_frac(month_reversal_frac: FracColumn, index_momentum_frac: FracColumn) -> FracColumn:
    """By how much the share did better than the index over the last month.

    Formula: month_reversal_frac - index_momentum_frac
    Unit: fraction. Missing: null where either is.
    Source: Levy (1967), J. Finance 22(4): relative strength.
    """
    return FracColumn(column(array(month_reversal_frac) - array(index_momentum_frac)))
