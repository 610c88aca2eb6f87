"""The gap between predicted and realised costs, on made-up orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.reality_gap import LEVELS, beyond_share, cost_coefficients, gap_distribution, predicted_bps
from nodes.vocabulary.errors import DataError


@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.integers(0, 1000))
def test_planted_coefficients_are_recovered(one: float, other: float, seed: int) -> None:
    parts = np.random.default_rng(seed).uniform(1.0, 50.0, (40, 2))
    found = cost_coefficients(parts, parts @ np.array([one, other]), np.sum(parts, axis=1))
    assert found == pytest.approx([one, other], abs=1e-6)


def test_orders_that_rested_and_paid_nothing_do_not_move_what_is_usual() -> None:
    """EXE-10."""
    parts = np.random.default_rng(5).uniform(1.0, 50.0, (40, 2))
    paid = parts @ np.array([2.0, 1.0])
    paid[:8] = 0.0
    assert cost_coefficients(parts, paid, np.sum(parts, axis=1)) == pytest.approx([2.0, 1.0], rel=1e-3)


def test_a_part_that_would_have_to_be_negative_is_left_out() -> None:
    parts = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    found = cost_coefficients(parts, parts @ np.array([2.0, -0.5]), np.ones(3))
    assert (found >= 0.0).all()
    assert found[1] == 0.0


def test_too_few_orders_calibrate_nothing() -> None:
    with pytest.raises(DataError, match="2 orders are too few to calibrate 3 parts"):
        cost_coefficients(np.ones((2, 3)), np.ones(2), np.ones(2))


def test_the_distribution_says_how_many_orders_are_within_the_tolerance() -> None:
    """EXE-10."""
    found = gap_distribution(np.array([10.0, 10.0, 10.0, 10.0]), np.array([10.0, 10.5, 20.0, 5.0]), 0.10)
    assert (found.n_orders, found.within_frac) == (4, 0.5)
    assert found.gap_quantiles[LEVELS.index(0.5)] == pytest.approx(0.5 / 10.5)
    assert found.mean_error_bps == pytest.approx(1.375)
    assert np.isnan(found.correlation)


def test_nothing_paid_and_nothing_predicted_is_no_gap() -> None:
    found = gap_distribution(np.array([0.0, 1.0]), np.array([0.0, 0.0]), 0.10)
    assert found.within_frac == 0.5
    assert found.gap_quantiles[-1] == np.inf


def test_no_orders_have_no_distribution() -> None:
    with pytest.raises(DataError, match="0 predictions for 0 orders"):
        gap_distribution(np.array([]), np.array([]), 0.10)


def test_what_an_auction_has_no_room_for_is_a_share_of_the_order() -> None:
    assert beyond_share(np.array([0.0, 1e-4, 2e-4, 4e-4]), 2e-4).tolist() == [0.0, 0.0, 0.0, 0.5]
    assert predicted_bps(np.array([[1.0, 2.0]]), np.array([3.0, 0.5])).tolist() == [4.0]
