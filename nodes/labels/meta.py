"""Meta-labels: whether it would have paid to follow a primary model, asked of its out-of-sample predictions only.

Every prediction comes with the days around it that no training label of its model met. A prediction outside of them, or
a meta-label that ends after them, makes all of these nodes absent: a meta-model that learns from what its primary model
had seen learns that the primary model is always right.
"""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.barriers import meta_labels
from nodes.kernels.label_panels import bets_of, exits_from, exits_of, held_out_sides, known_on, require_held_out
from nodes.vocabulary.units import (
    CountColumn,
    DateColumn,
    FracColumn,
    Panel,
    Score,
    ScoreColumn,
    Segments,
    Sessions,
    SymbolColumn,
)


def primary_sides(primary_oos_side: Panel, symbol: SymbolColumn, bar_on: DateColumn) -> Panel:
    """The primary model's side for each row, and until when its training had been kept from the row.

    Formula: primary_oos_side joined on symbol and session
    Unit: sign and dates. Missing: null where there is no prediction; absent when one of them is in-sample.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, sections 3.6 and 7.3.
    """
    return Panel(held_out_sides(primary_oos_side, symbol, bar_on))


def primary_side_score(primary_sides: Panel) -> ScoreColumn:
    """The side that the primary model takes, out of sample.

    Unit: sign. Missing: null where there is no prediction.
    """
    return ScoreColumn(column(array(primary_sides["side_score"])))


def meta_bets(
    primary_side_score: ScoreColumn,
    label_target_frac: FracColumn,
    session_number_count: CountColumn,
    segments: Segments,
    upper_barrier_score: Score,
    lower_barrier_score: Score,
    label_horizon_sessions: Sessions,
    trade_delay_sessions: Sessions,
) -> Panel:
    """The bet that follows the primary model on each row, entered trade_delay_sessions bars later.

    Formula: upper = upper_barrier_score * target, lower = lower_barrier_score * target, on the primary's side
    Unit: row, fractions, session number, sign. Missing: side 0 where there is no prediction or no target.
    Source: Lopez de Prado (2018), section 3.6: with a side, the barriers need not be symmetric.
    """
    side, target = array(primary_side_score), array(label_target_frac)
    barriers = (upper_barrier_score * target, lower_barrier_score * target)
    timing = (label_horizon_sessions, trade_delay_sessions)
    return Panel(bets_of(side, barriers, session_number_count.to_numpy(), segments, timing))


def meta_exits(path_bars: Panel, meta_bets: Panel, segments: Segments) -> Panel:
    """How the bets on the primary model's side ended.

    Formula: the first touch of a barrier, returns times the side
    Unit: code, row, session number, fraction, flags. Missing: code OPEN or UNKNOWN, return NaN, the others -1.
    Source: Lopez de Prado (2018), snippets 3.6 and 3.7.
    """
    return Panel(exits_of(path_bars, meta_bets, segments))


def meta_end_on(meta_exits: Panel, primary_sides: Panel, calendar: Panel) -> DateColumn:
    """The session by whose close the meta-label was known.

    Formula: the calendar's session of the exit
    Unit: date. Missing: null without an outcome; absent when one ends after what its primary model was kept from.
    Source: Lopez de Prado (2018), section 7.4.1: spans of training and testing do not meet.
    """
    end_on = known_on(meta_exits, calendar["session_on"])
    require_held_out(end_on, primary_sides)
    return DateColumn(end_on)


def meta_label_score(meta_exits: Panel, meta_end_on: DateColumn) -> ScoreColumn:
    """1 where following the primary model made money, 0 where it did not.

    Formula: 1 if the return in the primary's direction is over 0, else 0
    Unit: class. Missing: null without a prediction or an outcome; absent with meta_end_on.
    Source: Lopez de Prado (2018), snippet 3.7.
    """
    labels = column(meta_labels(exits_from(meta_exits)))
    return ScoreColumn(labels.set(meta_end_on.is_null(), None))


def meta_return_frac(meta_exits: Panel, meta_end_on: DateColumn) -> FracColumn:
    """What following the primary model returned.

    Formula: side * (exit price * adjustment ratios since entry / entry price - 1)
    Unit: fraction. Missing: null without a prediction or an outcome; absent with meta_end_on.
    Source: Lopez de Prado (2018), snippet 3.7.
    """
    return FracColumn(column(array(meta_exits["return_frac"])).set(meta_end_on.is_null(), None))
