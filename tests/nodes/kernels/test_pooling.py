"""Weights of ensembles: on the simplex, at the minimum, and zero for who adds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.pooling import class_pool_weights, value_pool_weights
from nodes.vocabulary.errors import DataError

Pool: TypeAlias = Callable[[Array, Array, Array], Array]
CHANCE = np.random.default_rng(5)
TRUE = CHANCE.uniform(0.05, 0.95, 800)
CLASSES = (CHANCE.random(800) < TRUE).astype(np.float64)
ONES = np.ones(800)


def test_a_member_that_says_nothing_weighs_next_to_nothing() -> None:
    found = class_pool_weights(np.column_stack((TRUE, np.full(800, 0.5))), CLASSES, ONES)
    assert found[0] > 0.8


def test_values_are_pooled_to_the_best_mixture_by_hand() -> None:
    """Two members with errors of variance 1 and 4 and no correlation weigh 4 to 1."""
    y = CHANCE.standard_normal(8_000)
    members = np.column_stack((y + CHANCE.standard_normal(8_000), y + 2 * CHANCE.standard_normal(8_000)))
    assert value_pool_weights(members, y, np.ones(8_000)) == pytest.approx([0.8, 0.2], abs=0.04)


@pytest.mark.parametrize("fit", [class_pool_weights, value_pool_weights])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), n_members=st.integers(1, 5))
def test_no_corner_and_no_equal_mixture_is_better(fit: Pool, seed: int, n_members: int) -> None:
    chance = np.random.default_rng(seed)
    y = (chance.random(60) < 0.5).astype(np.float64)
    members = np.clip(y[:, None] * chance.random(n_members) + chance.uniform(0, 1, (60, n_members)), 0.01, 0.99)
    found = fit(members, y, np.ones(60))
    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()
    others = [*np.eye(n_members), np.full(n_members, 1 / n_members)]
    assert _loss(fit, members, y, found) <= min(_loss(fit, members, y, other) for other in others) + 1e-7


@pytest.mark.parametrize("fit", [class_pool_weights, value_pool_weights])
def test_the_order_of_members_only_orders_the_weights(fit: Pool) -> None:
    members = np.column_stack((TRUE, np.clip(TRUE + 0.1, 0, 1), np.full(800, 0.3)))
    assert fit(members[:, ::-1], CLASSES, ONES)[::-1] == pytest.approx(fit(members, CLASSES, ONES), abs=1e-6)


def test_rows_that_a_member_did_not_predict_take_no_part() -> None:
    members = np.column_stack((TRUE, np.full(800, 0.5)))
    gappy = np.vstack((members, [[np.nan, 0.5], [0.5, np.nan]]))
    y, weights = np.append(CLASSES, [1.0, 1.0]), np.ones(802)
    assert np.array_equal(class_pool_weights(gappy, y, weights), class_pool_weights(members, CLASSES, ONES))


def test_members_that_never_meet_are_refused() -> None:
    with pytest.raises(DataError, match="none of 2 rows was predicted by all 2 members"):
        value_pool_weights(np.array([[np.nan, 1.0], [1.0, np.nan]]), np.zeros(2), np.ones(2))


def _loss(fit: Pool, members: Array, y: Array, weights: Array) -> float:
    mixed = (members * weights).sum(axis=1)
    if fit is value_pool_weights:
        return float(np.mean((y - mixed) ** 2))
    return float(-np.mean(np.log(np.where(y == 1, mixed, 1 - mixed))))
