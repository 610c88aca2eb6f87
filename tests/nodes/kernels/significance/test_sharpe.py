"""Sharpe ratios and their trials: the papers' numbers, the two kinds of kurtosis, and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nodes.kernels.significance.sharpe import (
    SharpeMoments,
    annualised,
    deflated_sharpe,
    deflated_sharpe_of_trials,
    effective_trials,
    expected_maximum,
    expected_maximum_sharpe,
    minimum_backtest_bound_years,
    minimum_backtest_years,
    minimum_track_record,
    moments_of_returns,
    moments_with_excess_kurtosis,
    moments_with_raw_kurtosis,
    normal_moments,
    normal_standard_error,
    per_period,
    probabilistic_sharpe,
    sharpe_ratio,
    sharpe_standard_error,
)
from nodes.vocabulary.errors import DataError

PAPER_SHARPE, PAPER_VARIANCE = per_period(2.5, 250), 0.5 / 250
PAPER = moments_with_raw_kurtosis(PAPER_SHARPE, 1250, -3.0, 10.0)
"""The example of Bailey and Lopez de Prado (2014): 2.5 a year over five years of 250 days."""
RETURNS = [0.259, 0.198, 0.364, -0.081, 0.057, 0.055, 0.188, 0.317, 0.24, 0.184, -0.01, 0.526]


def test_deflated_sharpe_and_its_benchmark_are_those_of_the_paper() -> None:
    """SIG-02: the published example."""
    assert expected_maximum_sharpe(100, PAPER_VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(PAPER, 100, PAPER_VARIANCE) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(normal_moments(PAPER_SHARPE, 1250), 88, PAPER_VARIANCE) == pytest.approx(0.9505, abs=5e-5)


def test_excess_and_raw_kurtosis_come_to_the_same_and_a_mistaken_kind_is_refused() -> None:
    """SIG-02: 7 in place of 10 would give 0.9018 unnoticed; no law with skewness -3 has the kurtosis 7."""
    assert moments_with_excess_kurtosis(PAPER_SHARPE, 1250, -3.0, 7.0) == PAPER
    with pytest.raises(DataError, match=r"kurtosis_raw was 7\.0, expected at least 1 \+ skewness\^2 = 10.*excess"):
        moments_with_raw_kurtosis(PAPER_SHARPE, 1250, -3.0, 7.0)
    with pytest.raises(DataError, match=r"kurtosis_raw was 0\.0, expected at least .* = 1, .*give it as that"):
        moments_with_raw_kurtosis(PAPER_SHARPE, 1250, 0.0, 0.0)


def test_trials_own_ratios_give_the_variance() -> None:
    """mlfinlab's example, which takes the divisor n."""
    found = deflated_sharpe_of_trials(normal_moments(1.14, 250), [3.5, 1.01, 1.02], ddof=0)
    assert found == pytest.approx(0.95836, abs=1e-4)
    fewer = deflated_sharpe_of_trials(normal_moments(1.14, 250), [3.5, 1.01, 1.02], n_trials=2.0, ddof=0)
    assert fewer > found


def test_probabilistic_sharpe_of_the_hedge_fund_is_that_of_the_paper() -> None:
    """Bailey and Lopez de Prado (2012), section 4."""
    fund = moments_with_raw_kurtosis(0.458, 24, -2.448, 10.164)
    assert probabilistic_sharpe(fund, 0.0) == pytest.approx(0.913, abs=5e-4)
    assert probabilistic_sharpe(normal_moments(0.458, 24), 0.0) == pytest.approx(0.982, abs=5e-4)


def test_minimum_track_records_are_those_published() -> None:
    """mlfinlab's example in periods; Bailey and Lopez de Prado (2012) in years of months."""
    assert minimum_track_record(normal_moments(1.14, 2), 1.0, 0.05) == pytest.approx(228.73497, abs=1e-4)
    fund = moments_with_raw_kurtosis(per_period(2.0, 12), 2, -0.72, 5.78)
    assert minimum_track_record(fund, per_period(1.0, 12), 0.05) / 12 == pytest.approx(4.99, abs=0.005)
    assert minimum_track_record(fund, fund.sharpe, 0.05) == math.inf


@settings(max_examples=40, deadline=None)
@given(
    sharpe=st.floats(0.02, 1.0), lead=st.floats(0.01, 0.5), skewness=st.floats(-2.0, 1.0), level=st.floats(0.01, 0.4)
)
def test_minimum_track_record_is_where_the_probability_reaches_its_level(
    sharpe: float, lead: float, skewness: float, level: float
) -> None:
    shape = moments_with_raw_kurtosis(sharpe, 2, skewness, 3.0 + 2.0 * skewness**2)
    length = minimum_track_record(shape, sharpe - lead, level)
    at_last = SharpeMoments(sharpe, length, skewness, shape.kurtosis_raw)
    assert probabilistic_sharpe(at_last, sharpe - lead) == pytest.approx(1.0 - level, abs=1e-9)


