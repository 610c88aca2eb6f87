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

    Unit: USD per share. Missing: null where the symbol has one bar only, or that bar has no close.
    """
    return UsdRow(last_values(column(lagged(array(close_usd), segments, 1)), segments))


def last_daily_return_frac(total_return_frac: FracColumn, segments: Segments) -> FracRow:
    """Total return of each symbol's latest bar.

    Unit: fraction. Missing: null where it is.
    """
    return FracRow(last_values(total_return_frac, segments))


def last_overnight_gap_frac(overnight_gap_frac: FracColumn, segments: Segments) -> FracRow:
    """Overnight gap of each symbol's latest bar.

    Unit: fraction. Missing: null where it is.
    """
    return FracRow(last_values(overnight_gap_frac, segments))


def last_adv_shares(adv_shares: SharesColumn, segments: Segments) -> SharesRow:
    """Average daily volume at each symbol's latest bar.

    Unit: shares per session. Missing: null where it is.
    """
    return SharesRow(last_values(adv_shares, segments))


def last_volume_shares(volume_shares: SharesColumn, segments: Segments) -> SharesRow:
    """Shares traded in each symbol's latest bar.

    Unit: shares. Missing: null where it is.
    """
    return SharesRow(last_values(volume_shares, segments))


def last_volatility_frac(volatility_frac: FracColumn, segments: Segments) -> FracRow:
    """Close-to-close volatility at each symbol's latest bar.

    Unit: fraction, per session. Missing: null where it is.
    """
    return FracRow(last_values(volatility_frac, segments))


def last_parkinson_volatility_frac(parkinson_volatility_frac: FracColumn, segments: Segments) -> FracRow:
    """Volatility within the session at each symbol's latest bar.

    Unit: fraction, per session. Missing: null where it is.
    """
    return FracRow(last_values(parkinson_volatility_frac, segments))


def last_beta_frac(beta_frac: FracColumn, segments: Segments) -> FracRow:
    """Beta to the index at each symbol's latest bar.

    Unit: fraction of the index's move. Missing: null where it is.
    """
    return FracRow(last_values(beta_frac, segments))


def last_drawdown_frac(drawdown_frac: FracColumn, segments: Segments) -> FracRow:
    """Drawdown of the share at its latest bar.

    Unit: fraction of the peak. Missing: null where it is.
    """
    return FracRow(last_values(drawdown_frac, segments))


def last_estimated_spread_bps(estimated_spread_bps: BpsColumn, segments: Segments) -> BpsRow:
    """Estimated spread at each symbol's latest bar.

    Unit: basis points of the price. Missing: null where it is.
    """
    return BpsRow(last_values(estimated_spread_bps, segments))


def bar_age_sessions(bar_on: DateColumn, segments: Segments, index_panel: Panel, session_on: date) -> SessionsRow:
    """Sessions of the index since each symbol's latest bar: 0 when that bar is of this session.

    Unit: sessions. Missing: never.
    """
    ages = sessions_after(index_panel["session_on"], last_values(bar_on, segments), session_on)
    return SessionsRow(pl.Series(ages))
