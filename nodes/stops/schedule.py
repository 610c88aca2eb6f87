"""Stops that sell what fell too far from its recent peak, closer around events, as a schedule of the policy says."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.panels import last_values
from nodes.kernels.rolling import window_drawdown
from nodes.kernels.stops import is_within_window
from nodes.vocabulary.units import Flag, FlagRow, FracColumn, FracRow, Segments, Sessions, SharesRow


def is_event_window(
    session_on: date,
    stop_events_on: tuple[date, ...],
    before_event_sessions: Sessions,
    after_event_sessions: Sessions,
) -> Flag:
    """Whether a scheduled event is near enough that stops stand closer.

    Formula: -after_event_sessions <= weekdays from session_on to an event <= before_event_sessions, for any event
    Unit: truth value. Missing: never; without events it is false.
    Source: the policy's schedule; a day belongs there only if it was announced before the window opens.
    """
    return Flag(is_within_window(session_on, stop_events_on, before_event_sessions, after_event_sessions))


def stop_width_frac(
    last_volatility_frac: FracRow,
    is_event_window: Flag,
    stop_volatility_ratio: float,
    event_width_ratio: float,
    stop_sessions: Sessions,
) -> FracRow:
    """How far each symbol may fall from its peak before it is sold.

    Formula: stop_volatility_ratio * last_volatility_frac * sqrt(stop_sessions), times event_width_ratio in a window
    Unit: fraction of the peak. Missing: null where the volatility is.
    Source: Kaminski and Lo (2014), When Do Stop-Loss Rules Stop Losses?, J. Financial Markets 18: widths in volatility.
    """
    scale = stop_volatility_ratio * math.sqrt(stop_sessions) * (event_width_ratio if is_event_window else 1.0)
    return FracRow(column(array(last_volatility_frac) * scale))


def stop_fall_frac(total_return_frac: FracColumn, segments: Segments, stop_sessions: Sessions) -> FracRow:
    """How far each symbol is under the peak of its last sessions.

    Formula: 1 - level / max(level) over the last stop_sessions returns and the level before them, at the last row
    Unit: fraction of the peak. Missing: null until the window is full or where it misses a return.
    Source: Magdon-Ismail and Atiya (2004), Risk 17(10).
    """
    falls = window_drawdown(array(total_return_frac), segments, stop_sessions)
    return FracRow(last_values(column(falls), segments))


def is_stopped(stop_fall_frac: FracRow, stop_width_frac: FracRow) -> FlagRow:
    """Whether a symbol has fallen further than its stop allows.

    Formula: stop_fall_frac > stop_width_frac
    Unit: truth value. Missing: null where either is: what is not known is not safe.
    Source: definition.
    """
    return FlagRow(stop_fall_frac > stop_width_frac)


def stopped_order_shares(
    candidate_order_shares: SharesRow, position_shares: SharesRow, is_stopped: FlagRow
) -> SharesRow:
    """Order of each symbol once its stop has spoken: what is stopped is sold, and not bought again while it is.

    Formula: -position_shares where is_stopped, else candidate_order_shares
    Unit: shares, negative to sell. Missing: null where the stop is not known, or where the candidate is and no stop
    speaks: no order is proposed.
    Source: definition.
    """
    is_hit = is_stopped.fill_null(value=False).to_numpy()
    orders = np.where(is_hit, -array(position_shares), array(candidate_order_shares))
    return SharesRow(whole_column(np.where(is_stopped.is_null().to_numpy(), np.nan, orders)))