def test_backtest_of_five_years_bears_45_trials() -> None:
    """Bailey, Borwein, Lopez de Prado and Zhu (2014): no more than 45 independent configurations in five years."""
    assert minimum_backtest_years(45, 1.0) == pytest.approx(5.0, abs=0.005)
    assert expected_maximum(10) == pytest.approx(1.57, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(n_trials=st.integers(2, 10**9), target=st.floats(0.1, 5.0))
def test_minimum_backtest_lies_under_its_bound_and_grows_with_trials(n_trials: int, target: float) -> None:
    years = minimum_backtest_years(n_trials, target)
    assert years < minimum_backtest_bound_years(n_trials, target)
    assert years < minimum_backtest_years(n_trials + 1 + n_trials // 10, target)


@pytest.mark.parametrize("n_trials", [10, 60])
def test_best_of_many_draws_is_as_large_as_expected(n_trials: int) -> None:
    drawn = np.random.default_rng(1).standard_normal((20_000, n_trials)).max(axis=1).mean()
    assert expected_maximum(n_trials) == pytest.approx(drawn, rel=0.03)


def test_one_trial_is_no_selection() -> None:
    assert expected_maximum(1) == 0.0
    assert deflated_sharpe(PAPER, 1, PAPER_VARIANCE) == probabilistic_sharpe(PAPER, 0.0)
    assert 0.0 <= expected_maximum(1.0001) < expected_maximum(2)
    assert expected_maximum(1e15) > 7.9  # 1 - 1/N has no digits left there; its tail has


def test_correlated_trials_count_for_fewer() -> None:
    assert effective_trials(100, 0.0) == 100
    assert effective_trials(100, 1.0) == 1
    assert effective_trials(100, 0.4) == pytest.approx(60.4)


def test_sharpe_ratio_is_that_of_the_published_example() -> None:
    """esvhd/pypbo, test_sharpe_iid."""
    assert sharpe_ratio(RETURNS, 0.05) == pytest.approx(0.834364, abs=1e-6)
    assert sharpe_ratio(RETURNS, 0.05, ddof=0) == pytest.approx(0.834364 * math.sqrt(12 / 11), abs=1e-6)
    assert annualised(per_period(1.7, 252), 252) == pytest.approx(1.7)


def test_moments_of_returns_are_those_of_scipy_with_raw_kurtosis() -> None:
    values = np.random.default_rng(3).gamma(2.0, 1.0, 300)
    found = moments_of_returns(values, 0.5)
    assert found.sharpe == pytest.approx((values.mean() - 0.5) / values.std(ddof=1))
    assert found.skewness == pytest.approx(stats.skew(values))
    assert found.kurtosis_raw == pytest.approx(stats.kurtosis(values, fisher=False))
    assert found.n_periods == 300


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=30), st.floats(0.01, 100.0))
def test_moments_of_any_sample_are_possible_and_follow_no_scale(values: list[float], scale: float) -> None:
    if np.ptp(values) < 1e-3:
        return
    found, scaled = moments_of_returns(values), moments_of_returns(np.array(values) * scale)
    assert found.kurtosis_raw >= 1.0 + found.skewness**2
    assert scaled.sharpe == pytest.approx(found.sharpe, rel=1e-6, abs=1e-9)


def test_ratios_of_samples_err_as_much_as_the_standard_error_says() -> None:
    drawn = np.random.default_rng(5).standard_normal((4000, 120)) + 0.3
    ratios = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1)
    assert sharpe_standard_error(normal_moments(0.3, 120)) == pytest.approx(ratios.std(), rel=0.05)
    assert normal_standard_error(0.3, 120) == pytest.approx(math.sqrt((1 + 0.3**2 / 2) / 120))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: sharpe_ratio([0.1] * 9), "of strategy 0 do not vary"),
        (lambda: sharpe_ratio([0.1, math.nan]), "have nan in period 1"),
        (lambda: sharpe_ratio([0.1]), "have 1 values, expected at least 2"),
        (lambda: sharpe_ratio([0.1, 0.2], ddof=2), "ddof was 2.0, expected over -1 and under 2; give 0 or 1"),
        (lambda: moments_of_returns([0.1, 0.2, 0.3]), "have 3 values, expected at least 4"),
        (lambda: normal_moments(math.nan, 20), "expected finite numbers; give all four"),
        (lambda: normal_moments(0.1, 1), "n_periods was 1, expected over 1; give a longer track record"),
        (lambda: normal_standard_error(0.1, 0), "n_periods was 0, expected over 1"),
        (lambda: probabilistic_sharpe(PAPER, math.inf), "the benchmark was inf, expected a finite Sharpe ratio"),
        (lambda: expected_maximum(0), "n_trials was 0, expected 1 or more; count every configuration"),
        (lambda: expected_maximum(math.nan), "n_trials was nan"),
        (lambda: expected_maximum_sharpe(5, -1.0), r"variance of the trials' ratios was -1\.0, expected 0 or more"),
        (
            lambda: deflated_sharpe_of_trials(PAPER, [0.1]),
            "the trials' Sharpe ratios have 1 values, expected at least 2",
        ),
        (lambda: effective_trials(10, -0.2), "mean correlation -0.2, expected 1 or more and 0 to 1; count a negative"),
        (lambda: minimum_track_record(PAPER, 0.0, 5), "the level was 5, expected over 0 and under 0.5"),
        (lambda: minimum_backtest_years(10, 0.0), "the target Sharpe ratio was 0.0, expected over 0"),
        (lambda: minimum_backtest_bound_years(0, 1.0), "n_trials was 0"),
        (lambda: per_period(1.0, 0.0), "periods_per_year was 0.0, expected over 0"),
        (lambda: sharpe_standard_error(SharpeMoments(1.0, 9, 2.0, 5.0)), "such returns take two values only"),
    ],
)
def test_what_says_nothing_is_refused(asked: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        asked()  # type: ignore[operator]  # a call
