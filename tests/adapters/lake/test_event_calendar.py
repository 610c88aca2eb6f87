"""DESIGN section 6, event blackout: how near a share's results are, by what was known at the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.lake.calendar import xnys_calendar
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.event_calendar import MOST_SESSIONS, EventCalendar, event_calendar
from adapters.lake.facts.store import FactStore
from tests.api.sample_lake import SYMBOL

CALENDAR = xnys_calendar(date(2012, 12, 3), date(2013, 12, 31))
CLOSE = CALENDAR.close(date(2013, 1, 2))
QUARTER_END = datetime(2012, 12, 31, tzinfo=UTC)


def said(scheduled_at: datetime, **changes: Any) -> dict[str, Any]:
    """A statement about a quarter of IBM, known before the year began."""
    known = {
        "symbol": "IBM",
        "fiscal_year": 2012,
        "fiscal_quarter": 4,
        "event_at": QUARTER_END,
        "scheduled_at": scheduled_at,
        "known_at": datetime(2012, 12, 20, tzinfo=UTC),
        "sequence": 1,
        "is_retracted": False,
    }
    return {**known, **changes}


def calendar(*rows: dict[str, Any]) -> EventCalendar:
    return EventCalendar(pl.DataFrame(list(rows)))


@pytest.mark.parametrize(
    ("event_at", "sessions"),
    [
        (CLOSE, 1),
        (datetime(2013, 1, 3, 14, 30, tzinfo=UTC), 1),
        (CALENDAR.close(date(2013, 1, 3)), 1),
        (datetime(2013, 1, 4, 14, 30, tzinfo=UTC), 2),
        (datetime(2013, 1, 7, 14, 30, tzinfo=UTC), 3),
        (datetime(2014, 6, 1, tzinfo=UTC), MOST_SESSIONS),
    ],
)
def test_events_are_counted_in_sessions_from_a_close(event_at: datetime, sessions: int) -> None:
    found = calendar(said(event_at)).sessions_to("IBM", CLOSE, CALENDAR)
    assert found == sessions


def test_what_is_over_or_not_scheduled_is_far_away() -> None:
    over = calendar(said(datetime(2013, 1, 2, 14, 30, tzinfo=UTC)))
    assert over.sessions_to("IBM", CLOSE, CALENDAR) == MOST_SESSIONS
    assert over.next_at("AAPL", CLOSE) is None


def test_a_date_that_moved_stands_as_it_was_known_last() -> None:
    soon, late = datetime(2013, 1, 4, 14, 30, tzinfo=UTC), datetime(2013, 1, 20, tzinfo=UTC)
    moved = said(late, known_at=datetime(2013, 1, 2, 20, tzinfo=UTC), sequence=2)
    assert calendar(moved, said(soon)).next_at("IBM", CLOSE) == late
    later = said(late, known_at=datetime(2013, 1, 2, 22, tzinfo=UTC), sequence=2)
    assert calendar(said(soon), later).next_at("IBM", CLOSE) == soon


def test_a_date_that_was_taken_back_is_none() -> None:
    soon = datetime(2013, 1, 4, 14, 30, tzinfo=UTC)
    gone = said(soon, known_at=datetime(2013, 1, 2, 20, tzinfo=UTC), sequence=2, is_retracted=True)
    assert calendar(said(soon), gone).next_at("IBM", CLOSE) is None


def test_a_lake_of_facts_tells_its_calendar(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "lake", lambda: datetime(2013, 2, 1, tzinfo=UTC))
    at = datetime(2013, 1, 2, tzinfo=UTC)
    assert event_calendar(store, ("IBM",), at) is None
    row = said(datetime(2013, 1, 4, 14, 30, tzinfo=UTC), when="pre", is_confirmed=True)
    columns = [name for name in EARNINGS_CALENDAR.schema if name in row and name not in {"sequence", "is_retracted"}]
    facts = pl.DataFrame([row]).select(columns).cast({name: EARNINGS_CALENDAR.schema[name] for name in columns})
    store.ingested(EARNINGS_CALENDAR, facts, "test", None)
    found = event_calendar(store, ("IBM", SYMBOL), at)
    assert found is not None
    assert found.sessions_to("IBM", CLOSE, CALENDAR) == 2
