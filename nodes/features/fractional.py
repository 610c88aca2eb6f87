"""A share's price with as much of its memory as leaves it stationary."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.fractional import fixed_width_difference, fractional_weights
from nodes.vocabulary.units import FracColumn, Score, ScoreColumn, Segments, Sessions, UsdColumn


def fractional_price_score(
    close_usd: UsdColumn,
    adjustment_ratio: FracColumn,
    segments: Segments,
    fractional_order_score: Score,
    fractional_sessions: Sessions,
) -> ScoreColumn:
    """Fractionally differentiated logarithm of the close, on the share basis of the bar.

    Formula: sum over k < fractional_sessions of w_k ln(close_(t-k)), w_0 = 1, w_k = -w_(k-1) (d - k + 1) / k
    Unit: log USD. Missing: null until the window is full, or where it misses a close or a ratio.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, section 5.5 (fixed-width window).
    """
    weights = fractional_weights(fractional_order_score, fractional_sessions)
    return ScoreColumn(column(fixed_width_difference(array(close_usd), array(adjustment_ratio), segments, weights)))
