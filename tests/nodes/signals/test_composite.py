"""The composite signal: weighed, comparable, and silent about what it does not know."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.signals.composite import composite_score
from nodes.vocabulary.units import Features, Score, Segments, Weights

SEGMENTS = Segments(np.array([0, 2, 4, 6]))
"""Three symbols of two bars each."""


def features(**latest: list[float | None]) -> Features:
    """Feature columns whose last bars hold the given values; the bars before hold nonsense."""
    return Features(
        {name: pl.Series([cell for value in row for cell in (99.0, value)]) for name, row in latest.items()}
    )


def test_only_each_symbols_latest_bar_counts() -> None:
    found = composite_score(
        features(momentum_frac=[1.0, 2.0, 3.0]), Weights({"momentum_frac": 1.0}), SEGMENTS, Score(3.0)
    )
    assert found.to_list() == [pytest.approx(-1.2247449), 0.0, pytest.approx(1.2247449)]


def test_a_negative_weight_prefers_the_small() -> None:
    made = features(volatility_frac=[1.0, 2.0, 3.0])
    found = composite_score(made, Weights({"volatility_frac": -0.3}), SEGMENTS, Score(3.0))
    assert found.to_list()[0] > 0.0 > found.to_list()[2]


def test_a_symbol_without_a_feature_has_no_score_and_does_not_move_the_others() -> None:
    made = features(momentum_frac=[1.0, None, 3.0])
    found = composite_score(made, Weights({"momentum_frac": 1.0}), SEGMENTS, Score(3.0))
    assert found.to_list() == [-1.0, None, 1.0]


def test_one_symbol_alone_is_alike_to_itself() -> None:
    made = Features({"momentum_frac": pl.Series([0.1, 0.2])})
    assert composite_score(made, Weights({"momentum_frac": 1.0}), Segments(np.array([0, 2])), Score(3.0)).to_list() == [
        0.0
    ]
