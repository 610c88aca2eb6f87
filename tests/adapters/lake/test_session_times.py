"""Hours of sessions: the reference case of the calendar, half days, clock changes, days without a session."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from adapters.lake.session_times import new_york_day, session_times
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_ns

HOUR_NS = 3600 * 10**9


@pytest.mark.shared_data
def test_hours_agree_with_the_reference_case(shared_data: Path) -> None:
    cases = yaml.safe_load((shared_data.parent / "reference_cases.yaml").read_text(encoding="utf-8"))["cases"]
    inputs = next(case for case in cases if case["id"] == "calendar.xnys")["inputs"]
    half = session_times(date.fromisoformat(day) for day in inputs["half_days"])
    assert {times.closes_ns - times.opens_ns for times in half.values()} == {round(3.5 * HOUR_NS)}
    assert all(times.is_early_close for times in half.values())
    assert session_times(date.fromisoformat(day) for day in inputs["closed"]) == {}


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2020, 3, 6), "14:30", "21:00"),
        (date(2020, 3, 9), "13:30", "20:00"),
        (date(2020, 11, 27), "14:30", "18:00"),
    ],
)
def test_hours_are_instants_in_winter_in_summer_and_on_half_days(day: date, opens: str, closes: str) -> None:
    times = session_times([day])[day]
    assert [instant_from_ns(at).strftime("%H:%M") for at in (times.opens_ns, times.closes_ns)] == [opens, closes]


def test_a_day_is_new_yorks() -> None:
    assert new_york_day(datetime(2020, 3, 10, 3, 59, tzinfo=UTC)) == date(2020, 3, 9)
    with pytest.raises(DataError, match="attach a time zone"):
        new_york_day(datetime(2020, 3, 10))  # noqa: DTZ001  # naive on purpose
