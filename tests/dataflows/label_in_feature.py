"""Features that know their label: one computes it itself, one reads it. Both must be found."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.label_panels import bets_of, exits_of
from nodes.vocabulary.units import FracColumn, Panel, Segments, Sessions


def copied_label_frac(panel: Panel, segments: Segments, label_horizon_sessions: Sessions) -> FracColumn:
    """The return to come, made with the label's own kernel.

    Formula: as forward_return_frac, over rows in place of sessions
    Unit: fraction. Missing: null where the horizon is not over.
    Source: tests.
    """
    rows = np.arange(panel.height, dtype=np.int64)
    never = np.full(panel.height, np.inf)
    bets = bets_of(np.ones(panel.height), (never, never), rows, segments, (label_horizon_sessions, 0))
    exits = exits_of(panel.with_columns(session=rows), bets, segments)
    return FracColumn(column(array(exits["return_frac"])))


def hopeful_return_frac(barrier_return_frac: FracColumn) -> FracColumn:
    """The label itself.

    Unit: fraction. Missing: null where the label is.
    """
    return FracColumn(barrier_return_frac)
