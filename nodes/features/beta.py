"""How much of the index's move a share takes part in."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.rolling import window_beta
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def beta_frac(
    total_return_frac: FracColumn, index_return_frac: FracColumn, segments: Segments, beta_sessions: Sessions
) -> FracColumn:
    """Slope of the share's return on the index's return.

    Formula: cov(total_return_frac, index_return_frac) / var(index_return_frac) over the last beta_sessions bars
    Unit: fraction of the index's move. Missing: null until the window is full, where it misses a return, or where the
    index does not move.
    Source: Sharpe (1963), Management Science 9(2), single index model.
    """
    returns, factor = array(total_return_frac), array(index_return_frac)
    return FracColumn(column(window_beta(returns, factor, segments, beta_sessions)))
