"""Dependent returns: the published table, the error under autocorrelation, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.significance.sharpe import moments_of_returns, sharpe_standard_error
from nodes.kernels.significance.sharpe_dependence import (
    aggregation_factor,
    autocorrelations,
    first_order_aggregation_factor,
    robust_standard_error,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.panels import noise


@pytest.mark.parametrize(("periods", "wanted"), [(360, 0.905), (52, 0.906), (12, 0.912), (4, 0.928), (1, 1.0)])
def test_first_order_factors_are_those_published_as_shares_of_the_root(periods: int, wanted: float) -> None:
    """mlfinlab, test_annualized_sharpe_ratio, rho 0.1; Lo (2002), the table under eq. 21."""
    assert first_order_aggregation_factor(0.1, periods) / math.sqrt(periods) == pytest.approx(wanted, abs=5e-4)


@settings(max_examples=20, deadline=None)
@given(rho=st.floats(-0.9, 0.9), periods=st.integers(1, 30))
def test_factor_is_the_ratio_over_the_aggregate_of_a_first_order_autoregression(rho: float, periods: int) -> None:
    """The variance of the sum, term by term."""
    variance = sum(rho ** abs(one - other) for one in range(periods) for other in range(periods))
    assert first_order_aggregation_factor(rho, periods) == pytest.approx(periods / math.sqrt(variance), rel=1e-9)


def test_without_autocorrelation_the_factor_is_the_root() -> None:
    assert aggregation_factor([], 12) == pytest.approx(math.sqrt(12))
    assert aggregation_factor([0.0] * 40, 12) == pytest.approx(math.sqrt(12))


def test_autocorrelations_are_those_written_plainly() -> None:
    values = noise(80, 1, 2, 0.5)[:, 0]
    away = values - values.mean()
    wanted = [(away[lag:] * away[:-lag]).sum() / (away**2).sum() for lag in (1, 2, 3)]
    np.testing.assert_allclose(autocorrelations(values, 3), wanted, rtol=1e-12)


def test_error_without_lags_is_that_of_independent_returns() -> None:
    values = noise(500, 1, 4)[:, 0] + 0.2
    independent = sharpe_standard_error(moments_of_returns(values))
    assert robust_standard_error(values, 0) == pytest.approx(independent, rel=2e-3)


def test_error_of_persistent_returns_is_that_of_simulation() -> None:
    """Lo (2002): the independent formula understates it by far."""
    panel = noise(600, 800, 6, 0.4) + 0.1
    ratios = panel.mean(axis=0) / panel.std(axis=0, ddof=1)
    found = np.mean([robust_standard_error(panel[:, each], 12) for each in range(40)])
    assert found == pytest.approx(ratios.std(), rel=0.08)
    assert sharpe_standard_error(moments_of_returns(panel[:, 0])) < 0.75 * ratios.std()


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="n_lags was 20, expected 0 to 19; give fewer lags or a longer sample"):
        robust_standard_error(noise(20, 1)[:, 0], 20)
    with pytest.raises(DataError, match=r"the variance over 3 periods was -1; give autocorrelations that a series can"):
        aggregation_factor([-1.0], 3)
    with pytest.raises(DataError, match="the autocorrelation was 1, expected over -1 and under 1"):
        first_order_aggregation_factor(1, 3)
    with pytest.raises(DataError, match=r"n_periods was 0\.0, expected over 0"):
        aggregation_factor([], 0)
