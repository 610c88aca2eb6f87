"""Error budgets by hand (OPS-04)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.error_budgets import budget_left_frac, burn_ratio, increase


def test_two_faults_in_a_hundred_burn_a_budget_of_one_in_a_thousand_twenty_times_too_fast() -> None:
    assert burn_ratio(2, 100, 0.999) == pytest.approx(20.0)
    assert budget_left_frac(2, 100, 0.999) == pytest.approx(-19.0)


def test_the_rate_of_the_workbook_uses_up_a_fiftieth_of_a_month_in_an_hour() -> None:
    """The Site Reliability Workbook, chapter 5, table 5-8."""
    assert pytest.approx(14.4 * 3600 / (30 * 86_400)) == 0.02
    assert burn_ratio(14.4, 1000, 0.999) == pytest.approx(14.4)


def test_without_events_nothing_is_known() -> None:
    assert burn_ratio(0, 0, 0.999) is None
    assert budget_left_frac(0, 0, 0.999) is None


def test_a_counter_that_fell_was_begun_anew() -> None:
    assert (increase(10.0, 12.0), increase(10.0, 3.0), increase(10.0, 10.0)) == (2.0, 3.0, 0.0)


@given(st.integers(1, 10**6), st.floats(0.5, 0.9999), st.floats(0.0, 1.0))
def test_a_rate_of_one_leaves_nothing_and_more_bad_events_leave_less(n_events: int, good: float, share: float) -> None:
    allowed = (1.0 - good) * n_events
    left = budget_left_frac(share * allowed, n_events, good)
    assert left == pytest.approx(1.0 - share, abs=1e-9)


@pytest.mark.parametrize(
    ("bad", "total", "good_frac", "burnt"),
    [(144, 10_000, 0.999, 14.4), (60, 10_000, 0.999, 6.0), (1, 1000, 0.999, 1.0), (7, 1000, 0.99, 0.7)],
)
def test_a_rate_that_reaches_its_limit_is_not_told_as_under_it(
    bad: int, total: int, good_frac: float, burnt: float
) -> None:
    """The Site Reliability Workbook, chapter 5: 14.4 and 6 page where the rate is at or over them."""
    assert burn_ratio(float(bad), float(total), good_frac) == burnt
    assert budget_left_frac(bad, total, good_frac) == pytest.approx(1.0 - burnt, abs=1e-15)


def test_a_budget_that_is_just_used_up_has_nothing_left() -> None:
    assert budget_left_frac(1, 1000, 0.999) == 0.0
