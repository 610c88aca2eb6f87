"""The fractionally differentiated price by hand, and over a split."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features.fractional import fractional_price_score
from nodes.kernels.arrays import Array
from nodes.vocabulary.units import FracColumn, Score, ScoreColumn, Segments, Sessions, UsdColumn

CLOSE = np.array([10.0, 20.0, 40.0, 80.0])


def price(close: Array, ratio: Array, order: float) -> ScoreColumn:
    columns = UsdColumn(pl.Series(close)), FracColumn(pl.Series(ratio))
    segments = Segments(np.array([0, len(close)]))
    return fractional_price_score(*columns, segments, Score(order), Sessions(3))


def test_three_closes_are_weighed_by_hand() -> None:
    found = price(CLOSE, np.ones(4), 0.4).to_list()
    logs = np.log(CLOSE)

    assert found[:2] == [None, None]
    assert found[2:] == pytest.approx([logs[n] - 0.4 * logs[n - 1] - 0.12 * logs[n - 2] for n in (2, 3)], abs=1e-12)


def test_a_split_makes_no_step() -> None:
    halved = np.array([10.0, 20.0, 20.0, 40.0])
    ratio = np.array([1.0, 1.0, 2.0, 1.0])
    whole, split = price(CLOSE / 2.0, np.ones(4), 0.4).to_list(), price(halved, ratio, 0.4).to_list()
    assert split[2:] == pytest.approx(whole[2:], abs=1e-12)
