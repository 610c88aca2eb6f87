"""Which rows are asked for a label, and how far a price must go: from what was known by the row's close."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.event_filters import changes, cusum_events, spikes
from nodes.kernels.label_panels import any_mark, scheduled_rows, session_numbers
from nodes.kernels.regimes import volatility_tercile
from nodes.vocabulary.units import (
    CountColumn,
    DateColumn,
    Frac,
    FracColumn,
    Panel,
    Score,
    ScoreColumn,
    Segments,
    Sessions,
    SharesColumn,
    SymbolColumn,
    Weights,
)


def session_number_count(bar_on: DateColumn, calendar: Panel) -> CountColumn:
    """Place of each bar's session in the exchange's calendar: horizons count sessions, also those a share missed.

    Formula: number of sessions of the calendar before bar_on
    Unit: sessions. Missing: absent when a bar is of no session of the calendar.
    Source: the snapshot's calendar.
    """
    return CountColumn(whole_column(session_numbers(bar_on, calendar["session_on"]).astype(np.float64)))


def label_target_frac(
    volatility_frac: FracColumn, label_horizon_sessions: Sessions, min_target_frac: Frac
) -> FracColumn:
    """How far a price usually goes within the horizon: the unit of the barriers.

    Formula: volatility_frac * sqrt(label_horizon_sessions)
    Unit: fraction. Missing: null where the volatility is, and where the target is not over min_target_frac.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, sections 3.3 and 3.4 (trgt, minRet).
    """
    target = array(volatility_frac) * np.sqrt(label_horizon_sessions)
    return FracColumn(column(np.where(target > max(min_target_frac, 0.0), target, np.nan)))


def cusum_event_score(
    log_return_frac: FracColumn, volatility_frac: FracColumn, segments: Segments, cusum_score: Score
) -> ScoreColumn:
    """1 where returns since the last event add up to an unusual rise, -1 to an unusual fall, else 0.

    Formula: symmetric CUSUM of log_return_frac with the threshold cusum_score * volatility_frac
    Unit: sign. Missing: 0 where return or volatility is missing: nothing was seen to happen.
    Source: Lopez de Prado (2018), snippet 2.4, with a threshold that moves with volatility.
    """
    threshold = cusum_score * array(volatility_frac)
    return ScoreColumn(column(cusum_events(array(log_return_frac), threshold, segments)))


def volume_spike_score(
    volume_shares: SharesColumn, segments: Segments, spike_sessions: Sessions, spike_score: Score
) -> ScoreColumn:
    """1 where far more was traded than in the sessions before, else 0.

    Formula: 1[volume > mean + spike_score * standard deviation, both of the spike_sessions bars before]
    Unit: flag. Missing: 0 where a volume is missing, or the share has too few bars.
    Source: Lopez de Prado (2018), section 2.5: events by a spike of a variable.
    """
    return ScoreColumn(column(spikes(array(volume_shares), segments, spike_sessions, spike_score).astype(np.float64)))


def regime_change_score(volatility_frac: FracColumn, segments: Segments, regime_sessions: Sessions) -> ScoreColumn:
    """1 where the share's volatility moves into another third of its last values, else 0.

    Formula: 1[third of volatility_frac among its last regime_sessions values <> the last known third]
    Unit: flag. Missing: 0 where the third is not known.
    Source: Lopez de Prado (2018), section 2.5: events by a change of regime; nodes.kernels.regimes for the thirds.
    """
    third = volatility_tercile(array(volatility_frac), segments, regime_sessions)
    return ScoreColumn(column(changes(third, segments).astype(np.float64)))


def scheduled_event_score(
    scheduled_events: Panel, symbol: SymbolColumn, bar_on: DateColumn, segments: Segments
) -> ScoreColumn:
    """1 on the first bar at or after an event that had been announced, else 0.

    Formula: 1[first bar of the share from the later one of event_on and known_on on]
    Unit: flag. Missing: 0 without an event; absent when the snapshot has none.
    Source: Lopez de Prado (2018), section 2.5: events such as macroeconomic releases and earnings.
    """
    marks = scheduled_rows(scheduled_events, symbol, bar_on, segments)
    return ScoreColumn(column(marks.astype(np.float64)))


def label_event_score(
    cusum_event_score: ScoreColumn,
    volume_spike_score: ScoreColumn,
    regime_change_score: ScoreColumn,
    scheduled_event_score: ScoreColumn | None,
    event_weights: Weights,
) -> ScoreColumn:
    """1 where one of the filters that the policy gives a weight marks the row, else 0.

    Formula: 1[some filter of event_weights with a weight is not 0]
    Unit: flag. Missing: 0 where no filter marks the row; a filter that is absent marks none.
    Source: the policy's choice of filters.
    """
    marks = {"cusum": cusum_event_score, "volume_spike": volume_spike_score, "regime_change": regime_change_score}
    return ScoreColumn(any_mark({**marks, "scheduled": scheduled_event_score}, event_weights))


def label_side_score(label_event_score: ScoreColumn, label_target_frac: FracColumn) -> ScoreColumn:
    """The bet whose outcome is the label of an event: on a rise, until a model knows better.

    Formula: 1 where label_event_score is 1 and label_target_frac is known
    Unit: sign. Missing: null on rows without an event.
    Source: Lopez de Prado (2018), section 3.6: without a side, a label is of a long bet.
    """
    is_asked = (array(label_event_score) != 0.0) & ~np.isnan(array(label_target_frac))
    return ScoreColumn(column(np.where(is_asked, 1.0, np.nan)))
