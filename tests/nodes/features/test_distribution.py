"""The spread of returns: exact numbers by hand, and nothing where a window is not full or misses a return."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from nodes.features import distribution as features
from nodes.vocabulary.units import FracColumn, Segments, Sessions

RETURNS = FracColumn(pl.Series([0.03, -0.01, -0.01, -0.01, 0.0, -0.02]))
ONE = Segments(np.array([0, 6]))
GAPPED = FracColumn(pl.Series([0.03, -0.01, None, -0.01, 0.0, -0.02]))


def test_one_large_gain_among_small_losses_is_skewed_to_the_right() -> None:
    """Of 3, -1, -1, -1 the mean is 0, m2 = 3, m3 = 6, m4 = 21."""
    found = features.return_skewness_score(RETURNS, ONE, Sessions(4))
    assert found.to_list()[:4] == [None, None, None, pytest.approx(6.0 / 3.0**1.5)]
    tails = features.return_kurtosis_score(RETURNS, ONE, Sessions(4))
    assert tails.to_list()[:4] == [None, None, None, pytest.approx(21.0 / 9.0 - 3.0)]


def test_the_mirror_image_is_skewed_as_much_to_the_left() -> None:
    mirrored = FracColumn(-RETURNS)
    one, other = (features.return_skewness_score(item, ONE, Sessions(4)) for item in (RETURNS, mirrored))
    assert other[-1] == pytest.approx(-float(one[-1]))


def test_returns_that_do_not_differ_have_no_shape() -> None:
    still = FracColumn(pl.Series([0.01] * 6))
    assert features.return_skewness_score(still, ONE, Sessions(4)).null_count() == 6
    assert features.return_kurtosis_score(still, ONE, Sessions(4)).null_count() == 6


def test_downside_deviation_counts_a_gain_as_nothing_lost() -> None:
    found = features.downside_deviation_frac(RETURNS, ONE, Sessions(3)).to_list()
    assert found[2] == pytest.approx(math.sqrt(2 * 0.01**2 / 3))
    assert found[5] == pytest.approx(math.sqrt((0.01**2 + 0.02**2) / 3))


def test_a_share_that_never_fell_has_no_downside_not_a_missing_one() -> None:
    gains = FracColumn(pl.Series([0.0, 0.01, 0.02]))
    found = features.downside_deviation_frac(gains, Segments(np.array([0, 3])), Sessions(3))
    assert found.to_list() == [None, None, 0.0]


def test_best_and_worst_session_are_of_the_window_alone() -> None:
    assert features.max_return_frac(RETURNS, ONE, Sessions(3)).to_list() == [None, None, 0.03, -0.01, 0.0, 0.0]
    assert features.min_return_frac(RETURNS, ONE, Sessions(3)).to_list() == [None, None, -0.01, -0.01, -0.01, -0.02]


def test_a_missing_return_is_neither_the_best_nor_the_worst() -> None:
    for found in (
        features.max_return_frac(GAPPED, ONE, Sessions(3)),
        features.min_return_frac(GAPPED, ONE, Sessions(3)),
        features.downside_deviation_frac(GAPPED, ONE, Sessions(3)),
    ):
        assert found.is_null().to_list() == [True] * 5 + [False]


def test_a_window_does_not_reach_into_another_share() -> None:
    two = Segments(np.array([0, 3, 6]))
    assert features.max_return_frac(RETURNS, two, Sessions(3)).to_list() == [None, None, 0.03, None, None, 0.0]
