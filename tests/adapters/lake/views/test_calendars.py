"""Calendars as they stood: dates move, and what was known of them is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.feeds.files.calendars import earnings_calendar as parsed_calendar
from adapters.feeds.files.macro_calendar import macro_calendar as parsed_macro
from adapters.lake.facts.store import FactStore
from adapters.lake.views.calendars import Span, earnings_calendar, macro_calendar, schedule_history
from tests.adapters.feeds.files.test_calendars import HEAD
from tests.adapters.feeds.files.test_macro_calendar import HEAD as MACRO_HEAD
from tests.adapters.feeds.files.test_macro_calendar import SUMMER_2014

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JANUARY = Span(datetime(2014, 1, 1, tzinfo=UTC), datetime(2014, 1, 31, 23, tzinfo=UTC))


def on(day: int, hour: int = 12) -> datetime:
    return datetime(2014, 1, day, hour, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    """AAPL's first quarter of 2014: announced for the 28th, moved to the 27th, and held then."""
    store = FactStore(tmp_path, lambda: NOW)
    for day, taken_at in ((28, on(10)), (28, on(12)), (27, on(20)), (27, on(30))):
        parsed = parsed_calendar((HEAD + f"AAPL,2014-01-{day},Dec-13,,,post\n").encode(), taken_at, {"AAPL": 9})
        store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    return store


@pytest.mark.parametrize(
    ("known_at", "due", "is_confirmed"),
    [(on(15), on(28, 21), False), (on(20), on(27, 21), False), (on(28, 15), on(27, 21), True)],
)
def test_the_calendar_is_as_it_stood(store: FactStore, known_at: datetime, due: datetime, is_confirmed: bool) -> None:  # noqa: FBT001
    """SVC-EVT-02."""
    found = earnings_calendar(store, JANUARY, known_at)
    assert found.select("scheduled_at", "is_confirmed").rows() == [(due, is_confirmed)]


def test_before_it_was_announced_nothing_was_scheduled(store: FactStore) -> None:
    assert earnings_calendar(store, JANUARY, on(9)).is_empty()


def test_every_move_is_kept(store: FactStore) -> None:
    """SVC-EVT-02: revision history; the list of the 12th said nothing new."""
    found = schedule_history(store, ("AAPL", 2014, 1), NOW)
    assert found["moved_by"].to_list() == [None, timedelta(days=-1), timedelta(0)]
    assert found["known_at"].to_list() == [on(10), on(20), datetime(2014, 1, 28, 14, 30, tzinfo=UTC)]
    assert schedule_history(store, ("AAPL", 2014, 1), on(11)).height == 1


def test_a_macro_result_is_there_once_it_was_known(tmp_path: Path) -> None:
    store, parsed = FactStore(tmp_path, lambda: NOW), parsed_macro((MACRO_HEAD + SUMMER_2014).encode())
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    june = Span(datetime(2014, 6, 1, tzinfo=UTC), datetime(2014, 6, 30, tzinfo=UTC))
    assert macro_calendar(store, june, datetime(2014, 6, 18, 19, 0, tzinfo=UTC)).is_empty()
    found = macro_calendar(store, june, datetime(2014, 6, 18, 19, 1, tzinfo=UTC))
    assert found.select("scheduled_at", "actual").rows() == [(datetime(2014, 6, 18, 18, tzinfo=UTC), "0.25%")]
