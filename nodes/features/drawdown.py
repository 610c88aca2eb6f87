"""How far a share stands under its recent peak."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.rolling import window_drawdown
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def drawdown_frac(total_return_frac: FracColumn, segments: Segments, drawdown_sessions: Sessions) -> FracColumn:
    """Loss from the highest total-return level of the window to now, as a fraction of that peak.

    Formula: 1 - level / max(level) over the last drawdown_sessions returns and the level before them
    Unit: fraction of the peak, 0 at it. Missing: null until the window is full or where it misses a return.
    Source: Magdon-Ismail and Atiya (2004), Risk 17(10); from the peak, not from the trough.
    """
    return FracColumn(column(window_drawdown(array(total_return_frac), segments, drawdown_sessions)))
