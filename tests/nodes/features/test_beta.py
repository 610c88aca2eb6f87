"""Beta to the index."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features.beta import beta_frac
from nodes.vocabulary.units import FracColumn, Segments, Sessions

RNG = np.random.default_rng(1)
INDEX = RNG.normal(0.0, 0.01, 60)
SHARE = 1.3 * INDEX + RNG.normal(0.0, 0.01, 60)
ONE = Segments(np.array([0, 60]))


def test_beta_is_covariance_over_variance() -> None:
    found = beta_frac(FracColumn(pl.Series(SHARE)), FracColumn(pl.Series(INDEX)), ONE, Sessions(30)).to_list()
    matrix = np.cov(SHARE[-30:], INDEX[-30:])
    assert found[-1] == pytest.approx(matrix[0, 1] / matrix[1, 1], rel=1e-10)
    assert found[:29] == [None] * 29


def test_the_index_has_beta_one_to_itself() -> None:
    index = FracColumn(pl.Series(INDEX))
    assert beta_frac(index, index, ONE, Sessions(30)).to_list()[-1] == 1.0


def test_a_session_without_index_leaves_no_beta() -> None:
    index = FracColumn(pl.Series([*INDEX[:-1], None]))
    assert beta_frac(FracColumn(pl.Series(SHARE)), index, ONE, Sessions(30)).to_list()[-1] is None
