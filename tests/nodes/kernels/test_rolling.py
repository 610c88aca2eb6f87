"""Windows against pandas, one window at a time; and the promise that a window is itself wherever it stands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import percentileofscore

from nodes.kernels.arrays import Array, Index
from nodes.kernels.rolling import (
    window_beta,
    window_covariance,
    window_drawdown,
    window_exponential_std,
    window_growth,
    window_maximum,
    window_mean,
    window_minimum,
    window_place,
    window_rank,
    window_std,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block, same_bits

WINDOW = 5


def beta_on_itself_shifted(values: Array, segments: Index, window: int) -> Array:
    return window_beta(values, np.roll(values, 1) * 0.5 + 0.01, segments, window)


def exponential(values: Array, segments: Index, window: int) -> Array:
    return window_exponential_std(values, segments, 0.3, window)


KERNELS: dict[str, Callable[[Array, Index, int], Array]] = {
    "mean": window_mean,
    "std": window_std,
    "exponential": exponential,
    "growth": window_growth,
    "drawdown": window_drawdown,
    "maximum": window_maximum,
    "minimum": window_minimum,
    "place": window_place,
    "rank": window_rank,
}
ORACLES: dict[str, Callable[[Array], float]] = {
    "mean": lambda window: float(window.mean()),
    "std": lambda window: float(window.std(ddof=1)),
    "exponential": lambda window: float(pd.Series(window).ewm(alpha=0.3).std().iloc[-1]),
    "growth": lambda window: float((1.0 + window).prod()) - 1.0,
    "drawdown": lambda window: float(1.0 - _level(window)[-1] / _level(window).max()),
    "maximum": lambda window: float(window.max()),
    "minimum": lambda window: float(window.min()),
    "place": lambda window: float((window[-1] - window.min()) / np.ptp(window)),
    "rank": lambda window: float((percentileofscore(window[:-1], window[-1], kind="mean")) / 100.0),
}


def _level(returns: Array) -> Array:
    return np.concatenate([[1.0], (1.0 + returns).cumprod()])


def returns(count: int, seed: int = 3) -> Array:
    return np.random.default_rng(seed).normal(0.0, 0.02, count)


@pytest.mark.parametrize("name", KERNELS)
def test_window_agrees_with_pandas(name: str) -> None:
    values = returns(60)
    wanted = pd.Series(values).rolling(WINDOW).apply(ORACLES[name], raw=True).to_numpy()
    np.testing.assert_allclose(KERNELS[name](values, one_block(values), WINDOW), wanted, rtol=1e-12, atol=1e-15)


def test_beta_agrees_with_the_least_squares_slope() -> None:
    values, factor = returns(60), returns(60, seed=4)
    found = window_beta(values, factor, one_block(values), 20)
    wanted = [np.polyfit(factor[end - 20 : end], values[end - 20 : end], 1)[0] for end in range(20, 61)]
    np.testing.assert_allclose(found[19:], wanted, rtol=1e-10)


def test_covariance_agrees_with_numpy() -> None:
    values, other = returns(30), returns(30, seed=9)
    found = window_covariance(values, other, one_block(values), 10)
    wanted = [np.cov(values[end - 10 : end], other[end - 10 : end])[0, 1] for end in range(10, 31)]
    np.testing.assert_allclose(found[9:], wanted, rtol=1e-12)


def test_rank_counts_what_is_equal_half() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0, 2.0])
    assert window_rank(values, one_block(values), 5)[-1] == (1 + 2 * 0.5) / 4


def test_place_among_equal_values_is_undefined() -> None:
    assert np.isnan(window_place(np.full(6, 3.0), np.array([0, 6]), 4)).all()


def test_beta_of_a_multiple_is_the_multiple() -> None:
    factor = returns(30)
    np.testing.assert_allclose(window_beta(factor * 1.7, factor, one_block(factor), 10)[9:], 1.7, rtol=1e-12)


def test_beta_to_a_factor_that_stands_still_is_undefined() -> None:
    values = returns(10)
    assert np.isnan(window_beta(values, np.full(10, 0.25), one_block(values), 5)).all()


@pytest.mark.parametrize("name", [*KERNELS, "beta"])
@given(start=st.integers(0, 380), window=st.integers(2, 21), seed=st.integers(0, 50))
def test_a_window_alone_is_bit_for_bit_the_window_inside_a_long_history(
    name: str, start: int, window: int, seed: int
) -> None:
    values = returns(401, seed)
    kernel = KERNELS.get(name, beta_on_itself_shifted)
    inside = kernel(values, one_block(values), window)[start : start + window][-1:]
    alone = values[start : start + window]
    if name == "beta":
        factor = (np.roll(values, 1) * 0.5 + 0.01)[start : start + window]
        found = window_beta(alone, factor, one_block(alone), window)[-1:]
    else:
        found = kernel(alone, one_block(alone), window)[-1:]
    assert same_bits(found, inside)


@pytest.mark.parametrize("name", KERNELS)
def test_changing_the_future_never_changes_the_past(name: str) -> None:
    values = returns(80)
    before = KERNELS[name](values, one_block(values), WINDOW)
    values[50:] = 7.0
    assert same_bits(KERNELS[name](values, one_block(values), WINDOW)[:50], before[:50])


@pytest.mark.parametrize("name", KERNELS)
def test_a_window_never_reaches_into_another_symbol(name: str) -> None:
    values = returns(30)
    segments = np.array([0, 12, 30], dtype=np.int64)
    found = KERNELS[name](values, segments, WINDOW)
    alone = KERNELS[name](values[12:], one_block(values[12:]), WINDOW)
    assert same_bits(found[12:], alone)
    assert np.isnan(found[12 : 12 + WINDOW - 1]).all()


@pytest.mark.parametrize("name", KERNELS)
def test_a_missing_value_leaves_every_window_that_holds_it_without_result(name: str) -> None:
    values = returns(20)
    values[9] = np.nan
    missing = np.isnan(KERNELS[name](values, one_block(values), WINDOW))
    assert np.flatnonzero(missing).tolist() == [0, 1, 2, 3, 9, 10, 11, 12, 13]


@pytest.mark.parametrize("name", KERNELS)
def test_fewer_rows_than_the_window_have_no_result(name: str) -> None:
    values = returns(4)
    assert np.isnan(KERNELS[name](values, one_block(values), WINDOW)).all()
    assert len(KERNELS[name](np.empty(0), np.array([0]), WINDOW)) == 0


def test_mean_and_std_scale_with_their_values() -> None:
    values = returns(40)
    for kernel in (window_mean, window_std):
        scaled = kernel(values * 8.0, one_block(values), WINDOW)
        assert same_bits(scaled, kernel(values, one_block(values), WINDOW) * 8.0)


def test_drawdown_is_nothing_at_the_peak_and_counts_from_it() -> None:
    values = np.array([0.1, -0.5, 0.2])
    np.testing.assert_allclose(window_drawdown(values, one_block(values), 3)[-1], 1.0 - 0.6)
    np.testing.assert_allclose(window_drawdown(-values, one_block(values), 1), [0.1, 0.0, 0.2])


@pytest.mark.parametrize(("kernel", "window"), [(window_mean, 0), (window_std, 1), (window_growth, -2)])
def test_a_window_too_short_is_refused(kernel: Callable[[Array, Index, int], Array], window: int) -> None:
    with pytest.raises(DataError, match=f"window of {window} sessions is too short; give at least"):
        kernel(returns(5), np.array([0, 5]), window)
