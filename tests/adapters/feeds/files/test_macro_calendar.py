"""The macro calendar: which of its years are London time is decided by the Fed's own hour."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.macro_calendar import macro_calendar
from tests.adapters.feeds.files.sec_json import csv_of

HEAD = "Date,Country,Event,Actual,Previous,Forecast,TEForecast,LastUpdate,Importance\n"
SUMMER_2014 = "2014-06-18T19:00:00,United States,Fed Interest Rate Decision,0.25%,0.25%,0.25%,,2014-06-18T19:01:00,2\n"
SUMMER_2016 = "2016-06-15T18:00:00,United States,Fed Interest Rate Decision,0.5%,0.5%,,,2016-06-15T18:00:00,2\n"


def test_a_summer_row_an_hour_late_is_brought_to_its_hour() -> None:
    """DESIGN's macro trap: 2014-06-18 says 19:00; the Fed spoke at 14:00 New York, 18:00 UTC."""
    rows = macro_calendar((HEAD + SUMMER_2014 + SUMMER_2016).encode()).facts.to_dicts()
    assert [(row["scheduled_at"], row["time_law"]) for row in rows] == [
        (datetime(2014, 6, 18, 18, tzinfo=UTC), "london"),
        (datetime(2016, 6, 15, 18, tzinfo=UTC), "utc"),
    ]


def test_a_result_is_known_when_it_was_last_written() -> None:
    row = macro_calendar((HEAD + SUMMER_2014).encode()).facts.row(0, named=True)
    assert (row["known_at"], row["actual"]) == (datetime(2014, 6, 18, 19, 1, tzinfo=UTC), "0.25%")


def test_a_plan_is_known_from_its_last_update() -> None:
    plan = "2019-06-19T18:00:00,United States,Fed Interest Rate Decision,,,,,2019-01-31T12:50:00,3\n"
    row = macro_calendar((HEAD + plan).encode()).facts.row(0, named=True)
    assert (row["known_at"], row["actual"]) == (datetime(2019, 1, 31, 12, 50, tzinfo=UTC), None)


def test_an_event_without_an_update_is_known_when_it_happens() -> None:
    speech = "2018-09-27T16:30:00,United States,Fed Kaplan Speech,,,,,,2\n"
    row = macro_calendar((HEAD + speech).encode()).facts.row(0, named=True)
    assert row["known_at"] == row["scheduled_at"] == datetime(2018, 9, 27, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2018-09-27,United States,,,,,,,2", "event is"),
        ("noon,United States,Speech,,,,,,2", "Date is 'noon'"),
        ("2018-09-27T16:30:00-04:00,United States,Speech,,,,,,2", "which has an offset"),
        ("2018-09-27T16:30:00,United States,Speech,,,,,,high", "Importance is 'high'"),
    ],
)
def test_a_malformed_row_is_set_aside(row: str, reason: str) -> None:
    parsed = macro_calendar((HEAD + row + "\n").encode())
    assert parsed.facts.is_empty()
    assert reason.lower() in parsed.rejected["reason"].item().lower()


@pytest.mark.shared_data
def test_every_decision_of_the_sample_falls_at_14_new_york(shared_data: Path) -> None:
    """London time through 2015, UTC from 2016 on: the rows of summer 2015 are an hour late as well."""
    parsed = macro_calendar(csv_of(shared_data, "g8_fomc_calendar.parquet"))
    assert (parsed.facts.height, parsed.rejected.height) == (1180, 0)
    decisions = parsed.facts.filter(pl.col("event") == "Fed Interest Rate Decision")
    assert set(decisions["scheduled_at"].dt.convert_time_zone("America/New_York").dt.hour()) == {14}
    years = parsed.facts.select(pl.col("scheduled_at").dt.year().alias("year"), "time_law").unique()
    assert dict(years.rows()) == dict.fromkeys((2013, 2014, 2015), "london") | dict.fromkeys(range(2016, 2020), "utc")
