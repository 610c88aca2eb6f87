"""States of the market: by hand, without hindsight, and steady under a longer history."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.arrays import Array
from nodes.kernels.regimes import held_state, ranked_third, trend_state, variance_by_state, volatility_tercile
from tests.nodes.bars import one_block, same_bits


def vix(count: int = 200, seed: int = 1) -> Array:
    return 20.0 * np.exp(np.random.default_rng(seed).normal(0.0, 0.3, count).cumsum() * 0.1)


@pytest.mark.parametrize(
    ("rank", "third"), [(0.0, 0.0), (1 / 3, 0.0), (0.34, 1.0), (2 / 3, 1.0), (0.67, 2.0), (1.0, 2.0)]
)
def test_thirds_of_ranks(rank: float, third: float) -> None:
    assert ranked_third(np.array([rank])).tolist() == [third]


def test_a_missing_rank_is_in_no_third() -> None:
    assert np.isnan(ranked_third(np.array([np.nan]))).all()


def test_volatility_is_turbulent_among_what_was_seen_before() -> None:
    rising = np.arange(1.0, 8.0)
    assert volatility_tercile(rising, one_block(rising), 4)[3:].tolist() == [2.0] * 4
    assert volatility_tercile(rising[::-1].copy(), one_block(rising), 4)[3:].tolist() == [0.0] * 4


def test_no_state_changes_when_the_future_does() -> None:
    """DESIGN section 4: nothing is fitted on all data."""
    values = vix()
    third, trend = volatility_tercile(values, one_block(values), 60), trend_state(values, one_block(values), 5, 20)
    values[120:] *= 9.0
    assert same_bits(volatility_tercile(values, one_block(values), 60)[:120], third[:120])
    assert same_bits(trend_state(values, one_block(values), 5, 20)[:120], trend[:120])


@pytest.mark.parametrize("end", [60, 111, 200])
def test_a_state_alone_is_the_one_inside_a_long_history(end: int) -> None:
    values = vix()
    inside = volatility_tercile(values, one_block(values), 60)[end - 1]
    assert volatility_tercile(values[end - 60 : end], np.array([0, 60]), 60)[-1] == inside


def test_trend_is_up_down_and_between() -> None:
    level = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 2.0, 1.0, 0.5])
    found = trend_state(level, one_block(level), 2, 4)
    assert np.isnan(found[:3]).all()
    assert found[3:].tolist() == [1.0, 1.0, 0.0, -1.0, -1.0]


def test_a_state_that_flickers_is_not_held() -> None:
    state = np.array([0.0, 0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 2.0, np.nan])
    found = held_state(state, one_block(state), 3)
    np.testing.assert_array_equal(found, [np.nan, np.nan, 0.0, 0.0, 0.0, 0.0, np.nan, 2.0, 2.0])


@pytest.mark.parametrize("end", [10, 57, 120])
def test_a_held_state_needs_twice_its_sessions_and_no_more(end: int) -> None:
    state = np.random.default_rng(3).integers(0, 2, 120).astype(float)
    found = held_state(state, one_block(state), 3)
    assert same_bits(held_state(state[end - 6 : end], np.array([0, 6]), 3)[-1:], found[end - 1 : end])


def test_a_variance_is_of_the_rows_of_its_state_alone() -> None:
    values = np.array([1.0, 3.0, 10.0, np.nan, 20.0, 5.0])
    state = np.array([0.0, 0.0, 2.0, 2.0, 2.0, np.nan])
    found = variance_by_state(values, state, (0.0, 1.0, 2.0))
    assert found.tolist() == pytest.approx([2.0, np.nan, 50.0], nan_ok=True)
