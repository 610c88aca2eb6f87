"""Drawdown is measured from the peak, as its name says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features.drawdown import drawdown_frac
from nodes.vocabulary.units import FracColumn, Segments, Sessions


def test_drawdown_is_from_the_peak_not_from_the_trough() -> None:
    returns = FracColumn(pl.Series([1.0, -0.5, 0.5]))
    found = drawdown_frac(returns, Segments(np.array([0, 3])), Sessions(3)).to_list()
    assert found == [None, None, pytest.approx(0.25)]


def test_a_share_at_its_peak_has_none() -> None:
    returns = FracColumn(pl.Series([-0.2, 0.5]))
    assert drawdown_frac(returns, Segments(np.array([0, 2])), Sessions(2)).to_list()[-1] == 0.0
