"""When something happened that is worth a bet: filters that pick rows of a panel from what was known by each row.

Each filter answers one value a row. A model that is asked at every bar learns mostly from bars on which nothing
happened (Lopez de Prado 2018, Advances in Financial Machine Learning, section 2.5).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_mean, window_std
from nodes.vocabulary.errors import DataError

Flags = npt.NDArray[np.bool_]


def cusum_events(steps: Array, threshold: Array, segments: Index) -> Array:
    """1 where rises since the last such event sum to more than the threshold, -1 where falls do, else 0.

    Formula: S+ = max(0, S+ + step), S- = min(0, S- + step); an event resets its own sum, and falls are looked at first
    Unit: sign. Missing: a missing step moves neither sum, a missing threshold is not passed; both give 0.
    Source: Lopez de Prado (2018), snippet 2.4; the peers take steps of log prices.

    Args:
        steps: change of each row against the row before it; a share's first one does not count.
        threshold: of each row: constant, or a multiple of the volatility known by then.
        segments: first row of each share, then the height.
    """
    negative = np.flatnonzero(threshold < 0.0)
    if len(negative):
        row = int(negative[0])
        raise DataError(f"row {row} has the threshold {threshold[row]}; give thresholds of at least 0")
    events = np.zeros(len(steps))
    moves = np.where(np.isnan(steps), 0.0, steps).tolist()
    limits = np.where(np.isnan(threshold) | np.isnan(steps), np.inf, threshold).tolist()
    for first, stop in zip(segments[:-1].tolist(), segments[1:].tolist(), strict=True):
        rise, fall = 0.0, 0.0
        for row in range(first + 1, stop):
            move, limit = moves[row], limits[row]
            rise, fall = max(0.0, rise + move), min(0.0, fall + move)
            if fall < -limit:
                fall, events[row] = 0.0, -1.0
            elif rise > limit:
                rise, events[row] = 0.0, 1.0
    return events


def scheduled_events(at: Index, segments: Index, event_at: Index, event_block: Index) -> Flags:
    """Whether a row is the first of its share at or after a scheduled event.

    Unit: flag. Missing: an event after a share's last row marks none.

    Args:
        at: instant of each row, increasing within a share.
        segments: first row of each share, then the height.
        event_at: instants of the events, in the unit of `at`.
        event_block: number of the share of each event.
    """
    marks = np.zeros(int(segments[-1]), np.bool_)
    for block in np.unique(event_block).tolist():
        first, stop = int(segments[block]), int(segments[block + 1])
        rows = first + np.searchsorted(at[first:stop], event_at[event_block == block], side="left")
        marks[rows[rows < stop]] = True
    return marks


def spikes(values: Array, segments: Index, window: int, n_deviations: float) -> Flags:
    """Whether a value is more than so many deviations over the mean of the `window` values before it.

    Formula: value > mean + n_deviations x standard deviation, both of the rows before
    Unit: flag. Missing: False where the value or one of those before it is missing.
    Source: Lopez de Prado (2018), section 2.5 (events by spikes of a variable), with deviations as the measure.
    """
    mean = lagged(window_mean(values, segments, window), segments, 1)
    deviation = lagged(window_std(values, segments, window), segments, 1)
    with np.errstate(invalid="ignore"):
        above: Flags = values > mean + n_deviations * deviation
    return above


def changes(state: Array, segments: Index) -> Flags:
    """Whether a state differs from the last one known before it.

    Unit: flag. Missing: False on a missing state and on a share's first known one.
    Source: Lopez de Prado (2018), section 2.5 (events by a change of regime).
    """
    known = np.flatnonzero(~np.isnan(state))
    marks = np.zeros(len(state), np.bool_)
    block = np.searchsorted(segments, known, side="right")
    marks[known[1:]] = (np.diff(state[known]) != 0.0) & (np.diff(block) == 0)
    return marks
