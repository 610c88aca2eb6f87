"""Null and NaN meet at this border and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from nodes.kernels.arrays import array, column, positive, whole_column


def test_array_turns_null_into_nan_and_integers_into_floats() -> None:
    found = array(pl.Series([1, None, 3], dtype=pl.Int64))
    assert found.dtype == np.float64
    assert found.tolist()[::2] == [1.0, 3.0]
    assert math.isnan(found[1])


def test_array_of_a_split_column_is_one_piece() -> None:
    split = pl.concat([pl.Series([1.0, 2.0]), pl.Series([3.0])], rechunk=False)
    assert array(split).tolist() == [1.0, 2.0, 3.0]


def test_column_turns_nan_and_infinities_into_null() -> None:
    found = column(np.array([1.5, np.nan, np.inf, -np.inf]))
    assert found.to_list() == [1.5, None, None, None]
    assert found.dtype == pl.Float64


def test_whole_column_cuts_towards_zero() -> None:
    assert whole_column(np.array([1.9, -1.9, np.nan])).to_list() == [1, -1, None]


def test_positive_keeps_prices_and_drops_the_rest() -> None:
    found = positive(np.array([0.01, 0.0, -3.0, np.inf, np.nan]))
    assert found[0] == 0.01
    assert np.isnan(found[1:]).all()
