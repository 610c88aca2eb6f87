"""Volatility of a share from whole bars: opening, high, low and close together."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.ranges import garman_klass_volatility, rogers_satchell_volatility, yang_zhang_volatility
from nodes.kernels.ratios import ratio_column
from nodes.vocabulary.units import FracColumn, Segments, Sessions, UsdColumn


def garman_klass_volatility_frac(
    open_usd: UsdColumn,
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    segments: Segments,
    range_sessions: Sessions,
) -> FracColumn:
    """Volatility within the session from range and body of the bars.

    Formula: sqrt(mean(ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2)) over the last range_sessions bars
    Unit: fraction, per session. Missing: null until the window is full, or where a bar contradicts itself.
    Source: Garman and Klass (1980), J. Business 53(1), 67-78.
    """
    bars = (array(open_usd), array(high_usd), array(low_usd), array(close_usd))
    return FracColumn(column(garman_klass_volatility(bars, segments, range_sessions)))


def rogers_satchell_volatility_frac(
    open_usd: UsdColumn,
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    segments: Segments,
    range_sessions: Sessions,
) -> FracColumn:
    """Volatility within the session that a trend does not inflate.

    Formula: sqrt(mean(ln(H/C) ln(H/O) + ln(L/C) ln(L/O))) over the last range_sessions bars
    Unit: fraction, per session. Missing: null until the window is full, or where a bar contradicts itself.
    Source: Rogers and Satchell (1991), Annals of Applied Probability 1(4), 504-512.
    """
    bars = (array(open_usd), array(high_usd), array(low_usd), array(close_usd))
    return FracColumn(column(rogers_satchell_volatility(bars, segments, range_sessions)))


def yang_zhang_volatility_frac(
    open_usd: UsdColumn,
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    range_sessions: Sessions,
) -> FracColumn:
    """Volatility of the whole day, night included, that a trend does not inflate.

    Formula: sqrt(V_overnight + k V_day + (1 - k) V_rs), k = 0.34 / (1.34 + (n + 1) / (n - 1)), n = range_sessions
    Unit: fraction, per session. Missing: null until the window is full, or where a bar contradicts itself.
    Source: Yang and Zhang (2000), J. Business 73(3), 477-491.
    """
    bars = (array(open_usd), array(high_usd), array(low_usd), array(close_usd))
    return FracColumn(column(yang_zhang_volatility(bars, array(adjustment_ratio), segments, range_sessions)))


def range_volatility_ratio_frac(yang_zhang_volatility_frac: FracColumn, volatility_frac: FracColumn) -> FracColumn:
    """How much the bars move beside what their closes show: over 1 where the day turns back.

    Formula: yang_zhang_volatility_frac / volatility_frac
    Unit: ratio. Missing: null where either is, or where the closes did not move.
    Source: Yang and Zhang (2000), J. Business 73(3), section IV: the efficiency of both estimators.
    """
    return FracColumn(ratio_column(yang_zhang_volatility_frac, volatility_frac))


def candle_body_frac(open_usd: UsdColumn, high_usd: UsdColumn, low_usd: UsdColumn, close_usd: UsdColumn) -> FracColumn:
    """How much of the session's range the move from opening to close makes up, with its sign.

    Formula: (close - open) / (high - low)
    Unit: fraction, -1 to 1. Missing: null where a price is, or where the range is empty.
    Source: Nison (1991), Japanese Candlestick Charting Techniques, chapter 3: real body.
    """
    return FracColumn(ratio_column(close_usd - open_usd, high_usd - low_usd))
