from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl
import pytest

from adapters.lake.instant_laws import EVENT, Law, Rule

FRIDAY = pl.Series("day", [date(2014, 6, 6)])


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (Law(Rule.SESSION_OPEN), "2014-06-06 13:30:00"),
        (Law(Rule.SESSION_CLOSE), "2014-06-06 20:00:00"),
        (Law(Rule.CLOSE_FROM, lag_days=1), "2014-06-09 20:00:00"),
        (Law(Rule.TIME_OF_DAY, time(16, 15)), "2014-06-06 20:15:00"),
        (Law(Rule.TIME_OF_DAY, time(8, 0), "Europe/Berlin"), "2014-06-06 06:00:00"),
        (Law(Rule.DAY_END, zone="UTC"), "2014-06-06 23:59:59"),
        (Law(Rule.NEXT_OPEN), "2014-06-09 13:30:00"),
        (Law(Rule.NEXT_OPEN, lag_sessions=7), "2014-06-18 13:30:00"),
        (Law(Rule.MONTH_END), "2014-07-01 13:30:00"),
        (Law(Rule.MONTH_END, lag_days=60), "2014-09-02 13:30:00"),
    ],
)
def test_a_law_makes_an_instant_of_a_day(law: Law, expected: str) -> None:
    assert str(law.instants(FRIDAY)[0])[:19] == expected


def test_an_instant_is_its_own() -> None:
    at = pl.Series("at", [datetime(2014, 6, 6, 20, tzinfo=UTC)])

    assert EVENT.instants(at).equals(at)


def test_a_time_that_a_day_does_not_have_is_null() -> None:
    law = Law(Rule.TIME_OF_DAY, time(2, 30))

    assert law.instants(pl.Series("day", [date(2014, 3, 9)])).to_list() == [None]
