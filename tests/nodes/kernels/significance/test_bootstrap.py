"""Resamples: counts are those of the indices, blocks are as long as asked, and the variance is the one implied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import (
    CHUNK,
    Resampling,
    Scheme,
    bootstrap_variances,
    kernel_variances,
    resample_counts,
    resample_indices,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.panels import noise

SCHEMES: tuple[Scheme, ...] = ("stationary", "circular")


def all_counts(resampling: Resampling, n_periods: int) -> Array:
    return np.concatenate(list(resample_counts(resampling, n_periods)))


@settings(max_examples=15, deadline=None)
@given(
    scheme=st.sampled_from(SCHEMES),
    n_periods=st.integers(6, 40),
    block=st.integers(1, 3),
    n_resamples=st.sampled_from([1, CHUNK - 1, CHUNK + 3]),
    seed=st.integers(0, 99),
)
def test_counts_are_how_often_the_indices_name_each_period(
    scheme: Scheme, n_periods: int, block: int, n_resamples: int, seed: int
) -> None:
    resampling = Resampling(scheme, float(block), n_resamples, seed)
    indices = resample_indices(resampling, n_periods)
    assert indices.shape == (n_resamples, n_periods)
    wanted = [np.bincount(row, minlength=n_periods) for row in indices]
    assert np.array_equal(all_counts(resampling, n_periods), np.array(wanted))


def test_more_resamples_begin_with_the_fewer_and_another_seed_draws_others() -> None:
    few, many, other = (Resampling("stationary", 4.0, n, seed) for n, seed in ((10, 3), (CHUNK + 10, 3), (10, 4)))
    assert np.array_equal(all_counts(few, 30), all_counts(many, 30)[:10])
    assert not np.array_equal(all_counts(few, 30), all_counts(other, 30))


def test_circular_blocks_have_one_length_and_wrap() -> None:
    indices = resample_indices(Resampling("circular", 7.0, 50, 1), 20)
    steps = np.diff(indices, axis=1) % 20
    inside = np.arange(1, 20) % 7 != 0
    assert (steps[:, inside] == 1).all()
    assert (indices == 19).any()


def test_stationary_blocks_have_the_mean_length_asked_for() -> None:
    indices = resample_indices(Resampling("stationary", 8.0, 600, 1), 500)
    begun = np.mean(np.diff(indices, axis=1) % 500 != 1)
    assert 1.0 / begun == pytest.approx(8.0 * 500 / 499, rel=0.02)  # one start in n follows its neighbour by chance


def test_kernel_variance_is_the_sum_of_the_paper_lag_by_lag() -> None:
    """Hansen (2005), section 3.1.1, written as it stands there."""
    panel, block = noise(60, 2, 5, 0.5), 6.0
    away, n = panel - panel.mean(axis=0), len(panel)
    wanted = (away**2).sum(axis=0) / n
    for lag in range(1, n):
        kappa = (n - lag) / n * (1 - 1 / block) ** lag + lag / n * (1 - 1 / block) ** (n - lag)
        wanted += 2 * kappa * (away[:-lag] * away[lag:]).sum(axis=0) / n
    np.testing.assert_allclose(kernel_variances(panel, Resampling("stationary", block, 1, 0)), wanted, rtol=1e-12)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("block", [1.0, 7.0])
def test_resamples_vary_as_the_kernel_says(scheme: Scheme, block: float) -> None:
    panel = noise(101, 3, 2, 0.6)
    resampling = Resampling(scheme, block, 4000, 5)
    np.testing.assert_allclose(bootstrap_variances(panel, resampling), kernel_variances(panel, resampling), rtol=0.09)


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-10.0, 10.0))
@settings(max_examples=15, deadline=None)
def test_variance_follows_the_square_of_the_scale_and_no_shift(scale: float, shift: float) -> None:
    panel, resampling = noise(40, 2, 1), Resampling("stationary", 3.0, 20, 1)
    for variances in (kernel_variances, bootstrap_variances):
        moved = variances((panel + shift) * scale, resampling)
        np.testing.assert_allclose(moved, variances(panel, resampling) * scale**2, rtol=1e-7)


@pytest.mark.parametrize(
    ("resampling", "message"),
    [
        (Resampling("stationary", 0.5, 10, 1), "block_periods was 0.5, expected 1 to half of the 20 periods; give"),
        (Resampling("stationary", 11.0, 10, 1), "block_periods was 11.0, expected 1 to half"),
        (Resampling("stationary", float("nan"), 10, 1), "block_periods was nan, expected 1 to half"),
        (Resampling("circular", 2.5, 10, 1), "block_periods was 2.5 for the circular scheme, expected a whole number"),
        (Resampling("circular", 2.0, 0, 1), "n_resamples was 0 and seed 1, expected at least 1 and at least 0"),
        (Resampling("circular", 2.0, 5, -1), "n_resamples was 5 and seed -1"),
    ],
)
def test_resampling_that_cannot_be_is_refused(resampling: Resampling, message: str) -> None:
    with pytest.raises(DataError, match=message):
        resample_indices(resampling, 20)
