"""What a chart says of a share: averages, oscillators, bands, and where it stands in its year."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.averages import exponential_average, simple_average, span_alpha
from nodes.kernels.oscillators import (
    Spans,
    average_true_range,
    bollinger_bands,
    macd,
    relative_strength,
    stochastic,
)
from nodes.kernels.ratios import growth_column, ratio_column
from nodes.kernels.rolling import window_drawdown, window_growth, window_mean
from nodes.vocabulary.units import FracColumn, Score, ScoreColumn, Segments, Sessions, UsdColumn


def sma_gap_frac(
    close_usd: UsdColumn, adjustment_ratio: FracColumn, segments: Segments, sma_sessions: Sessions
) -> FracColumn:
    """By how much the close stands over its simple average.

    Formula: close / mean(close over sma_sessions bars, on today's share basis) - 1
    Unit: fraction. Missing: null until the window is full or where it misses a price.
    Source: Brock, Lakonishok, LeBaron (1992), J. Finance 47(5), moving-average rules.
    """
    average = simple_average(array(close_usd), array(adjustment_ratio), segments, sma_sessions)
    return FracColumn(growth_column(close_usd, column(average)))


def ema_gap_frac(
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    ema_sessions: Sessions,
    ema_warm_up_sessions: Sessions,
) -> FracColumn:
    """By how much the close stands over its exponential average.

    Formula: close / EMA(close; alpha = 2 / (ema_sessions + 1), started ema_warm_up_sessions bars before) - 1
    Unit: fraction. Missing: null until the warm-up is full or where it misses a price.
    Source: Appel (1979), The Moving Average Convergence-Divergence Method.
    """
    alpha = span_alpha(ema_sessions)
    average = exponential_average(array(close_usd), array(adjustment_ratio), segments, alpha, ema_warm_up_sessions)
    return FracColumn(growth_column(close_usd, column(average)))


def sma_cross_frac(
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    fast_sma_sessions: Sessions,
    sma_sessions: Sessions,
) -> FracColumn:
    """By how much the fast simple average stands over the slow one.

    Formula: SMA(fast_sma_sessions) / SMA(sma_sessions) - 1, both on today's share basis
    Unit: fraction. Missing: null until the slow window is full or where it misses a price.
    Source: Brock, Lakonishok, LeBaron (1992), J. Finance 47(5), moving-average rules.
    """
    close, ratio = array(close_usd), array(adjustment_ratio)
    fast, slow = (simple_average(close, ratio, segments, window) for window in (fast_sma_sessions, sma_sessions))
    return FracColumn(growth_column(column(fast), column(slow)))


def rsi_score(
    total_return_frac: FracColumn, segments: Segments, rsi_sessions: Sessions, rsi_warm_up_sessions: Sessions
) -> ScoreColumn:
    """Relative strength index of the returns, 0 to 100.

    Formula: 100 U / (U + D), Wilder's averages of rises and falls over rsi_sessions, in rsi_warm_up_sessions returns
    Unit: points, 0 to 100. Missing: null until the warm-up is full or where it misses a return.
    Source: Wilder (1978), New Concepts in Technical Trading Systems, section VI; on returns, so splits are no fall.
    """
    strength = relative_strength(array(total_return_frac), segments, rsi_sessions, rsi_warm_up_sessions)
    return ScoreColumn(column(strength))


def macd_frac(
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    macd_fast_sessions: Sessions,
    macd_slow_sessions: Sessions,
    macd_signal_sessions: Sessions,
    macd_warm_up_sessions: Sessions,
) -> FracColumn:
    """Convergence and divergence of two averages, less its own average, as a fraction of the price.

    Formula: (MACD line - signal) / close, spans macd_fast, macd_slow and macd_signal, in macd_warm_up_sessions bars
    Unit: fraction of the price. Missing: null until the warm-up is full or where it misses a price.
    Source: Appel (1979), The Moving Average Convergence-Divergence Method.
    """
    spans = Spans(macd_fast_sessions, macd_slow_sessions, macd_signal_sessions)
    found = macd(array(close_usd), array(adjustment_ratio), segments, spans, macd_warm_up_sessions)
    return FracColumn(ratio_column(column(found.histogram), close_usd))


def bollinger_place_frac(
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    band_sessions: Sessions,
    band_width_score: Score,
) -> FracColumn:
    """Where the close lies between the lower Bollinger band (0) and the upper (1): %b.

    Formula: (close - lower) / (upper - lower), bands of band_width_score deviations over band_sessions bars
    Unit: fraction. Missing: null until the window is full, where it misses a price, or where the price stood still.
    Source: Bollinger (2001), Bollinger on Bollinger Bands, chapter 8.
    """
    close = array(close_usd)
    bands = bollinger_bands(close, array(adjustment_ratio), segments, band_sessions, band_width_score)
    return FracColumn(column(bands.place(close)))


def atr_frac(
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    atr_sessions: Sessions,
    atr_warm_up_sessions: Sessions,
) -> FracColumn:
    """Average true range as a fraction of the price.

    Formula: Wilder's average of true ranges over atr_sessions, in atr_warm_up_sessions of them, / close
    Unit: fraction of the price. Missing: null until the warm-up is full or where it misses a price.
    Source: Wilder (1978), New Concepts in Technical Trading Systems, section III.
    """
    bars = (array(high_usd), array(low_usd), array(close_usd))
    ranges = average_true_range(bars, array(adjustment_ratio), segments, atr_sessions, atr_warm_up_sessions)
    return FracColumn(ratio_column(column(ranges), close_usd))


def stochastic_score(
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    stochastic_sessions: Sessions,
    stochastic_smoothing_sessions: Sessions,
) -> ScoreColumn:
    """Where the close lies in the range of the last bars, smoothed: %D.

    Formula: mean of 100 (close - low) / (high - low) of stochastic_sessions, over stochastic_smoothing_sessions
    Unit: points, 0 to 100. Missing: null until the windows are full, or where a range is empty.
    Source: Lane (1984), Lane's Stochastics, Stocks and Commodities 2(3).
    """
    bars = (array(high_usd), array(low_usd), array(close_usd))
    ratio, windows = array(adjustment_ratio), (stochastic_sessions, stochastic_smoothing_sessions)
    return ScoreColumn(column(stochastic(bars, ratio, segments, *windows)[1]))


def high_nearness_frac(total_return_frac: FracColumn, segments: Segments, high_sessions: Sessions) -> FracColumn:
    """How near the share is to its highest close of a year: 1 at the high.

    Formula: level / max(level) over high_sessions returns and the level before them, dividends reinvested
    Unit: fraction, 0 to 1. Missing: null until the window is full or where it misses a return.
    Source: George and Hwang (2004), J. Finance 59(5): the 52-week high.
    """
    return FracColumn(column(1.0 - window_drawdown(array(total_return_frac), segments, high_sessions)))


def month_reversal_frac(total_return_frac: FracColumn, segments: Segments, month_sessions: Sessions) -> FracColumn:
    """Return of the last month, which tends to turn.

    Formula: product of (1 + total_return_frac) over month_sessions, less 1
    Unit: fraction. Missing: null until the window is full or where it misses a return.
    Source: Jegadeesh (1990), J. Finance 45(3).
    """
    return FracColumn(column(window_growth(array(total_return_frac), segments, month_sessions)))


def week_reversal_frac(total_return_frac: FracColumn, segments: Segments, week_sessions: Sessions) -> FracColumn:
    """Return of the last week, which tends to turn.

    Formula: product of (1 + total_return_frac) over week_sessions, less 1
    Unit: fraction. Missing: null until the window is full or where it misses a return.
    Source: Lehmann (1990), Quarterly J. Economics 105(1).
    """
    return FracColumn(column(window_growth(array(total_return_frac), segments, week_sessions)))


def up_sessions_frac(total_return_frac: FracColumn, segments: Segments, high_sessions: Sessions) -> FracColumn:
    """Share of the sessions of a year that rose.

    Formula: mean(total_return_frac > 0) over high_sessions
    Unit: fraction, 0 to 1. Missing: null until the window is full or where it misses a return.
    Source: Da, Gurun, Warachka (2014), Review of Financial Studies 27(7): information that comes in small pieces.
    """
    returns = array(total_return_frac)
    rose = np.where(np.isnan(returns), np.nan, 1.0 * (returns > 0.0))
    return FracColumn(column(window_mean(rose, segments, high_sessions)))
