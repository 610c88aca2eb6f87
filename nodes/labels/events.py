"""Which rows are asked for a label, and how far a price must go: from what was known by the row's close."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.event_filters import cusum_events
from nodes.kernels.label_panels import session_numbers
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


def label_side_score(cusum_event_score: ScoreColumn, label_target_frac: FracColumn) -> ScoreColumn:
    """The bet whose outcome is the label of an event: on a rise, until a model knows better.

    Formula: 1 where cusum_event_score is not 0 and label_target_frac is known
    Unit: sign. Missing: null on rows without an event.
    Source: Lopez de Prado (2018), section 3.6: without a side, a label is of a long bet.
    """
    is_asked = (array(cusum_event_score) != 0.0) & ~np.isnan(array(label_target_frac))
    return ScoreColumn(column(np.where(is_asked, 1.0, np.nan)))
