"""What the index explains of a share: numbers by hand, and silence where the index stands still."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from nodes.features import index_risk as features
from nodes.vocabulary.units import FracColumn, Segments, Sessions

INDEX = FracColumn(pl.Series([0.01, -0.01, 0.02, -0.02]))
ONE = Segments(np.array([0, 4]))
FOUR = Sessions(4)
Feature = Callable[[FracColumn, FracColumn, Segments, Sessions], FracColumn]


def test_twice_the_index_is_wholly_explained_by_it() -> None:
    twice = FracColumn(2.0 * INDEX)
    assert features.index_correlation_frac(twice, INDEX, ONE, FOUR).to_list() == [None] * 3 + [pytest.approx(1.0)]
    assert features.idiosyncratic_volatility_frac(twice, INDEX, ONE, FOUR)[-1] == pytest.approx(0.0, abs=1e-9)


def test_against_the_index_is_a_correlation_of_minus_one() -> None:
    assert features.index_correlation_frac(FracColumn(-INDEX), INDEX, ONE, FOUR)[-1] == pytest.approx(-1.0)


def test_own_volatility_is_what_a_line_leaves_over_by_hand() -> None:
    """Returns 3, 1, 0, -4 on 1, -1, 2, -2: Sxy = 10, Sxx = 10, Syy = 26, so 16 is left over two degrees of freedom."""
    own = FracColumn(pl.Series([0.03, 0.01, 0.0, -0.04]))
    found = features.idiosyncratic_volatility_frac(own, INDEX, ONE, FOUR)
    assert found[-1] == pytest.approx(0.01 * math.sqrt(16.0 / 2.0))
    correlation = features.index_correlation_frac(own, INDEX, ONE, FOUR)
    assert correlation[-1] == pytest.approx(10.0 / math.sqrt(260.0))


def test_downside_beta_looks_at_falls_of_the_index_alone() -> None:
    """The share falls twice as far as the index and never rises: 0, -2, 0, -4 on 0, -1, 0, -2."""
    falls = FracColumn(pl.Series([0.0, -0.02, 0.0, -0.04]))
    assert features.downside_beta_frac(falls, INDEX, ONE, FOUR)[-1] == pytest.approx(2.0)


def test_an_index_that_never_fell_has_no_downside_beta() -> None:
    rises = FracColumn(pl.Series([0.01, 0.02, 0.0, 0.03]))
    assert features.downside_beta_frac(INDEX, rises, ONE, FOUR).null_count() == 4


def test_an_index_that_stands_still_explains_nothing() -> None:
    still = FracColumn(pl.Series([0.0] * 4))
    assert features.index_correlation_frac(INDEX, still, ONE, FOUR).null_count() == 4
    assert features.idiosyncratic_volatility_frac(INDEX, still, ONE, FOUR).null_count() == 4


@pytest.mark.parametrize(
    "feature",
    [features.index_correlation_frac, features.idiosyncratic_volatility_frac, features.downside_beta_frac],
)
def test_a_missing_return_on_either_side_leaves_the_window_missing(feature: Feature) -> None:
    gapped = FracColumn(pl.Series([0.01, None, 0.02, -0.02]))
    assert feature(gapped, INDEX, ONE, FOUR).null_count() == 4
    assert feature(INDEX, gapped, ONE, FOUR).null_count() == 4


def test_index_momentum_compounds_the_month() -> None:
    found = features.index_momentum_frac(INDEX, ONE, Sessions(2)).to_list()
    assert found[0] is None
    assert found[1:3] == [pytest.approx(1.01 * 0.99 - 1.0), pytest.approx(0.99 * 1.02 - 1.0)]


def test_relative_strength_is_the_difference_and_missing_with_either() -> None:
    own, index = FracColumn(pl.Series([0.05, None, 0.05])), FracColumn(pl.Series([0.02, 0.02, None]))
    assert features.relative_strength_frac(own, index).to_list() == [pytest.approx(0.03), None, None]
