"""The latest value of what the order stage reads, one row a symbol, in the order of `symbols`."""

from __future__ import annotations

from datetime import date

import polars as pl

from nodes.kernels.arrays import array, column
from nodes.kernels.panels import lagged, last_values, sessions_after
from nodes.vocabulary.units import (
    BpsColumn,
    BpsRow,
    DateColumn,
    FracColumn,
    FracRow,
    Panel,
    Segments,
    SessionsRow,
    SharesColumn,
    SharesRow,
    UsdColumn,
    UsdRow,
)


def last_previous_close_usd(close_usd: UsdColumn, segments: Segments) -> UsdRow:
    """Close of the bar before each symbol's latest, raw: on the ex-date of a split it is of the old share.

    Formula: close_usd one row before the symbol's last
    Unit: USD per share. Missing: null where the symbol has one bar only, or that bar has no close.
    Source: nodes.market.bars.close_usd.
    """
    return UsdRow(last_values(column(lagged(array(close_usd), segments, 1)), segments))


def last_daily_return_frac(total_return_frac: FracColumn, segments: Segments) -> FracRow:
    """Total return of each symbol's latest bar.

    Formula: total_return_frac at the symbol's last row
    Unit: fraction. Missing: null where it is.
    Source: nodes.features.returns.total_return_frac.
    """
    return FracRow(last_values(total_return_frac, segments))


def last_overnight_gap_frac(overnight_gap_frac: FracColumn, segments: Segments) -> FracRow:
    """Overnight gap of each symbol's latest bar.

    Formula: overnight_gap_frac at the symbol's last row
    Unit: fraction. Missing: null where it is.
    Source: nodes.features.returns.overnight_gap_frac.
    """
    return FracRow(last_values(overnight_gap_frac, segments))


def last_adv_shares(adv_shares: SharesColumn, segments: Segments) -> SharesRow:
    """Average daily volume at each symbol's latest bar.

    Formula: adv_shares at the symbol's last row
    Unit: shares per session. Missing: null where it is.
    Source: nodes.features.liquidity.adv_shares.
    """
    return SharesRow(last_values(adv_shares, segments))


def last_volume_shares(volume_shares: SharesColumn, segments: Segments) -> SharesRow:
    """Shares traded in each symbol's latest bar.

    Formula: volume_shares at the symbol's last row
    Unit: shares. Missing: null where it is.
    Source: nodes.market.bars.volume_shares.
    """
    return SharesRow(last_values(volume_shares, segments))


def last_volatility_frac(volatility_frac: FracColumn, segments: Segments) -> FracRow:
    """Close-to-close volatility at each symbol's latest bar.

    Formula: volatility_frac at the symbol's last row
    Unit: fraction, per session. Missing: null where it is.
    Source: nodes.features.volatility.volatility_frac.
    """
    return FracRow(last_values(volatility_frac, segments))


def last_parkinson_volatility_frac(parkinson_volatility_frac: FracColumn, segments: Segments) -> FracRow:
    """Volatility within the session at each symbol's latest bar.

    Formula: parkinson_volatility_frac at the symbol's last row
    Unit: fraction, per session. Missing: null where it is.
    Source: nodes.features.volatility.parkinson_volatility_frac.
    """
    return FracRow(last_values(parkinson_volatility_frac, segments))


def last_beta_frac(beta_frac: FracColumn, segments: Segments) -> FracRow:
    """Beta to the index at each symbol's latest bar.

    Formula: beta_frac at the symbol's last row
    Unit: fraction of the index's move. Missing: null where it is.
    Source: nodes.features.beta.beta_frac.
    """
    return FracRow(last_values(beta_frac, segments))


def last_drawdown_frac(drawdown_frac: FracColumn, segments: Segments) -> FracRow:
    """Drawdown of the share at its latest bar.

    Formula: drawdown_frac at the symbol's last row
    Unit: fraction of the peak. Missing: null where it is.
    Source: nodes.features.drawdown.drawdown_frac.
    """
    return FracRow(last_values(drawdown_frac, segments))


def last_estimated_spread_bps(estimated_spread_bps: BpsColumn, segments: Segments) -> BpsRow:
    """Estimated spread at each symbol's latest bar.

    Formula: estimated_spread_bps at the symbol's last row
    Unit: basis points of the price. Missing: null where it is.
    Source: nodes.features.liquidity.estimated_spread_bps.
    """
    return BpsRow(last_values(estimated_spread_bps, segments))


def bar_age_sessions(bar_on: DateColumn, segments: Segments, index_panel: Panel, session_on: date) -> SessionsRow:
    """Sessions of the index since each symbol's latest bar: 0 when that bar is of this session.

    Formula: count of index sessions after the symbol's last bar_on, up to session_on
    Unit: sessions. Missing: never.
    Source: 17 CFR 240.15c3-5(c)(1)(ii) asks for controls on erroneous orders; a stale price makes one.
    """
    ages = sessions_after(index_panel["session_on"], last_values(bar_on, segments), session_on)
    return SessionsRow(pl.Series(ages))
