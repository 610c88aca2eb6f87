"""Tests of events: published numbers, formulas by hand, size where events share dates, and power.

Promise SIG-04: a cluster-robust event study whose date-clustered simulation keeps its size.
`python -m tests.benchmarks.event_study_size` prints the table of docs/event-studies.md.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nodes.kernels.significance.abnormal_returns import AbnormalReturns, NormalReturn, abnormal_returns
from nodes.kernels.significance.clusters import clustered_mean
from nodes.kernels.significance.event_study import (
    clustering_factor,
    cross_sectional_test,
    cumulative,
    event_tests,
    mackinlay_test,
    patell_test,
    residual_correlation,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.significance.event_made_up import WINDOWS, MadeUp, made_up

DATA = made_up(11, 4, 5, 0.3)


def study(data: MadeUp) -> AbnormalReturns:
    return abnormal_returns(data.returns, data.market, data.events, WINDOWS, NormalReturn.MARKET_MODEL)


@pytest.mark.parametrize(("mean", "error", "published"), [(0.00965, 0.00104, 9.28), (-0.00679, 0.00098, -6.93)])
def test_the_news_of_thirty_firms_is_as_significant_as_mackinlay_says(
    mean: float, error: float, published: float
) -> None:
    """MacKinlay (1997), market model, day 0 of good and bad news: the error is that of the mean of all events."""
    values, variance = np.full(189, mean), np.full(189, 189 * error**2)
    assert mackinlay_test(values, variance).statistic == pytest.approx(published, abs=0.005)


def test_a_little_correlation_costs_a_third_of_the_statistic() -> None:
    """Kolari and Pynnonen (2010): 50 events, mean correlation 0.02, t of 2.5."""
    factor = clustering_factor(50, 0.02, spread=True)
    assert factor == pytest.approx(0.70353, abs=5e-5)
    assert 2.5 * factor == pytest.approx(1.75882, abs=5e-5)


def test_statistics_are_those_of_their_formulas() -> None:
    """Each written out once more, event by event."""
    found = study(DATA)
    tests, sums = event_tests(found, -1, 1), cumulative(found, -1, 1)
    cars = found.values.sum(axis=1)
    scaled = found.values / np.sqrt(found.variance[:, None] * found.forecast_scale)
    patell = sum(row.sum() / math.sqrt(3 * 88 / 86) for row in scaled) / math.sqrt(20)
    standardised = cars / np.sqrt(found.variance * found.window_scale(np.ones(3, dtype=bool)))
    assert tests.mean_car == pytest.approx(cars.mean())
    assert tests.cross_sectional.statistic == pytest.approx(stats.ttest_1samp(cars, 0.0).statistic)
    assert tests.cross_sectional.p == pytest.approx(stats.ttest_1samp(cars, 0.0).pvalue)
    assert tests.bmp.statistic == pytest.approx(stats.ttest_1samp(standardised, 0.0).statistic)
    assert tests.patell.statistic == pytest.approx(patell)
    assert tests.mackinlay.statistic == pytest.approx(cars.sum() / math.sqrt(sums.variance.sum()))


def test_adjusted_statistics_are_the_plain_ones_times_their_factor() -> None:
    tests = event_tests(study(DATA), 0, 1)
    r = tests.residual_correlation
    assert tests.adjusted_patell.statistic == pytest.approx(tests.patell.statistic / math.sqrt(1 + 19 * r))
    assert tests.adjusted_bmp.statistic == pytest.approx(tests.bmp.statistic * math.sqrt((1 - r) / (1 + 19 * r)))


def test_the_correlation_of_events_on_one_date_is_the_mean_of_their_residuals_correlations() -> None:
    found = study(made_up(2, 1, 6, 0.4))
    matrix = np.corrcoef(found.residuals)
    expected = (matrix.sum() - 6) / 30
    assert residual_correlation(found, -1, 1) == pytest.approx(expected)
    assert expected == pytest.approx(0.4, abs=0.15)


def test_events_whose_windows_do_not_meet_do_not_correlate() -> None:
    """Four dates of five: of 380 pairs 80 share a date."""
    together = [study(made_up(11, 4, 5, 0.3)), study(made_up(11, 4, 5, 0.0))]
    correlated, independent = (residual_correlation(found, -1, 1) for found in together)
    assert correlated == pytest.approx(0.3 * 80 / 380, abs=0.02)
    assert independent == pytest.approx(0.0, abs=0.01)


def test_windows_that_meet_in_part_correlate_in_part() -> None:
    """One session apart, windows of three share two."""
    data = made_up(2, 1, 2, 0.9)
    rows = data.events[0] + np.array([0, 1])
    together = residual_correlation(study(data), -1, 1)
    assert residual_correlation(study(MadeUp(data.returns, data.market, (rows, data.events[1]))), -1, 1) == (
        pytest.approx(together * 2 / 3, abs=0.02)
    )


def test_missing_residuals_weaken_a_correlation_by_nothing_but_chance() -> None:
    """A tenth of all returns missing: events are still compared over the sessions that they share."""
    data = made_up(2, 1, 30, 0.4)
    whole = residual_correlation(study(data), 0, 0)
    returns = data.returns.copy()
    returns[:90][np.random.default_rng(1).random((90, 30)) < 0.1] = np.nan
    assert residual_correlation(study(MadeUp(returns, data.market, data.events)), 0, 0) == pytest.approx(
        whole, abs=0.03
    )


def test_many_events_on_many_dates_need_no_matrix_of_all_pairs() -> None:
    """4,000 events: a matrix of pairs would hold 16 million; the order of events does not matter."""
    draws = np.random.default_rng(1)
    returns, market = draws.normal(size=(300, 50)), draws.normal(size=300)
    rows, columns = draws.integers(110, 299, 4000), draws.integers(0, 50, 4000)
    found = event_tests(study(MadeUp(returns, market, (rows, columns))), -1, 1)
    again = event_tests(study(MadeUp(returns, market, (rows[::-1], columns[::-1]))), -1, 1)
    assert found.n_events == 4000 - int(np.sum(rows == 299))
    assert again.adjusted_bmp.statistic == pytest.approx(found.adjusted_bmp.statistic)


def test_events_without_returns_are_counted_and_left_out() -> None:
    rows = DATA.events[0].copy()
    rows[[0, 7]] = 3
    found = event_tests(study(MadeUp(DATA.returns, DATA.market, (rows, DATA.events[1]))), -1, 1)
    assert (found.n_events, found.n_absent) == (18, 2)
    assert math.isfinite(found.adjusted_bmp.p)


def test_one_event_has_no_spread_and_no_correlation() -> None:
    found = event_tests(study(made_up(2, 1, 1, 0.0)), 0, 0)
    assert math.isnan(found.bmp.statistic)
    assert math.isnan(found.adjusted_patell.p)
    assert math.isfinite(found.patell.p)


def test_events_that_all_say_the_same_have_no_spread_to_judge_by() -> None:
    assert math.isnan(cross_sectional_test(np.full(5, 0.01)).statistic)
    assert math.isnan(patell_test(np.array([np.nan])).statistic)


@pytest.mark.parametrize("correlation", [-0.5, -0.2, 1.5, math.nan])
def test_a_correlation_that_cannot_be_has_no_factor(correlation: float) -> None:
    assert math.isnan(clustering_factor(6, correlation, spread=True))


def test_sessions_outside_the_event_window_are_refused() -> None:
    with pytest.raises(DataError, match=r"sessions 0 to 5 are not all in the event window \[-1, 1\]"):
        cumulative(study(DATA), 0, 5)


def test_tests_that_know_of_common_dates_keep_their_size_where_others_do_not() -> None:
    """40 studies without any effect, 20 dates of 8 events that correlate by 0.5: 5 % should be rejected.

    Two of 40 are expected; more than 7 come about by chance once in 1,000. The naive tests exceed that by far.
    """
    rejected = np.zeros(4)
    for seed in range(40):
        data = made_up(seed, 20, 8, 0.5)
        found = study(data)
        tests = event_tests(found, 0, 0)
        by_date = clustered_mean(cumulative(found, 0, 0).values, (data.events[0],)).tests[0]
        rejected += [test.p < 0.05 for test in (tests.cross_sectional, tests.patell, tests.adjusted_bmp, by_date)]
    assert rejected[:2].min() > 7
    assert rejected[2:].max() <= 7


def test_an_effect_is_found_in_spite_of_common_dates() -> None:
    data = made_up(1, 25, 4, 0.5, effect=0.015)
    found = study(data)
    tests = event_tests(found, 0, 0)
    by_date = clustered_mean(cumulative(found, 0, 0).values, (data.events[0],)).tests[0]
    assert tests.mean_car == pytest.approx(0.015, abs=0.01)
    assert max(tests.adjusted_bmp.p, tests.adjusted_patell.p, by_date.p) < 0.01
