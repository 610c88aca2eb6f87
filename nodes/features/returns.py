"""Returns from one bar of a symbol to its next, and the overnight part of them."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.returns import returns_from_previous
from nodes.vocabulary.units import FracColumn, Segments, UsdColumn


def total_return_frac(close_usd: UsdColumn, adjustment_ratio: FracColumn, segments: Segments) -> FracColumn:
    """Return of holding the share from its previous bar's close to this one's, splits and dividends included.

    Formula: close / previous close * adjustment_ratio - 1
    Unit: fraction, per bar. Missing: null on a symbol's first bar and where a price or the ratio is missing.
    Source: CRSP, Data Descriptions Guide, total return.
    """
    close = array(close_usd)
    return FracColumn(column(returns_from_previous(close, close, array(adjustment_ratio), segments)))


def overnight_gap_frac(
    open_usd: UsdColumn, close_usd: UsdColumn, adjustment_ratio: FracColumn, segments: Segments
) -> FracColumn:
    """Return from the previous bar's close to this one's opening, splits and dividends included.

    Formula: open / previous close * adjustment_ratio - 1
    Unit: fraction. Missing: null on a symbol's first bar and where a price or the ratio is missing.
    Source: Lou, Polk, Skouras (2019), J. Financial Economics 134(1), overnight return.
    """
    opening, close, ratio = array(open_usd), array(close_usd), array(adjustment_ratio)
    return FracColumn(column(returns_from_previous(opening, close, ratio, segments)))


def index_return_frac(index_close_usd: UsdColumn, segments: Segments) -> FracColumn:
    """Price return of the index over the same span as the symbol's return: from its previous bar's session to this.

    Formula: level / level at the previous bar - 1
    Unit: fraction, per bar. Missing: null on a symbol's first bar and where the index has no level.
    Source: definition; the same span as the share's, so that a missing bar does not tilt beta.
    """
    level = array(index_close_usd)
    return FracColumn(column(returns_from_previous(level, level, np.ones(len(level)), segments)))
