"""How much of a share trades in a day, and what crossing its spread may cost."""

from __future__ import annotations

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.ranges import corwin_schultz_spread
from nodes.kernels.ratios import ratio_column
from nodes.kernels.rolling import window_mean
from nodes.vocabulary.units import BpsColumn, FracColumn, Segments, Sessions, SharesColumn, UsdColumn

_BPS = 1e4


def adv_usd(close_usd: UsdColumn, volume_shares: SharesColumn, segments: Segments, adv_sessions: Sessions) -> UsdColumn:
    """Average daily value traded; in money, so that a split does not move it.

    Formula: mean(close * volume) over the last adv_sessions bars
    Unit: USD per session. Missing: null until the window is full, or where a close or a volume is missing.
    Source: Kissell (2014), The Science of Algorithmic Trading: average daily volume, here in money.
    """
    return UsdColumn(column(window_mean(array(close_usd) * array(volume_shares), segments, adv_sessions)))


def adv_shares(adv_usd: UsdColumn, close_usd: UsdColumn) -> SharesColumn:
    """Average daily volume in today's shares.

    Formula: adv_usd / close, cut to whole shares
    Unit: shares per session. Missing: null where either is.
    Source: Kissell (2014), The Science of Algorithmic Trading: average daily volume.
    """
    return SharesColumn(whole_column(array(ratio_column(adv_usd, close_usd))))


def estimated_spread_bps(
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    spread_sessions: Sessions,
) -> BpsColumn:
    """Bid-ask spread ESTIMATED from daily highs and lows: no quote was seen, and for liquid shares it is too high.

    Formula: mean over spread_sessions of max(0, 2 (e^a - 1) / (1 + e^a)), a from two days' ranges as in the source
    Unit: basis points of the price, bid to ask. Missing: null until the window is full, or where it misses a price.
    Source: Corwin and Schultz (2012), J. Finance 67(2), equations 14 and 18, overnight moves taken out as there.
    """
    bars = (array(high_usd), array(low_usd), array(close_usd))
    spread = corwin_schultz_spread(bars, array(adjustment_ratio), segments, spread_sessions)
    return BpsColumn(column(spread * _BPS))
