"""Features of ratings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nodes.features.ratings import net_upgrades_count, rating_change_score, rating_score, ratings_count
from nodes.vocabulary.units import Days, Sessions
from tests.nodes.features.fact_panels import at, daily_bars, end_of, facts

BARS = daily_bars(date(2018, 1, 2), date(2018, 12, 31))


def rating(firm: str, day: date, score: float | None) -> dict[str, Any]:
    """A rating that is known at noon of the day after."""
    known_at = at(date.fromordinal(day.toordinal() + 1), 12)
    return {"firm": firm, "score": score, "event_at": end_of(day), "known_at": known_at}


KNOWN = facts(
    [
        rating("X", date(2018, 3, 1), 1.0),
        rating("Y", date(2018, 3, 6), -1.0),
        rating("Z", date(2018, 3, 7), None),
        rating("Y", date(2018, 3, 13), 0.0),
        rating("X", date(2018, 3, 14), 1.0),
    ]
)


def test_the_score_is_the_mean_of_each_firms_newest_rating() -> None:
    """SVC-FND-02: known from the session after, and computed again by hand."""
    found = rating_score(KNOWN, BARS.symbol, BARS.closed_at, Days(365))
    days = (date(2018, 3, 1), date(2018, 3, 2), date(2018, 3, 7), date(2018, 3, 14))
    assert [found[BARS.row(day)] for day in days] == [None, 1.0, 0.0, 0.5]


def test_a_rating_that_is_not_renewed_lapses_and_a_word_without_a_score_does_not_count() -> None:
    found = ratings_count(KNOWN, BARS.symbol, BARS.closed_at, Days(5))
    days = (date(2018, 3, 2), date(2018, 3, 7), date(2018, 3, 8), date(2018, 3, 20))
    assert [found[BARS.row(day)] for day in days] == [1, 1, 1, 0]


def test_the_change_is_against_so_many_bars_before() -> None:
    score = rating_score(KNOWN, BARS.symbol, BARS.closed_at, Days(365))
    found = rating_change_score(score, BARS.segments, Sessions(5))
    assert found[BARS.row(date(2018, 3, 14))] == pytest.approx(0.5)
    assert found[BARS.row(date(2018, 3, 7))] is None


def test_an_upgrade_counts_once_and_a_repeated_rating_not_at_all() -> None:
    found = net_upgrades_count(KNOWN, BARS.symbol, BARS.closed_at, BARS.segments, Sessions(5))
    assert found[BARS.row(date(2018, 3, 13))] == 0
    assert found[BARS.row(date(2018, 3, 15))] == 1
    assert found[BARS.row(date(2018, 4, 2))] == 0


def test_a_rating_that_was_taken_back_counts_nowhere() -> None:
    gone = rating("X", date(2018, 3, 1), 1.0) | {"known_at": at(date(2018, 3, 5)), "is_retracted": True}
    known = facts([rating("X", date(2018, 3, 1), 1.0), rating("X", date(2018, 3, 8), -1.0), gone])
    score = rating_score(known, BARS.symbol, BARS.closed_at, Days(365))
    days = (date(2018, 3, 2), date(2018, 3, 5), date(2018, 3, 9))
    assert [score[BARS.row(day)] for day in days] == [1.0, None, -1.0]
