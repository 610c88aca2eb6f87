"""The calendar agrees with the reference cases and answers as of an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from adapters.lake.calendar import SessionCalendar, xnys_calendar
from nodes.vocabulary.errors import DataError

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def calendar() -> SessionCalendar:
    return xnys_calendar(date(2005, 1, 1), date(2025, 12, 31))


def _reference_case(shared_data: Path) -> dict[str, Any]:
    cases = yaml.safe_load((shared_data.parent / "reference_cases.yaml").read_text(encoding="utf-8"))["cases"]
    return dict(next(case for case in cases if case["id"] == "calendar.xnys"))


@pytest.mark.shared_data
def test_calendar_agrees_with_the_reference_case(calendar: SessionCalendar, shared_data: Path) -> None:
    case = _reference_case(shared_data)
    half_days = [date.fromisoformat(day) for day in case["inputs"]["half_days"]]
    closed = [date.fromisoformat(day) for day in case["inputs"]["closed"]]
    years = case["inputs"]["sessions"]
    assert {calendar.close(day).astimezone(NEW_YORK).strftime("%H:%M") for day in half_days} == {"13:00"}
    assert not any(calendar.is_session(day) for day in closed)
    assert [len(calendar.between(date(y, 1, 1), date(y, 12, 31))) for y in years] == case["expected"]["count"]


@pytest.mark.parametrize(
    ("day", "hour_utc"), [(date(2005, 1, 3), 21), (date(2005, 7, 1), 20), (date(2024, 11, 29), 18)]
)
def test_close_is_an_instant_in_utc_in_winter_summer_and_on_half_days(
    calendar: SessionCalendar, day: date, hour_utc: int
) -> None:
    assert calendar.close(day) == datetime(day.year, day.month, day.day, hour_utc, tzinfo=UTC)


def test_a_session_is_the_latest_from_the_instant_of_its_close(calendar: SessionCalendar) -> None:
    close = calendar.close(date(2005, 1, 4))
    assert calendar.latest(close) == date(2005, 1, 4)
    assert calendar.latest(close - timedelta(microseconds=1)) == date(2005, 1, 3)


def test_before_counts_sessions_over_weekends_and_stops_at_the_span(calendar: SessionCalendar) -> None:
    assert calendar.before(date(2005, 1, 10), 5) == date(2005, 1, 3)
    assert calendar.before(date(2005, 1, 10), 500) == date(2005, 1, 3)


def test_after_is_the_next_session_over_weekends_and_holidays(calendar: SessionCalendar) -> None:
    assert calendar.after(date(2005, 1, 7)) == date(2005, 1, 10)
    assert calendar.after(date(2012, 10, 26)) == date(2012, 10, 31)


def test_there_is_no_session_after_the_last(calendar: SessionCalendar) -> None:
    with pytest.raises(DataError, match="2025-12-31 is the last XNYS session of the calendar"):
        calendar.after(date(2025, 12, 31))


def test_a_day_without_a_session_has_no_close(calendar: SessionCalendar) -> None:
    with pytest.raises(DataError, match="2012-10-29 is no XNYS session in 2005-01-03 to 2025-12-31; name a session"):
        calendar.close(date(2012, 10, 29))


def test_an_instant_before_the_first_close_has_no_latest_session(calendar: SessionCalendar) -> None:
    with pytest.raises(DataError, match="no XNYS session had closed at 2005-01-03T20:00:00Z"):
        calendar.latest(datetime(2005, 1, 3, 20, tzinfo=UTC))


def test_a_naive_instant_is_refused(calendar: SessionCalendar) -> None:
    with pytest.raises(DataError, match="naive datetime 2005-01-03"):
        calendar.latest(datetime(2005, 1, 3, 22))  # noqa: DTZ001  # the naive datetime is the case
