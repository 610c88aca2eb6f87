"""When the companies of a universe tell their results, by the calendar as it stood at an instant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from adapters.lake.calendar import SessionCalendar
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.facts.store import FactStore

MOST_SESSIONS = 250
"""How far ahead events are looked for: a year; what is later, or not scheduled, counts as that far."""
_COLUMNS = (*EARNINGS_CALENDAR.identity, "scheduled_at", "known_at", "sequence", "is_retracted")


@dataclass(frozen=True)
class EventCalendar:
    """Scheduled releases of results.

    Attributes:
        rows: statements about the universe, all revisions.
    """

    rows: pl.DataFrame

    def next_at(self, symbol: str, as_of: datetime) -> datetime | None:
        """When a share's next results come, from an instant on, by what was known then; None where none is scheduled.

        Dates move: of the statements about one quarter, the newest known one stands.
        """
        standing: dict[object, datetime | None] = {}
        for row in self._by_symbol.get(symbol, ()):
            if row["known_at"] <= as_of:
                standing[row["fiscal_year"], row["fiscal_quarter"], row["event_at"]] = (
                    None if row["is_retracted"] else row["scheduled_at"]
                )
        return min((at for at in standing.values() if at is not None and at >= as_of), default=None)

    def sessions_to(self, symbol: str, as_of: datetime, calendar: SessionCalendar) -> int:
        """Sessions to a share's next results: 1 when they come before the next session is over, at most 250."""
        event_at = self.next_at(symbol, as_of)
        if event_at is None:
            return MOST_SESSIONS
        n_over = bisect_left(calendar.closed_at, event_at) - bisect_right(calendar.closed_at, as_of)
        return min(1 + max(0, n_over), MOST_SESSIONS)

    @cached_property
    def _by_symbol(self) -> Mapping[str, Sequence[dict[str, Any]]]:
        """The statements about each share, in the order in which they were known."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows.sort("known_at", "sequence").iter_rows(named=True):
            found.setdefault(row["symbol"], []).append(row)
        return found


def event_calendar(store: FactStore, symbols: tuple[str, ...], known_at: datetime) -> EventCalendar | None:
    """The calendar of a lake for some shares; None where it holds none."""
    if EARNINGS_CALENDAR.name not in store.domains():
        return None
    history = store.history(EARNINGS_CALENDAR, known_at, pl.col("symbol").is_in(list(symbols)))
    return EventCalendar(history.select(_COLUMNS).collect())
