"""Averages against numbers worked by hand and against averages of unbounded memory; windows alone and splits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.arrays import Array, Index
from nodes.kernels.averages import (
    exponential_average,
    simple_average,
    span_alpha,
    warm_up_sessions,
    weighted_average,
    wilder_alpha,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block, same_bits

Average = Callable[[Array, Array, Index, int], Array]


def exponential(level: Array, ratio: Array, segments: Index, window: int) -> Array:
    return exponential_average(level, ratio, segments, 0.25, window)


AVERAGES: dict[str, Average] = {"simple": simple_average, "weighted": weighted_average, "exponential": exponential}


def walk(count: int, seed: int = 2) -> Array:
    return 50.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 0.02, count)))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("simple", (1.0 + 2.0 + 4.0) / 3.0),
        ("weighted", (1.0 + 2.0 * 2.0 + 3.0 * 4.0) / 6.0),
        ("exponential", 1.25 + 0.25 * (4.0 - 1.25)),
    ],
)
def test_three_levels_by_hand(name: str, wanted: float) -> None:
    level = np.array([1.0, 2.0, 4.0])
    assert AVERAGES[name](level, np.ones(3), one_block(level), 3)[-1] == pytest.approx(wanted, rel=1e-15)


def test_a_warm_up_forgets_as_much_as_it_says() -> None:
    level = walk(600)
    alpha = span_alpha(20)
    warm_up = warm_up_sessions(alpha, 1e-9)
    found = exponential_average(level, np.ones(600), one_block(level), alpha, warm_up)
    unbounded = pd.Series(level).ewm(span=20, adjust=False).mean().to_numpy()
    np.testing.assert_allclose(found[300:], unbounded[300:], rtol=1e-8)


@pytest.mark.parametrize(("alpha", "weight", "wanted"), [(0.5, 0.25, 3), (0.5, 0.26, 3), (0.1, 0.9, 2)])
def test_warm_up_is_the_shortest_that_leaves_the_weight(alpha: float, weight: float, wanted: int) -> None:
    assert warm_up_sessions(alpha, weight) == wanted
    assert (1.0 - alpha) ** (wanted - 1) <= weight < (1.0 - alpha) ** (wanted - 2) + 1e-15


def test_an_average_that_remembers_nothing_needs_one_level() -> None:
    assert warm_up_sessions(1.0, 0.5) == 1


@pytest.mark.parametrize(("alpha", "weight"), [(0.0, 0.1), (1.5, 0.1), (0.5, 0.0), (0.5, 1.0)])
def test_a_warm_up_without_end_is_refused(alpha: float, weight: float) -> None:
    with pytest.raises(DataError, match=f"alpha {alpha} with a remaining weight of {weight} gives no warm-up"):
        warm_up_sessions(alpha, weight)


def test_alphas_are_those_of_their_definitions() -> None:
    assert span_alpha(9) == 0.2
    assert wilder_alpha(14) == 1.0 / 14.0


@pytest.mark.parametrize("name", AVERAGES)
@given(start=st.integers(0, 270), window=st.integers(1, 30), seed=st.integers(0, 20))
def test_a_window_alone_is_bit_for_bit_the_window_inside_a_long_history(
    name: str, start: int, window: int, seed: int
) -> None:
    level, ratio = walk(300, seed), np.where(np.arange(300) % 37 == 5, 2.0, 1.003)
    inside = AVERAGES[name](level, ratio, one_block(level), window)[start : start + window][-1:]
    rows = slice(start, start + window)
    assert same_bits(AVERAGES[name](level[rows], ratio[rows], one_block(level[rows]), window)[-1:], inside)


@pytest.mark.parametrize("name", AVERAGES)
def test_a_split_halves_the_average_and_nothing_else(name: str) -> None:
    level, ratio = walk(40), np.ones(40)
    whole = AVERAGES[name](level, ratio, one_block(level), 10)
    ratio[20] = 2.0
    split = np.where(np.arange(40) >= 20, level / 2.0, level)
    found = AVERAGES[name](split, ratio, one_block(level), 10)
    np.testing.assert_allclose(found, np.where(np.arange(40) >= 20, whole / 2.0, whole), rtol=1e-14)


@pytest.mark.parametrize("name", AVERAGES)
def test_a_missing_level_leaves_every_window_that_holds_it_without_average(name: str) -> None:
    level = walk(12)
    level[5] = np.nan
    found = AVERAGES[name](level, np.ones(12), one_block(level), 3)
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 1, 5, 6, 7]


@pytest.mark.parametrize("name", AVERAGES)
def test_symbols_stay_apart_and_short_ones_have_no_average(name: str) -> None:
    level = walk(12)
    found = AVERAGES[name](level, np.ones(12), np.array([0, 2, 12]), 4)
    alone = AVERAGES[name](level[2:], np.ones(10), np.array([0, 10]), 4)
    assert np.isnan(found[:5]).all()
    assert same_bits(found[2:], alone)
    assert np.isnan(AVERAGES[name](level[:2], np.ones(2), np.array([0, 2]), 4)).all()
