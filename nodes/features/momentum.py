"""Momentum: how far a share has come, its latest month left out."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_growth
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def momentum_frac(
    total_return_frac: FracColumn, segments: Segments, momentum_sessions: Sessions, skipped_sessions: Sessions
) -> FracColumn:
    """Total return over the year that ended a month ago (12-1 momentum, with 252 and 21 sessions).

    Formula: product of (1 + total_return_frac) over sessions t-momentum+1 to t-skipped, less 1
    Unit: fraction. Missing: null until the symbol has momentum_sessions returns, and where one of them is missing.
    Source: Jegadeesh and Titman (1993), J. Finance 48(1); the skipped month after Jegadeesh (1990), J. Finance 45(3).
    """
    growth = window_growth(array(total_return_frac), segments, momentum_sessions - skipped_sessions)
    return FracColumn(column(lagged(growth, segments, skipped_sessions)))
