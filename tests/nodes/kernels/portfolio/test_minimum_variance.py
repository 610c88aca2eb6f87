"""Minimum variance: the paper's numbers, another optimiser, and every corner."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from nodes.kernels.portfolio.minimum_variance import minimum_variance_weights
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.portfolio.test_risk_budgeting import PAPER, made


def test_minimum_variance_agrees_with_the_paper_and_with_another_optimiser() -> None:
    found = minimum_variance_weights(PAPER, 1.0, 1.0)
    np.testing.assert_allclose(found, [0.745, 0.0, 0.152, 0.103], atol=5e-4)
    bounds, budget = [(0.0, 0.5)] * 4, {"type": "eq", "fun": lambda weights: weights.sum() - 0.9}
    peer = minimize(
        lambda weights: weights @ PAPER @ weights * 100.0,
        np.full(4, 0.225),
        bounds=bounds,
        constraints=budget,
        tol=1e-12,
    )
    np.testing.assert_allclose(minimum_variance_weights(PAPER, 0.9, 0.5), peer.x, atol=1e-4)


def test_minimum_variance_of_no_asset_is_no_weight() -> None:
    assert minimum_variance_weights(np.empty((0, 0)), 0.9, 0.5).tolist() == []


def test_minimum_variance_of_one_asset_is_the_target() -> None:
    assert minimum_variance_weights(np.array([[0.04]]), 0.9, 1.0).tolist() == [0.9]


def test_minimum_variance_of_collinear_assets_is_the_same_every_time() -> None:
    matrix = np.full((3, 3), 0.04)
    first = minimum_variance_weights(matrix, 0.9, 1.0)
    assert first.sum() == pytest.approx(0.9)
    assert minimum_variance_weights(matrix, 0.9, 1.0).tobytes() == first.tobytes()


def test_minimum_variance_without_room_says_so() -> None:
    with pytest.raises(DataError, match=r"4 assets of at most max_target_weight_frac 0\.2 hold 0\.8"):
        minimum_variance_weights(PAPER, 0.95, 0.2)


@settings(max_examples=15)
@given(size=st.integers(2, 12), seed=st.integers(0, 10_000), room=st.floats(1.05, 4.0))
def test_no_exchange_between_two_assets_lowers_the_variance(size: int, seed: int, room: float) -> None:
    """The conditions of the optimum: a marginal variance is equal inside, lower at the cap, higher at nothing."""
    matrix, cap = made(size, seed), room / size
    weights = minimum_variance_weights(matrix, 1.0, cap)
    marginal = matrix @ weights
    can_rise, can_fall = weights < cap - 1e-9, weights > 1e-9
    assert weights.sum() == pytest.approx(1.0, abs=1e-9)
    assert weights.min() >= 0.0
    assert weights.max() <= cap
    if can_rise.any() and can_fall.any():
        assert marginal[can_rise].min() >= marginal[can_fall].max() * (1.0 - 1e-5)
