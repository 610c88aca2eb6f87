"""Fractional differentiation: published weights, its two ends, statsmodels as oracle of the test of a unit root."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.stattools import adfuller

from nodes.kernels.arrays import Array
from nodes.kernels.fractional import (
    adf_critical,
    adf_statistic,
    adjusted_log_levels,
    differentiations,
    expanding_difference,
    fixed_width_difference,
    fixed_width_weights,
    fractional_weights,
    least_order,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block, same_bits


def walk(seed: int, count: int) -> Array:
    return np.cumsum(np.random.default_rng(seed).normal(0.0, 0.01, count))


def test_weights_of_order_four_tenths_are_the_published_ones() -> None:
    assert fractional_weights(0.4, 6) == pytest.approx([1, -0.4, -0.12, -0.064, -0.0416, -0.029952], abs=1e-12)


@pytest.mark.parametrize(
    ("order", "min_weight", "max_size", "size"),
    [(0.9, 0.001, 100, 12), (0.4, 1e-5, 5000, 1458), (0.4, 1e-5, 100, 100), (0.0, 0.1, 9, 1), (1.0, 0.1, 9, 2)],
)
def test_a_fixed_width_ends_before_the_first_weight_that_is_too_small(
    order: float, min_weight: float, max_size: int, size: int
) -> None:
    assert len(fixed_width_weights(order, min_weight, max_size)) == size


def test_no_weights_are_refused() -> None:
    with pytest.raises(DataError, match="0 weights differentiate nothing"):
        fractional_weights(0.4, 0)


def test_order_nought_is_the_price_and_order_one_its_log_return() -> None:
    price, ratio = np.exp(walk(1, 50)), np.ones(50)
    same = fixed_width_difference(price, ratio, one_block(price), fixed_width_weights(0.0, 1e-3, 50))
    step = fixed_width_difference(price, ratio, one_block(price), fixed_width_weights(1.0, 1e-3, 50))
    assert same == pytest.approx(np.log(price), abs=1e-12)
    assert step[1:] == pytest.approx(np.diff(np.log(price)), abs=1e-12)
    assert np.isnan(step[0])


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(0.05, 1.2), st.integers(1, 12))
def test_a_window_is_the_sum_of_weighted_logs_of_prices_on_its_last_basis(seed: int, order: float, width: int) -> None:
    draws = np.random.default_rng(seed)
    ratio = np.where(draws.random(40) < 0.1, 2.0, 1.0)
    adjusted = 50.0 * np.exp(walk(seed, 40))
    price = adjusted / np.cumprod(ratio)
    weights = fractional_weights(order, width)
    found = fixed_width_difference(price, ratio, one_block(price), weights)
    for row in (width - 1, 20, 39):
        on_last = adjusted[row - width + 1 : row + 1][::-1] / np.prod(ratio[: row + 1])
        assert found[row] == pytest.approx(float(np.sum(weights * np.log(on_last))), abs=1e-10)
    assert np.isnan(found[: width - 1]).all()


def test_a_window_alone_gives_the_bits_of_the_same_window_in_a_long_history() -> None:
    price, ratio = np.exp(walk(3, 120)), np.where(np.arange(120) == 100, 2.0, 1.0)
    weights = fixed_width_weights(0.5, 0.02, 120)
    whole = fixed_width_difference(price, ratio, np.array([0, 60, 120]), weights)
    alone = fixed_width_difference(price[-len(weights) :], ratio[-len(weights) :], np.array([0, len(weights)]), weights)
    assert same_bits(whole[-1:], alone[-1:])


def test_the_expanding_form_weighs_all_rows_and_leaves_out_those_that_miss_too_much() -> None:
    level, weights = walk(4, 30), fractional_weights(0.4, 30)
    full, cut = expanding_difference(level, 0.4, 1.0), expanding_difference(level, 0.4, 0.2)
    expected = [float(np.sum(weights[: row + 1] * level[row::-1])) for row in range(30)]
    missed = np.cumsum(np.abs(weights[::-1])) / np.abs(weights).sum()

    assert full == pytest.approx(expected, abs=1e-12)
    assert np.isnan(cut).sum() == np.count_nonzero(missed > 0.2)
    assert same_bits(cut[~np.isnan(cut)], full[~np.isnan(cut)])
    assert len(expanding_difference(np.empty(0), 0.4, 0.1)) == 0


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(20, 300), st.booleans())
def test_the_statistic_and_its_critical_value_are_those_of_statsmodels(seed: int, count: int, is_noise: bool) -> None:  # noqa: FBT001
    values = walk(seed, count)
    values = np.diff(values, prepend=0.0) if is_noise else values
    peer = adfuller(values, maxlag=1, regression="c", autolag=None, result_object=False)
    assert adf_statistic(values) == pytest.approx(peer[0], rel=1e-8)
    assert adf_critical(count) == pytest.approx(peer[4]["5%"], abs=1e-10)


def test_a_series_that_says_nothing_has_no_statistic() -> None:
    assert np.isnan(
        [adf_statistic(np.ones(50)), adf_statistic(np.arange(5.0)), adf_statistic(np.full(50, np.nan))]
    ).all()


def test_the_least_order_is_the_first_that_passes_and_more_order_leaves_less_memory() -> None:
    level, orders = walk(7, 800), np.linspace(0.0, 1.0, 11)
    found = differentiations(level, orders, 0.01)
    least = least_order(level, orders, 0.01)

    assert 0.0 < least < 1.0
    assert [item.is_stationary for item in found] == [item.order >= least for item in found]
    assert found[0].correlation == pytest.approx(1.0)
    assert found[-1].correlation < 0.2
    assert np.isnan(least_order(level, np.array([0.0]), 0.01))


def test_a_missing_return_leaves_the_level_where_it_was() -> None:
    assert adjusted_log_levels(np.array([np.nan, 0.1, np.nan, 0.2])).tolist() == pytest.approx([0.0, 0.1, 0.1, 0.3])
