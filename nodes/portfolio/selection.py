"""Which symbols the portfolio holds: the best scored of those whose risk is known."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import array
from nodes.kernels.cross_section import highest
from nodes.kernels.panels import rectangle
from nodes.kernels.risk import covariance
from nodes.vocabulary.units import (
    Count,
    DateColumn,
    FlagRow,
    FracColumn,
    FracMatrix,
    ScoreRow,
    Segments,
    Sessions,
    SymbolRow,
)


def return_covariance(
    total_return_frac: FracColumn, bar_on: DateColumn, segments: Segments, covariance_sessions: Sessions
) -> FracMatrix:
    """Covariance of the symbols' total returns over the panel's last sessions.

    Formula: sum((r - mean(r)) (r - mean(r))') / (n - 1) over the last covariance_sessions sessions
    Unit: squared fraction, per session. Missing: NaN in the row and column of a symbol that lacks one of the returns.
    Source: Markowitz (1952), J. Finance 7(1).
    """
    return FracMatrix(covariance(rectangle(array(total_return_frac), bar_on, segments, covariance_sessions)))


def is_eligible(composite_score: ScoreRow, return_covariance: FracMatrix) -> FlagRow:
    """Whether the symbol can be held: it has a score and a known risk above zero.

    Formula: composite_score is known and 0 < return_covariance on the diagonal < infinity
    Unit: truth value. Missing: never; a symbol without score or risk is not eligible.
    Source: definition; equal risk contribution needs a risk above zero.
    """
    variance = np.diagonal(return_covariance)
    return FlagRow(pl.Series(np.isfinite(array(composite_score)) & np.isfinite(variance) & (variance > 0.0)))


def is_selected(composite_score: ScoreRow, is_eligible: FlagRow, symbols: SymbolRow, n_selected: Count) -> FlagRow:
    """Whether the symbol is among the n_selected best scored of the eligible; equal scores go by symbol.

    Formula: rank(composite_score) <= n_selected among the eligible
    Unit: truth value. Missing: null where the symbol is not eligible: what is not known is not unselected.
    Source: Jegadeesh and Titman (1993), J. Finance 48(1): hold the winners.
    """
    scores = np.where(is_eligible.to_numpy(), array(composite_score), np.nan)
    chosen = pl.Series(highest(scores, symbols.to_list(), n_selected))
    return FlagRow(pl.select(pl.when(is_eligible).then(chosen)).to_series())
