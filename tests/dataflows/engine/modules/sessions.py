"""Session nodes of a small strategy."""

from __future__ import annotations

import numpy as np

from nodes.vocabulary.units import (
    Features,
    FracColumn,
    Panel,
    ScoreRow,
    Segments,
    Sessions,
    SymbolColumn,
    UsdColumn,
    Weights,
)


def symbol(panel: Panel) -> SymbolColumn:
    """Symbol of each bar."""
    return SymbolColumn(panel["symbol"])


def segments(symbol: SymbolColumn) -> Segments:
    """Where each symbol's rows are."""
    starts = [row for row in range(len(symbol)) if row == 0 or symbol[row] != symbol[row - 1]]
    return Segments(np.array([*starts, len(symbol)], dtype=np.int64))


def close_usd(panel: Panel) -> UsdColumn:
    """Close of each bar."""
    return UsdColumn(panel["close_usd"])


def return_frac(close_usd: UsdColumn, lag_sessions: Sessions) -> FracColumn:
    """Return over some rows, symbols not kept apart."""
    return FracColumn(close_usd / close_usd.shift(lag_sessions) - 1)


def score(signal_features: Features, signal_weights: Weights, segments: Segments) -> ScoreRow:
    """Weighted features of each symbol's last row."""
    (name,) = signal_features
    return ScoreRow(signal_features[name].gather(segments[1:] - 1) * signal_weights[name])
