"""Momentum is the year's return without its last month."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features.momentum import momentum_frac
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def test_momentum_is_the_growth_from_a_year_ago_to_a_month_ago() -> None:
    level = 50.0 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 0.02, 300)))
    returns = FracColumn(pl.Series([None, *(level[1:] / level[:-1] - 1.0)]))
    found = momentum_frac(returns, Segments(np.array([0, 300])), Sessions(252), Sessions(21)).to_list()
    assert found[251] is None
    assert found[299] == pytest.approx(level[299 - 21] / level[299 - 252] - 1.0, rel=1e-12)


def test_the_last_month_does_not_count() -> None:
    steps = np.full(12, 0.01)
    steps[-3:] = 0.5
    returns = FracColumn(pl.Series(steps))
    found = momentum_frac(returns, Segments(np.array([0, 12])), Sessions(9), Sessions(3)).to_list()
    assert found[-1] == pytest.approx(1.01**6 - 1.0)


def test_a_missing_return_leaves_no_momentum_over_it() -> None:
    returns = FracColumn(pl.Series([0.01] * 4 + [None] + [0.01] * 7))
    found = momentum_frac(returns, Segments(np.array([0, 12])), Sessions(5), Sessions(2)).to_list()
    assert [value is None for value in found] == [True] * 4 + [False] * 2 + [True] * 3 + [False] * 3
