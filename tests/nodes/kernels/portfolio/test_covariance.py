"""Covariances: against scikit-learn, by hand, at every corner; and repair that changes only what must change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf  # type: ignore[import-untyped]  # ships no types

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.covariance import (
    constant_correlation_covariance,
    ewma_covariance,
    factor_covariance,
    ledoit_wolf_covariance,
    principal_factor_covariance,
    repaired_covariance,
)
from nodes.kernels.portfolio.methods import COVARIANCES
from nodes.vocabulary.errors import DataError

RETURNS = np.random.default_rng(2).normal(0.0, 0.02, (60, 2)) @ np.random.default_rng(3).normal(size=(2, 5))
RETURNS = RETURNS + np.random.default_rng(4).normal(0.0, 0.01, (60, 5))


def honey(returns: Array) -> Array:
    """The oracle: the sums of the paper's appendix B, index by index."""
    rows, size = returns.shape
    y = returns - returns.mean(axis=0)
    s = y.T @ y / rows
    root = np.sqrt(np.diagonal(s))
    r = s / np.outer(root, root)
    mean = sum(r[i, j] for i in range(size) for j in range(i + 1, size)) * 2 / (size * (size - 1))
    f = mean * np.outer(root, root)
    np.fill_diagonal(f, np.diagonal(s))
    pi = np.array([[((y[:, i] * y[:, j] - s[i, j]) ** 2).mean() for j in range(size)] for i in range(size)])

    def theta(i: int, j: int) -> float:
        return float(((y[:, i] ** 2 - s[i, i]) * (y[:, i] * y[:, j] - s[i, j])).mean())

    rho = np.trace(pi) + sum(
        mean / 2 * (root[j] / root[i] * theta(i, j) + root[i] / root[j] * theta(j, i))
        for i in range(size)
        for j in range(size)
        if i != j
    )
    part = max(0.0, min(1.0, (pi.sum() - rho) / ((f - s) ** 2).sum() / rows))
    return np.asarray(part * f + (1 - part) * s)


def test_ledoit_wolf_agrees_with_scikit_learn() -> None:
    np.testing.assert_allclose(
        ledoit_wolf_covariance(RETURNS), LedoitWolf().fit(RETURNS).covariance_, rtol=1e-12, atol=1e-18
    )


def test_constant_correlation_agrees_with_the_sums_of_the_paper() -> None:
    np.testing.assert_allclose(constant_correlation_covariance(RETURNS), honey(RETURNS), rtol=1e-10)


def test_ewma_weighs_by_age() -> None:
    returns = np.array([[0.01], [0.02], [-0.03]])
    assert ewma_covariance(returns, 1.0)[0, 0] == pytest.approx((0.25 * 0.01**2 + 0.5 * 0.02**2 + 0.03**2) / 1.75)


def test_an_observed_factor_explains_its_part_and_leaves_the_rest_to_each_asset() -> None:
    rng = np.random.default_rng(5)
    factor = rng.normal(0.0, 0.01, (4000, 1))
    returns = factor @ np.array([[1.0, 0.5]]) + rng.normal(0.0, 0.005, (4000, 2))
    found = factor_covariance(returns, factor)
    np.testing.assert_allclose(found, [[1.25e-4, 5e-5], [5e-5, 5e-5]], rtol=0.1)
    fitted = np.linalg.lstsq(np.column_stack([np.ones(4000), factor]), returns, rcond=None)
    assert found[0, 0] == pytest.approx(fitted[0][1, 0] ** 2 * factor.var(ddof=1) + fitted[1][0] / 3998, rel=1e-9)


def test_principal_factors_keep_variances_and_with_all_of_them_the_sample() -> None:
    sample = np.cov(RETURNS.T)
    few, every = principal_factor_covariance(RETURNS, 2), principal_factor_covariance(RETURNS, 5)
    np.testing.assert_allclose(np.diagonal(few), np.diagonal(sample), rtol=1e-12)
    np.testing.assert_allclose(every, sample, rtol=1e-9)
    assert np.abs(few - sample).max() < 0.2 * np.abs(sample).max()


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), rows=st.integers(3, 40), size=st.integers(1, 8))
def test_every_estimate_is_symmetric_and_no_mix_of_assets_has_a_negative_variance(
    seed: int, rows: int, size: int
) -> None:
    returns = np.random.default_rng(seed).standard_t(4, (rows, size)) * 0.01
    for name, estimate in COVARIANCES.items():
        matrix, _ = repaired_covariance(estimate(returns))
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-18)
        assert np.linalg.eigvalsh(matrix).min() > 0.0, name


def test_a_definite_matrix_is_left_as_it_is() -> None:
    matrix = np.diag([0.04, 0.09])
    assert repaired_covariance(matrix)[0] is matrix


def test_a_matrix_that_is_none_is_repaired_near_itself() -> None:
    """The example of Rebonato and Jackel (1999), section 3: three correlations that cannot be together."""
    broken = np.array([[1.0, 0.9, 0.7], [0.9, 1.0, 0.3], [0.7, 0.3, 1.0]])
    found, is_repaired = repaired_covariance(broken)
    assert is_repaired
    assert np.linalg.eigvalsh(found).min() > 0.0
    np.testing.assert_allclose(np.diagonal(found), 1.0, rtol=1e-12)
    np.testing.assert_allclose(found, [[1.0, 0.894, 0.696], [0.894, 1.0, 0.301], [0.696, 0.301, 1.0]], atol=2e-3)


def test_collinear_assets_are_repaired_with_their_variances_kept() -> None:
    found, is_repaired = repaired_covariance(np.full((3, 3), 0.04))
    assert is_repaired
    np.testing.assert_allclose(np.diagonal(found), 0.04, rtol=1e-12)


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        (lambda: ledoit_wolf_covariance(RETURNS[:1]), "covariance of 1 periods is undefined here; give at least 2"),
        (
            lambda: ledoit_wolf_covariance(np.where(RETURNS[3, 1] == RETURNS, np.nan, RETURNS)),
            "asset 1 in period 3 is nan",
        ),
        (lambda: constant_correlation_covariance(RETURNS * [1, 1, 0, 1, 1]), "asset 2 of 5 has variance 0.0"),
        (lambda: ewma_covariance(RETURNS, 0.0), "half-life of 0.0 periods; give a positive one"),
        (lambda: principal_factor_covariance(RETURNS, 0), "factor model of 0 factors; ask for at least 1"),
        (lambda: factor_covariance(RETURNS[:3], RETURNS[:3, :2]), "covariance of 3 periods .* give at least 4"),
        (lambda: repaired_covariance(np.array([[np.nan]])), "covariance of 1 assets misses values"),
        (lambda: repaired_covariance(np.array([[0.0]])), "asset 0 of 1 has variance 0.0"),
    ],
)
def test_what_has_no_covariance_is_said(estimate: Callable[[], object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        estimate()
