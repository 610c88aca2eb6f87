"""How a share trades: what a dollar moves, what a round trip costs, and how busy it is beside its usual self."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.liquidity import abdi_ranaldo_spread, amihud_illiquidity, roll_spread
from nodes.kernels.moments import window_correlation
from nodes.kernels.ratios import growth_column, ratio_column
from nodes.kernels.rolling import window_mean, window_std
from nodes.vocabulary.units import BpsColumn, FracColumn, Segments, Sessions, SharesColumn, UsdColumn

_BPS, _MILLION = 1e4, 1e6


def dollar_volume_usd(close_usd: UsdColumn, volume_shares: SharesColumn) -> UsdColumn:
    """Money that changed hands in the session.

    Formula: close * volume
    Unit: USD. Missing: null where either is.
    Source: Brennan, Chordia, Subrahmanyam (1998), J. Financial Economics 49(3).
    """
    return UsdColumn(column(array(close_usd) * array(volume_shares)))


def amihud_illiquidity_frac(
    total_return_frac: FracColumn, dollar_volume_usd: UsdColumn, segments: Segments, liquidity_sessions: Sessions
) -> FracColumn:
    """Return that a million dollars of trading goes with.

    Formula: mean(|r| / dollar volume) over liquidity_sessions, times a million
    Unit: fraction per million USD. Missing: null until the window is full, or where a session did not trade.
    Source: Amihud (2002), J. Financial Markets 5(1), 31-56, equation 1.
    """
    ratio = amihud_illiquidity(array(total_return_frac), array(dollar_volume_usd), segments, liquidity_sessions)
    return FracColumn(column(ratio * _MILLION))


def roll_spread_bps(log_return_frac: FracColumn, segments: Segments, liquidity_sessions: Sessions) -> BpsColumn:
    """Spread ESTIMATED from the bounce between bid and ask: no quote was seen.

    Formula: 2 sqrt(-cov(r_t, r_t-1)) over liquidity_sessions pairs
    Unit: basis points. Missing: null until the window is full, and where returns follow one another.
    Source: Roll (1984), J. Finance 39(4), 1127-1139.
    """
    return BpsColumn(column(roll_spread(array(log_return_frac), segments, liquidity_sessions) * _BPS))


def abdi_ranaldo_spread_bps(
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    liquidity_sessions: Sessions,
) -> BpsColumn:
    """Spread ESTIMATED from closes against the middles of the ranges: no quote was seen.

    Formula: mean of sqrt(max(4 (c_t - m_t)(c_t - m_t+1), 0)) over liquidity_sessions pairs of days
    Unit: basis points. Missing: null until the window is full or where it misses a price.
    Source: Abdi and Ranaldo (2017), Review of Financial Studies 30(12), equation 11.
    """
    bars = (array(high_usd), array(low_usd), array(close_usd))
    spread = abdi_ranaldo_spread(bars, array(adjustment_ratio), segments, liquidity_sessions)
    return BpsColumn(column(spread * _BPS))


def relative_volume_frac(dollar_volume_usd: UsdColumn, adv_usd: UsdColumn) -> FracColumn:
    """How busy the session was beside the average one.

    Formula: dollar volume / adv_usd
    Unit: ratio. Missing: null where either is, or where the average is zero.
    Source: Gervais, Kaniel, Mingelgrin (2001), J. Finance 56(3).
    """
    return FracColumn(ratio_column(dollar_volume_usd, adv_usd))


def volume_trend_frac(
    dollar_volume_usd: UsdColumn, adv_usd: UsdColumn, segments: Segments, volume_trend_sessions: Sessions
) -> FracColumn:
    """How much busier the share is than over a longer while.

    Formula: adv_usd / mean(dollar volume over volume_trend_sessions) - 1
    Unit: fraction. Missing: null until the longer window is full or where it misses a volume.
    Source: Lee and Swaminathan (2000), J. Finance 55(5): change of volume.
    """
    longer = column(window_mean(array(dollar_volume_usd), segments, volume_trend_sessions))
    return FracColumn(growth_column(adv_usd, longer))


def volume_variability_frac(
    dollar_volume_usd: UsdColumn, adv_usd: UsdColumn, segments: Segments, adv_sessions: Sessions
) -> FracColumn:
    """How unsteady the trading is.

    Formula: std(dollar volume) / mean(dollar volume) over adv_sessions
    Unit: ratio. Missing: null until the window is full or where it misses a volume.
    Source: Chordia, Subrahmanyam, Anshuman (2001), J. Financial Economics 59(1).
    """
    spread = column(window_std(array(dollar_volume_usd), segments, adv_sessions))
    return FracColumn(ratio_column(spread, adv_usd))


def idle_sessions_frac(volume_shares: SharesColumn, segments: Segments, liquidity_sessions: Sessions) -> FracColumn:
    """Share of the sessions in which nothing traded.

    Formula: mean(volume = 0) over liquidity_sessions
    Unit: fraction, 0 to 1. Missing: null until the window is full or where a volume is not known.
    Source: Liu (2006), J. Financial Economics 82(3): days without trading.
    """
    volume = array(volume_shares)
    idle = np.where(np.isnan(volume), np.nan, 1.0 * (volume == 0.0))
    return FracColumn(column(window_mean(idle, segments, liquidity_sessions)))


def turnover_frac(volume_shares: SharesColumn, outstanding_shares: SharesColumn) -> FracColumn:
    """Share of the company that changed hands in the session.

    Formula: volume / outstanding shares
    Unit: fraction. Missing: null where either is.
    Source: Datar, Naik, Radcliffe (1998), J. Financial Markets 1(2).
    """
    return FracColumn(ratio_column(volume_shares, outstanding_shares))


def return_volume_correlation_frac(
    total_return_frac: FracColumn, dollar_volume_usd: UsdColumn, segments: Segments, liquidity_sessions: Sessions
) -> FracColumn:
    """Whether the share trades more when it rises.

    Formula: corr(total_return_frac, dollar volume) over liquidity_sessions
    Unit: correlation, -1 to 1. Missing: null until the window is full, or where either does not vary.
    Source: Karpoff (1987), J. Financial and Quantitative Analysis 22(1).
    """
    returns, volume = array(total_return_frac), array(dollar_volume_usd)
    return FracColumn(column(window_correlation(returns, volume, segments, liquidity_sessions)))
