"""When the bars of the panel closed, and the splits that took effect with them.

Panels that are joined with facts carry both; a panel of prices alone need not.
"""

from __future__ import annotations

from nodes.kernels.arrays import array, column, positive
from nodes.vocabulary.units import FracColumn, InstantColumn, Panel


def closed_at(panel: Panel) -> InstantColumn:
    """Instant at which each bar closed: what was known by then may stand beside it.

    Unit: instant, UTC. Missing: absent when the panel does not carry it.
    """
    return InstantColumn(panel["closed_at"])


def split_ratio(panel: Panel) -> FracColumn:
    """New shares for one old share from each bar on: 7.0 on the day of a 7:1 split, else 1.0.

    Formula: split_ratio of the panel where it is > 0
    Unit: ratio. Missing: null where it is missing, not finite or not positive; absent when the panel lacks it.
    Source: the corporate actions in force at the bar, dividends left out.
    """
    return FracColumn(column(positive(array(panel["split_ratio"]))))
