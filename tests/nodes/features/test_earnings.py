"""Features of earnings announcements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nodes.features.earnings import days_since_earnings, days_to_earnings, standardised_surprise_score, surprise_frac
from nodes.vocabulary.units import Count
from tests.nodes.features.fact_panels import at, daily_bars, facts

BARS = daily_bars(date(2014, 1, 2), date(2015, 12, 31))


def actual(day: date, value: float, consensus: float | None, basis: str = "as-announced") -> dict[str, Any]:
    """Results that were known at the opening after a day."""
    quarter = (day.month - 1) // 3 + 1
    return {
        "fiscal_year": day.year, "fiscal_quarter": quarter, "measure": "eps_usd", "value": value,
        "consensus": consensus, "basis": basis, "event_at": at(day), "known_at": at(day, 23),
    }  # fmt: skip


def scheduled(quarter: int, due: date, known_on: date, *, is_retracted: bool = False) -> dict[str, Any]:
    """A statement about when a quarter's results come."""
    return {
        "fiscal_year": 2014, "fiscal_quarter": quarter, "scheduled_at": at(due), "event_at": at(date(2014, 12, 31)),
        "known_at": at(known_on), "is_retracted": is_retracted,
    }  # fmt: skip


def test_a_surprise_after_the_close_is_seen_at_the_next_close() -> None:
    known = facts([actual(date(2014, 4, 23), 1.1, 1.0), actual(date(2014, 7, 22), -0.5, -1.0)])
    found = surprise_frac(known, BARS.symbol, BARS.closed_at)
    days = (date(2014, 4, 23), date(2014, 4, 24), date(2014, 7, 23))
    assert [found[BARS.row(day)] for day in days] == [None, pytest.approx(0.1), 0.5]


@pytest.mark.parametrize("row", [actual(date(2014, 4, 23), 1.1, 0.0), actual(date(2014, 4, 23), 1.1, None)])
def test_without_a_consensus_there_is_no_surprise(row: dict[str, Any]) -> None:
    assert surprise_frac(facts([row]), BARS.symbol, BARS.closed_at).null_count() == len(BARS.symbol)


def test_numbers_of_unknown_split_basis_surprise_nobody() -> None:
    known = facts([actual(date(2014, 4, 23), 1.1, 1.0, "not-point-in-time")])
    assert surprise_frac(known, BARS.symbol, BARS.closed_at).null_count() == len(BARS.symbol)


def test_a_standardised_surprise_is_measured_by_the_past_ones_only() -> None:
    days = [date(2014, 1, 22), date(2014, 4, 23), date(2014, 7, 22), date(2014, 10, 20)]
    known = facts([actual(day, value, 1.0) for day, value in zip(days, (1.1, 1.2, 1.3, 1.6), strict=True)])
    found = standardised_surprise_score(known, BARS.symbol, BARS.closed_at, Count(3))
    assert found[BARS.row(date(2014, 10, 20))] is None
    assert found[-1] == pytest.approx(6.0)


def test_days_since_results_count_from_when_they_were_known() -> None:
    found = days_since_earnings(facts([actual(date(2014, 4, 23), 1.1, 1.0)]), BARS.symbol, BARS.closed_at)
    assert [found[BARS.row(day)] for day in (date(2014, 4, 23), date(2014, 4, 24), date(2014, 4, 30))] == [None, 0, 6]


def test_the_days_ahead_follow_the_calendar_as_it_stood() -> None:
    """SVC-EVT-02: the date moved on 10 July from the 22nd to the 24th; before, everybody counted to the 22nd."""
    known = facts(
        [
            scheduled(2, date(2014, 7, 22), date(2014, 7, 1)),
            scheduled(2, date(2014, 7, 24), date(2014, 7, 10)),
            scheduled(3, date(2014, 10, 20), date(2014, 7, 15)),
        ]
    )
    found = days_to_earnings(known, BARS.symbol, BARS.closed_at)
    days = [
        date(2014, 6, 30),
        date(2014, 7, 1),
        date(2014, 7, 9),
        date(2014, 7, 10),
        date(2014, 7, 24),
        date(2014, 10, 20),
    ]
    assert [found[BARS.row(day)] for day in days] == [None, 21, 13, 14, 88, None]


def test_a_retracted_date_is_off_the_calendar() -> None:
    known = facts(
        [
            scheduled(2, date(2014, 7, 22), date(2014, 7, 1)),
            scheduled(2, date(2014, 7, 22), date(2014, 7, 8), is_retracted=True),
        ]
    )
    found = days_to_earnings(known, BARS.symbol, BARS.closed_at)
    assert (found[BARS.row(date(2014, 7, 7))], found[BARS.row(date(2014, 7, 8))]) == (15, None)


def test_results_that_were_taken_back_surprise_no_longer() -> None:
    """The retraction was left out with its values, and what it took back stood for ever."""
    first, second = actual(date(2014, 4, 23), 1.1, 1.0), actual(date(2014, 7, 22), -0.5, -1.0)
    gone = second | {"known_at": at(date(2014, 8, 1)), "is_retracted": True, "value": None, "consensus": None}
    found = surprise_frac(facts([first, second, gone]), BARS.symbol, BARS.closed_at)
    assert [found[BARS.row(day)] for day in (date(2014, 7, 23), date(2014, 8, 1))] == [0.5, pytest.approx(0.1)]
