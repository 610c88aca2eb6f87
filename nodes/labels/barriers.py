"""Triple-barrier labels: what became of a long bet on each event, and when it was known.

The laws of gaps, of bars that breach both barriers, of halts and of shares that end are in `nodes.kernels.barriers`.
"""

from __future__ import annotations

import polars as pl

from nodes.kernels.arrays import array, column
from nodes.kernels.barriers import barrier_labels, sign_labels
from nodes.kernels.label_panels import bets_of, exits_from, exits_of, known_on
from nodes.vocabulary.units import (
    CountColumn,
    DateColumn,
    FracColumn,
    Panel,
    Score,
    ScoreColumn,
    Segments,
    Sessions,
    UsdColumn,
)


def path_bars(
    open_usd: UsdColumn,
    high_usd: UsdColumn,
    low_usd: UsdColumn,
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    session_number_count: CountColumn,
) -> Panel:
    """The prices that bets are followed along, with the session of each.

    Unit: USD per share, ratio, session number. Missing: null where a price is; a bar without a close counts as absent.
    """
    prices = {"open_usd": open_usd, "high_usd": high_usd, "low_usd": low_usd, "close_usd": close_usd}
    return Panel(pl.DataFrame({**prices, "adjustment_ratio": adjustment_ratio, "session": session_number_count}))


def label_bets(
    label_side_score: ScoreColumn,
    label_target_frac: FracColumn,
    session_number_count: CountColumn,
    segments: Segments,
    upper_barrier_score: Score,
    lower_barrier_score: Score,
    label_horizon_sessions: Sessions,
    trade_delay_sessions: Sessions,
) -> Panel:
    """The bet of each row: entered trade_delay_sessions bars later, with barriers in units of the target.

    Formula: upper = upper_barrier_score * target, lower = lower_barrier_score * target, vertical = entry + horizon
    Unit: row, fractions, session number, sign. Missing: side 0 where there is no event or no bar to enter at.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, section 3.4.
    """
    target, session = array(label_target_frac), session_number_count.to_numpy()
    barriers = (upper_barrier_score * target, lower_barrier_score * target)
    timing = (label_horizon_sessions, trade_delay_sessions)
    return Panel(bets_of(array(label_side_score), barriers, session, segments, timing))


def barrier_exits(path_bars: Panel, label_bets: Panel, segments: Segments) -> Panel:
    """How the bet of each row ended: barrier touched, row, session by which it was known, return.

    Formula: the first touch of the upper, the lower or the vertical barrier
    Unit: code, row, session number, fraction, flags. Missing: code OPEN or UNKNOWN, return NaN, the others -1.
    Source: Lopez de Prado (2018), snippet 3.2; nodes.kernels.barriers for gaps, halts and shares that end.
    """
    return Panel(exits_of(path_bars, label_bets, segments))


def barrier_label_score(barrier_exits: Panel) -> ScoreColumn:
    """Label of an event by the barrier that was touched first.

    Formula: 1 upper, -1 lower, 0 vertical or the share's end
    Unit: sign. Missing: null on rows without an event, and where the outcome is not known yet.
    Source: Lopez de Prado (2018), section 3.4 and exercise 3.3.
    """
    return ScoreColumn(column(barrier_labels(exits_from(barrier_exits))))


def barrier_sign_score(barrier_exits: Panel) -> ScoreColumn:
    """Label of an event by whether the bet made money, whatever ended it.

    Formula: sign(return)
    Unit: sign. Missing: null on rows without an event, and where the outcome is not known yet.
    Source: Lopez de Prado (2018), snippet 3.5.
    """
    return ScoreColumn(column(sign_labels(exits_from(barrier_exits))))


def barrier_return_frac(barrier_exits: Panel) -> FracColumn:
    """Total return of the bet from its entry to its exit.

    Formula: exit price * adjustment ratios since entry / entry price - 1
    Unit: fraction. Missing: null on rows without an event, and where the outcome is not known yet.
    Source: Lopez de Prado (2018), snippet 3.5.
    """
    return FracColumn(column(array(barrier_exits["return_frac"])))


def barrier_end_on(barrier_exits: Panel, calendar: Panel) -> DateColumn:
    """The session by whose close the label was known: its span ends here.

    Formula: the calendar's session of the exit
    Unit: date. Missing: null on rows without an event, and where the outcome is not known yet.
    Source: Lopez de Prado (2018), section 3.4 (t1).
    """
    return DateColumn(known_on(barrier_exits, calendar["session_on"]))
