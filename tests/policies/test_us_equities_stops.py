"""The days around which the shipped policy draws its stops closer, against two records of what the Fed did."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from policies.parse import parsed_policy

POLICY = Path(__file__).resolve().parents[2] / "policies" / "us-equities-stops" / "v1.yaml"
UNSCHEDULED = {date(2007, 8, 20), date(2008, 1, 23), date(2008, 10, 9), date(2010, 2, 19)}
"""Rates that changed between meetings: the discount rate alone in 2007 and 2010, emergency cuts in 2008."""
LEFT_OUT = {date(2013, 7, 31)}
"""A meeting that the calendar of events leaves out."""


@cache
def events_on() -> tuple[date, ...]:
    found = parsed_policy(POLICY.read_bytes(), POLICY.name).policy.params["stop_events_on"]
    assert isinstance(found, tuple)
    return tuple(date.fromisoformat(str(each)) for each in found)


def test_there_are_eight_meetings_a_year_none_on_a_weekend_and_none_twice() -> None:
    days = events_on()
    assert list(days) == sorted(set(days))
    assert {year: sum(day.year == year for day in days) for year in range(2005, 2014)} == dict.fromkeys(
        range(2005, 2014), 8
    )
    assert {day.weekday() for day in days} <= {0, 1, 2, 3, 4}


@pytest.mark.shared_data
def test_every_rate_that_a_meeting_changed_took_effect_the_day_after_an_event(shared_data: Path) -> None:
    """The discount window's rate moves the day after the meeting that moved it; a wrong day would have none."""
    rates = pl.read_parquet(shared_data / "g9_fed_primary_credit.parquet")["date"].dt.date().to_list()
    changed = {day for day in rates if date(2005, 1, 1) <= day < date(2014, 1, 1)}
    announced = {day + timedelta(days=1) for day in events_on()}
    assert changed - announced == UNSCHEDULED


@pytest.mark.shared_data
def test_the_days_of_2013_are_those_of_a_calendar_of_events(shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "g8_fomc_calendar.parquet")
    decisions = rows.filter(pl.col("Event") == "Fed Interest Rate Decision", pl.col("Date") < "2014")
    told = {date.fromisoformat(each[:10]) for each in decisions["Date"]}
    assert {day for day in events_on() if day >= min(told)} == told | LEFT_OUT
