"""The falls of a path of levels from its peaks: how deep each was, and how long it took to see the peak again."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nodes.kernels.arrays import Array


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall from a peak.

    Attributes:
        peak_at: place of the peak, the first time that it was reached.
        trough_at: place of the lowest level before the peak was passed.
        passed_at: place at which the peak was first passed; None while it was not.
        peak: level of the peak.
        trough: level of the trough.
    """

    peak_at: int
    trough_at: int
    passed_at: int | None
    peak: float
    trough: float

    @property
    def depth(self) -> float:
        """Peak less trough, in the unit of the levels."""
        return self.peak - self.trough

    @property
    def depth_frac(self) -> float:
        """Peak less trough as a fraction of the peak; NaN unless the peak is positive."""
        return self.depth / self.peak if self.peak > 0.0 else math.nan


def drawdowns(levels: Array) -> tuple[Drawdown, ...]:
    """Every fall of a path, in order; a peak from which it never fell has none. A missing level is skipped.

    Formula: between one high-water mark and the next: the mark less the least level
    Unit: as the levels. Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 14.4.
    """
    found: list[Drawdown] = []
    peak_at, trough_at = -1, -1
    peak = trough = math.nan
    for place, level in enumerate(levels.tolist()):
        if math.isnan(level):
            continue
        if peak_at < 0 or level > peak:
            if trough < peak:
                found.append(Drawdown(peak_at, trough_at, place, peak, trough))
            peak_at = trough_at = place
            peak = trough = level
        elif level < trough:
            trough_at, trough = place, level
    if trough < peak:
        found.append(Drawdown(peak_at, trough_at, None, peak, trough))
    return tuple(found)
