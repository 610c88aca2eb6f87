"""Targets for regression: what a share returned over the horizon, plain and in units of what was usual by then."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.label_panels import bets_of, exits_of, known_on
from nodes.vocabulary.units import CountColumn, DateColumn, FracColumn, Panel, ScoreColumn, Segments, Sessions


def forward_exits(
    path_bars: Panel,
    session_number_count: CountColumn,
    segments: Segments,
    label_horizon_sessions: Sessions,
    trade_delay_sessions: Sessions,
) -> Panel:
    """How a bet on each row ended that has no price barrier.

    Formula: the exit at the vertical barrier alone
    Unit: code, row, session number, fraction, flags. Missing: code OPEN or UNKNOWN, return NaN, the others -1.
    Source: nodes.kernels.barriers: halts and shares that end are as in the triple barrier.
    """
    every, never = np.ones(path_bars.height), np.full(path_bars.height, np.inf)
    session = session_number_count.to_numpy()
    bets = bets_of(every, (never, never), session, segments, (label_horizon_sessions, trade_delay_sessions))
    return Panel(exits_of(path_bars, bets, segments))


def forward_return_frac(forward_exits: Panel) -> FracColumn:
    """Total return over the horizon, from the entry's close.

    Formula: close at the vertical barrier * adjustment ratios since entry / entry close - 1
    Unit: fraction. Missing: null where the horizon is not over yet, or a price or ratio is missing.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, section 3.2 (fixed-time horizon).
    """
    return FracColumn(column(array(forward_exits["return_frac"])))


def forward_end_on(forward_exits: Panel, calendar: Panel) -> DateColumn:
    """The session by whose close the forward return was known.

    Formula: the calendar's session of the exit
    Unit: date. Missing: null where there is no outcome.
    Source: Lopez de Prado (2018), section 3.2.
    """
    return DateColumn(known_on(forward_exits, calendar["session_on"]))


def scaled_forward_return_score(
    forward_return_frac: FracColumn, volatility_frac: FracColumn, label_horizon_sessions: Sessions
) -> ScoreColumn:
    """Forward return in units of what the share usually moves over the horizon, by what was known at the row.

    Formula: forward_return_frac / (volatility_frac * sqrt(label_horizon_sessions))
    Unit: standard deviations. Missing: null where either is, or the volatility is 0.
    Source: Moskowitz, Ooi, Pedersen (2012), J. Financial Economics 104(2), section 2.4: returns scaled by ex-ante
    volatility.
    """
    usual = array(volatility_frac) * np.sqrt(label_horizon_sessions)
    with np.errstate(divide="ignore", invalid="ignore"):
        return ScoreColumn(column(array(forward_return_frac) / np.where(usual > 0.0, usual, np.nan)))
