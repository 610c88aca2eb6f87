"""How the returns of a share are spread: lopsidedness, tails, and the part that loses."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.moments import window_downside, window_kurtosis, window_skewness
from nodes.kernels.rolling import window_maximum, window_minimum
from nodes.vocabulary.units import FracColumn, ScoreColumn, Segments, Sessions


def return_skewness_score(log_return_frac: FracColumn, segments: Segments, moment_sessions: Sessions) -> ScoreColumn:
    """Skewness of the returns: positive where few large gains stand against many small losses.

    Formula: m3 / m2^1.5 of the last moment_sessions log returns
    Unit: pure number. Missing: null until the window is full, where it misses a return, or where none differs.
    Source: Harvey and Siddique (2000), J. Finance 55(3); g1 of Joanes and Gill (1998).
    """
    return ScoreColumn(column(window_skewness(array(log_return_frac), segments, moment_sessions)))


def return_kurtosis_score(log_return_frac: FracColumn, segments: Segments, moment_sessions: Sessions) -> ScoreColumn:
    """Excess kurtosis of the returns: how heavy the tails are beside the normal's.

    Formula: m4 / m2^2 - 3 of the last moment_sessions log returns
    Unit: pure number. Missing: null until the window is full, where it misses a return, or where none differs.
    Source: Dittmar (2002), J. Finance 57(1); g2 of Joanes and Gill (1998).
    """
    return ScoreColumn(column(window_kurtosis(array(log_return_frac), segments, moment_sessions)))


def downside_deviation_frac(
    total_return_frac: FracColumn, segments: Segments, volatility_sessions: Sessions
) -> FracColumn:
    """How far the returns fall under zero.

    Formula: sqrt(mean(min(r, 0)^2)) over the last volatility_sessions returns
    Unit: fraction, per session. Missing: null until the window is full or where it misses a return.
    Source: Sortino and van der Meer (1991), J. Portfolio Management 17(4).
    """
    return FracColumn(column(window_downside(array(total_return_frac), segments, volatility_sessions)))


def max_return_frac(total_return_frac: FracColumn, segments: Segments, month_sessions: Sessions) -> FracColumn:
    """The best session of the month: what makes a share a lottery ticket.

    Formula: max(total_return_frac) over month_sessions
    Unit: fraction. Missing: null until the window is full or where it misses a return.
    Source: Bali, Cakici, Whitelaw (2011), J. Financial Economics 99(2).
    """
    return FracColumn(column(window_maximum(array(total_return_frac), segments, month_sessions)))


def min_return_frac(total_return_frac: FracColumn, segments: Segments, month_sessions: Sessions) -> FracColumn:
    """The worst session of the month.

    Formula: min(total_return_frac) over month_sessions
    Unit: fraction. Missing: null until the window is full or where it misses a return.
    Source: Bali, Demirtas, Levy (2009), J. Financial and Quantitative Analysis 44(4): value at risk from minima.
    """
    return FracColumn(column(window_minimum(array(total_return_frac), segments, month_sessions)))
