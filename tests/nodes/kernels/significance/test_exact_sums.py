"""Sums over a grid: exact whatever the order, and close to what was put in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from nodes.kernels.significance.exact_sums import exact_sums, on_grid
from tests.nodes.kernels.significance.panels import noise


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-250, 1e250), n_terms=st.integers(1, 4000))
def test_grid_is_finer_than_a_billionth_and_its_sums_stay_under_the_limit(
    seed: int, scale: float, n_terms: int
) -> None:
    values = noise(50, 2, seed) * scale
    grid = on_grid(values, n_terms)
    assert np.array_equal(grid.whole, np.rint(grid.whole))
    assert np.abs(grid.whole).max() * n_terms <= 2.0**53
    np.testing.assert_allclose(grid.whole * grid.spacing, values, rtol=0, atol=1e-11 * np.abs(values).max())


def test_sums_are_those_of_python_whatever_the_threads_and_the_order_of_rows() -> None:
    grid = on_grid(noise(400, 3), 400)
    weights = np.random.default_rng(1).multinomial(400, np.full(400, 1 / 400), 8).astype(np.float64)
    wanted = [[math.fsum((row * column).tolist()) for column in grid.whole.T] for row in weights]
    shuffled = np.random.default_rng(2).permutation(400)
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, "blas"):
            assert exact_sums(weights, grid.whole).tolist() == wanted
            assert exact_sums(weights[:, shuffled], grid.whole[shuffled]).tolist() == wanted


@pytest.mark.parametrize("value", [0.0, -0.0, 5e-324, 1.7e308])
def test_extreme_columns_keep_their_values(value: float) -> None:
    grid = on_grid(np.full((3, 1), value), 3)
    assert (grid.whole * grid.spacing)[0, 0] == pytest.approx(value, rel=1e-9, abs=1e-290)
