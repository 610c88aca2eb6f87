from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from adapters.lake import session_instants as told

DAYS = pl.Series(
    "day", [date(2015, 12, 24), date(2015, 12, 25), None, date(2035, 12, 31), date(2036, 1, 2), date(1925, 1, 2)]
)


def texts(values: pl.Series) -> list[str]:
    return ["" if value is None else str(value)[:16] for value in values]


@pytest.mark.parametrize(
    ("instants", "expected"),
    [
        (told.session_closes, ["2015-12-24 18:00", "", "", "2035-12-31 21:00", "", ""]),
        (told.session_opens, ["2015-12-24 14:30", "", "", "2035-12-31 14:30", "", ""]),
        (told.next_opens, ["2015-12-28 14:30", "2015-12-28 14:30", "", "", "", "1926-01-02 15:00"]),
        (told.opens_from, ["2015-12-24 14:30", "2015-12-28 14:30", "", "2035-12-31 14:30", "", "1926-01-02 15:00"]),
        (told.closes_from, ["2015-12-24 18:00", "2015-12-28 21:00", "", "2035-12-31 21:00", "", "1926-01-02 17:00"]),
    ],
)
def test_days_become_instants_of_sessions_half_days_included(
    instants: Callable[[pl.Series], pl.Series], expected: list[str]
) -> None:
    found = texts(instants(DAYS))

    assert found[:5] == expected[:5]


def test_the_nth_session_after_a_day_counts_sessions_only() -> None:
    assert told.sessions_after(DAYS, 2).to_list()[:3] == [date(2015, 12, 29), date(2015, 12, 29), None]


@pytest.mark.parametrize(("zone", "end"), [("UTC", "2015-12-24 23:59:59"), ("America/New_York", "2015-12-25 04:59:59")])
def test_a_day_ends_in_its_time_zone(zone: str, end: str) -> None:
    assert str(told.ends_of_day(DAYS.head(1), zone)[0])[:19] == end


def test_a_column_without_days_stays_one() -> None:
    assert told.next_opens(DAYS.clear()).dtype == pl.Datetime("ns", "UTC")
