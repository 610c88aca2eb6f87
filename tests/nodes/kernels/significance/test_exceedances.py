"""Exceedances of value at risk: published numbers, the laws of no exceedance, and size under the null.

Promise GOV-05: Kupiec's and Christoffersen's tests.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.significance.exceedances import (
    Transitions,
    Zone,
    basel_plus_factor,
    basel_zone,
    conditional_coverage,
    coverage,
    cumulative_probability,
    independence_test,
    kupiec_test,
    transitions,
)
from nodes.vocabulary.errors import DataError

CLUSTERED = Transitions(244, 2, 2, 4)


def test_the_failures_of_jp_morgan_in_1998_reject_the_level() -> None:
    """Jorion, Value at Risk, chapter on backtesting: 20 exceedances in 252 sessions at 5 %, ratio 3.91 over 3.84."""
    found = kupiec_test(20, 252, 0.05)
    assert found.statistic == pytest.approx(3.91, abs=0.005)
    assert found.p < 0.05


def test_clustered_failures_reject_independence_where_the_count_alone_does_not() -> None:
    """Jorion, chapter 6, question 10: ratios 3.498 and 25.837."""
    alone, independence = kupiec_test(6, 252, 0.01), independence_test(CLUSTERED)
    assert alone.statistic == pytest.approx(3.4988, abs=0.001)
    assert independence.statistic == pytest.approx(25.837, abs=0.001)
    assert conditional_coverage(alone, independence).statistic == pytest.approx(29.336, abs=0.002)
    assert alone.p > 0.05 > independence.p


def test_the_zones_are_those_of_the_basel_table() -> None:
    """Basel Committee (1996), table 2: green to 4, yellow to 9, red from 10 in 250 sessions at 1 %."""
    zones = [basel_zone(count, 250, 0.01) for count in range(12)]
    assert zones == [Zone.GREEN] * 5 + [Zone.YELLOW] * 5 + [Zone.RED] * 2
    chances = [cumulative_probability(count, 250, 0.01) for count in (4, 9)]
    assert chances == pytest.approx([0.8922, 0.9997], abs=5e-5)


def test_the_plus_factors_are_those_of_the_basel_table_and_of_its_sample_only() -> None:
    factors = [basel_plus_factor(count, 250, 0.01) for count in (0, 4, 5, 6, 7, 8, 9, 10, 30)]
    assert factors == [0.0, 0.0, 0.40, 0.50, 0.65, 0.75, 0.85, 1.0, 1.0]
    assert math.isnan(basel_plus_factor(5, 500, 0.01))


def test_no_exceedance_at_all_is_judged_by_its_likelihood() -> None:
    """-2 ln((1 - p)^T): 0 ln 0 is 0, not NaN."""
    assert kupiec_test(0, 600, 0.01).statistic == pytest.approx(-2.0 * 600 * math.log(0.99))
    assert kupiec_test(600, 600, 0.01).statistic == pytest.approx(-2.0 * 600 * math.log(0.01))


@pytest.mark.parametrize("found", [Transitions(250, 0, 0, 0), Transitions(0, 0, 0, 0), Transitions(0, 0, 0, 9)])
def test_nothing_speaks_against_independence_without_both_kinds(found: Transitions) -> None:
    assert independence_test(found).statistic == 0.0
    assert independence_test(found).p == 1.0


@given(hits=st.lists(st.booleans(), min_size=2, max_size=40))
def test_every_pair_of_sessions_is_counted_once(hits: list[bool]) -> None:
    found = transitions(np.array(hits))
    counts = (found.quiet_quiet, found.quiet_hit, found.hit_quiet, found.hit_hit)
    assert sum(counts) == len(hits) - 1
    assert found.quiet_hit + found.hit_hit == sum(hits[1:])
    assert independence_test(found).statistic >= 0.0


def test_a_series_is_judged_without_its_missing_sessions() -> None:
    """A loss of exactly the value at risk does not exceed it."""
    returns = np.array([0.01, -0.03, -0.02, np.nan, -0.05, 0.0, -0.05])
    risk = np.array([0.02, 0.02, 0.02, 0.02, np.nan, 0.02, 0.02])
    found = coverage(returns, risk, 0.05)
    assert (found.n_sessions, found.n_exceedances) == (5, 2)
    assert found.unconditional == kupiec_test(2, 5, 0.05)
    assert found.conditional.degrees == 2


def test_the_tests_keep_their_size_on_a_right_level() -> None:
    """400 books of 1,000 sessions with independent exceedances at 5 %: rejections near 5 %, by chance at most 8 %."""
    draws = np.random.default_rng(7).random((400, 1000)) < 0.05
    rejected = [kupiec_test(int(hits.sum()), 1000, 0.05).p < 0.05 for hits in draws]
    clustered = [independence_test(transitions(hits)).p < 0.05 for hits in draws]
    assert 0.02 < np.mean(rejected) < 0.08
    assert 0.02 < np.mean(clustered) < 0.08


@pytest.mark.parametrize(("count", "sessions", "level", "complaint"), [
    (5, 4, 0.01, "5 exceedances in 4 sessions"), (0, 0, 0.01, "0 exceedances in 0 sessions"),
    (1, 250, 1.0, "level of 1.0 is no probability"),
])  # fmt: skip
def test_counts_that_cannot_be_are_refused(count: int, sessions: int, level: float, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        kupiec_test(count, sessions, level)
