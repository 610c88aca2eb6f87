"""Calendars as they stood."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_events import announced_actions, earnings, earnings_dates, macro_events
from tests.adapters.lake.views.holding import at, clock


def _seen(folder: Path, when: str) -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


def test_a_release_stands_where_the_calendar_of_the_instant_had_it(sample_lake: Path) -> None:
    """SVC-EVT-02: dates move."""
    early, late = _seen(sample_lake, "2020-06-06 00:00"), _seen(sample_lake, "2020-07-01 00:00")
    assert earnings(early)["scheduled_at"].to_list() == [at("2020-07-28 20:00")]
    assert earnings(late, "ACME", date(2020, 7, 1))["scheduled_at"].to_list() == [at("2020-07-30 20:00")]
    assert earnings(late, "NOPE").is_empty()


def test_every_date_that_a_release_had_is_kept(sample_lake: Path) -> None:
    """SVC-EVT-02."""
    found = earnings_dates(_seen(sample_lake, "2020-07-01 00:00"), "ACME", 2020, 2)
    assert found["moved_by_s"].to_list() == [None, 2 * 86_400]


def test_macro_events_and_actions_are_found_by_their_days(sample_lake: Path) -> None:
    """SVC-EVT-01."""
    seen = _seen(sample_lake, "2020-06-05 20:00")
    assert macro_events(seen, date(2020, 6, 1), date(2020, 6, 30)).height == 1
    assert announced_actions(seen, date(2020, 6, 5), date(2020, 6, 5))["kind"].to_list() == ["split"]
    assert announced_actions(seen, None, date(2020, 6, 4)).is_empty()
