"""Risk figures against numpy, and what a missing value does to each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.risk import (
    covariance,
    max_drawdown,
    portfolio_volatility,
    products,
    risk_contributions,
    sharpe_ratio,
)
from nodes.vocabulary.errors import DataError


def returns(rows: int, columns: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(0.0, 0.02, (rows, columns))


def test_covariance_agrees_with_numpy() -> None:
    table = returns(126, 5)
    np.testing.assert_allclose(covariance(table), np.cov(table, rowvar=False), rtol=1e-12, atol=1e-18)


def test_covariance_is_symmetric_to_the_bit() -> None:
    matrix = covariance(returns(126, 5))
    np.testing.assert_array_equal(matrix, matrix.T)


def test_covariance_of_reordered_symbols_is_the_reordered_covariance() -> None:
    table, order = returns(60, 4), [2, 0, 3, 1]
    np.testing.assert_array_equal(covariance(table[:, order]), covariance(table)[np.ix_(order, order)])


def test_covariance_scales_with_the_square() -> None:
    table = returns(60, 3)
    np.testing.assert_array_equal(covariance(table * 4.0), covariance(table) * 16.0)


def test_a_missing_return_leaves_its_symbol_without_covariance_and_no_other() -> None:
    table = returns(30, 3)
    table[7, 1] = np.nan
    matrix = covariance(table)
    assert np.isnan(matrix[1]).all()
    assert np.isnan(matrix[:, 1]).all()
    np.testing.assert_array_equal(matrix[np.ix_([0, 2], [0, 2])], covariance(table[:, [0, 2]]))


def test_covariance_of_one_session_is_refused() -> None:
    with pytest.raises(DataError, match="covariance of 1 sessions is undefined; give at least 2"):
        covariance(returns(1, 2))


def test_risk_contributions_add_up_to_the_variance() -> None:
    matrix, weights = covariance(returns(60, 4)), np.array([0.1, 0.2, 0.3, 0.4])
    contributions = risk_contributions(weights, matrix)
    assert contributions.sum() == pytest.approx(weights @ matrix @ weights, rel=1e-12)
    assert portfolio_volatility(weights, matrix) == pytest.approx(math.sqrt(weights @ matrix @ weights), rel=1e-12)
    np.testing.assert_allclose(products(matrix, weights), matrix @ weights, rtol=1e-12)


def test_equal_weights_have_the_volatility_of_the_paper() -> None:
    volatility = np.array([0.1, 0.2, 0.3, 0.4])
    correlation = np.array([[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]], dtype=float)
    matrix = correlation * np.outer(volatility, volatility)
    assert portfolio_volatility(np.full(4, 0.25), matrix) == pytest.approx(0.115, abs=2e-4)


@given(steps=st.lists(st.floats(-0.9, 2.0), max_size=40))
def test_drawdown_lies_between_nothing_and_everything(steps: list[float]) -> None:
    level = np.concatenate([[1.0], np.cumprod(1.0 + np.array(steps))])
    wanted = float((1.0 - level / np.maximum.accumulate(level)).max())
    assert max_drawdown(np.array(steps)) == pytest.approx(max(wanted, 0.0), rel=1e-9, abs=1e-12)


def test_drawdown_of_a_path_that_only_rises_is_nothing() -> None:
    assert max_drawdown(np.array([0.1, 0.0, 0.2])) == 0.0
    assert max_drawdown(np.empty(0)) == 0.0


def test_sharpe_ratio_of_returns_that_stand_still_is_undefined() -> None:
    assert math.isnan(sharpe_ratio(np.full(5, 0.25), 0.0))
