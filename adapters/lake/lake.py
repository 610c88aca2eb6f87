"""The lake: one universe's bars, index, corporate actions and calendar, asked as of an instant.

Every read takes the instant it is made at and answers nothing later. A window starts on the first day of a month, so
that it is made of whole months that never change again and one running month: what a run saw is archived month by
month, and a month is stored once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast

import polars as pl

from adapters.lake.actions import CorporateAction, bars_with_ratio
from adapters.lake.bars import index_bars, stock_bars
from adapters.lake.borrow_lists import BorrowLists
from adapters.lake.bundled import bundled_bytes, bundled_files
from adapters.lake.calendar import SessionCalendar, xnys_calendar
from adapters.lake.checks import checked_bars, checked_index, without_unexplained_splits
from adapters.lake.event_calendar import EventCalendar
from governance.tables import TableRead
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError

_STOCKS = "us-stocks"
_INDEX = "sp500-index"
_GONE_SESSIONS = 21
_NO_TEXTS = Absent("text_scores", "the bundled data have no texts")


@dataclass(frozen=True)
class Window:
    """What a session run may see.

    Attributes:
        session_on: the last closed session.
        panel: bars with ratios, sorted by symbol, then session.
        index_panel: session and closing level of the index.
    """

    session_on: date
    panel: pl.DataFrame
    index_panel: pl.DataFrame


@dataclass(frozen=True)
class _History:
    """Rows of one symbol, or of the index, with their sessions in ascending order."""

    frame: pl.DataFrame
    days: list[date]

    def between(self, first_on: date, last_on: date) -> pl.DataFrame:
        """The rows from one day to another, both included."""
        start, end = bisect_left(self.days, first_on), bisect_right(self.days, last_on)
        return self.frame.slice(start, end - start)


def _history(frame: pl.DataFrame) -> _History:
    return _History(frame, frame["session_on"].to_list())


@dataclass(frozen=True)
class Lake:
    """Bars of one universe.

    Attributes:
        universe: its symbols, sorted.
        panel: every checked bar with its ratio, sorted by symbol, then session.
        index_panel: the index, ascending.
        actions: corporate actions, by symbol and ex-date.
        calendar: the exchange's sessions.
        quarantined: rows set aside, with reasons.
        noted: gaps and bars without volume.
        tables: what of a lake of facts it was read from; nothing for the bundled data, which the code pins.
        text_scores: what a model reads out of the texts about the universe, all revisions, by knowledge and sequence;
            why there are none where there are none.
        borrow_lists: what could be borrowed of the universe; None where nobody knows.
        events: when its companies tell their results; None where nobody knows.
    """

    universe: tuple[str, ...]
    panel: pl.DataFrame
    index_panel: pl.DataFrame
    actions: tuple[CorporateAction, ...]
    calendar: SessionCalendar
    quarantined: pl.DataFrame
    noted: pl.DataFrame
    tables: tuple[TableRead, ...] = ()
    text_scores: pl.DataFrame | Absent = _NO_TEXTS
    borrow_lists: BorrowLists | None = None
    events: EventCalendar | None = None

    def session_window(self, as_of: datetime, n_sessions: int) -> Window:
        """Bars as of an instant: `n_sessions` back from the last closed session, and on to that month's first day.

        Raises:
            DataError: no session of the calendar had closed by then.
        """
        last_on = self.calendar.latest(as_of)
        first_on = self.calendar.before(last_on, n_sessions).replace(day=1)
        parts = [history.between(first_on, last_on) for history in self._histories]
        panel = pl.concat(parts, rechunk=True) if parts else self.panel
        return Window(last_on, panel, self._index.between(first_on, last_on).rechunk())

    def texts_known(self, as_of: datetime) -> pl.DataFrame | Absent:
        """The scores of texts that were known at an instant; why there are none where there are none."""
        if isinstance(self.text_scores, Absent):
            return self.text_scores
        return self.text_scores.filter(pl.col("known_at") <= as_of)

    def bars_on(self, session_on: date) -> Mapping[str, Mapping[str, Any]]:
        """The bars of one session by symbol; a symbol without a bar is left out."""
        return self._bars.get(session_on, {})

    def actions_on(self, session_on: date) -> tuple[CorporateAction, ...]:
        """The corporate actions whose ex-date is a session, by symbol."""
        return tuple(action for action in self.actions if action.ex_on == session_on)

    @cached_property
    def _histories(self) -> tuple[_History, ...]:
        """The panel by symbol: slices of these cost microseconds, a filter of the whole a thousand."""
        return tuple(_history(frame) for frame in self.panel.partition_by("symbol", maintain_order=True))

    @cached_property
    def _index(self) -> _History:
        return _history(self.index_panel)

    @cached_property
    def _bars(self) -> dict[date, dict[str, dict[str, Any]]]:
        """Each session's bars by symbol."""
        bars: dict[date, dict[str, dict[str, Any]]] = {}
        for row in self.panel.iter_rows(named=True):
            bars.setdefault(row["session_on"], {})[row["symbol"]] = row
        return bars

    @cached_property
    def gone_on(self) -> Mapping[str, date]:
        """For each symbol that left the market, the first session without it; others have a month of bars since."""
        latest = self.calendar.before(self.last_on, _GONE_SESSIONS)
        rows = self.panel.group_by("symbol", maintain_order=True).agg(pl.col("session_on").max()).iter_rows()
        return {symbol: self.calendar.after(ended_on) for symbol, ended_on in rows if ended_on < latest}

    @property
    def last_on(self) -> date:
        """The session of the panel's last bar."""
        return cast("date", self.panel["session_on"].max())

    def sessions(self, first_on: date, last_on: date | None = None) -> tuple[date, ...]:
        """The sessions of the calendar from one day to another, by default to the panel's last bar.

        Raises:
            DataError: there is none, or the last day is after the panel's last bar.
        """
        final_on = last_on or self.last_on
        found = self.calendar.between(first_on, min(final_on, self.last_on))
        if not found or final_on > self.last_on:
            started_on = cast("date", self.panel["session_on"].min())
            message = (
                f"no session to decide from {first_on} to {final_on}" if not found else f"no bar as late as {final_on}"
            )
            raise DataError(f"{message}; bars go from {started_on} to {self.last_on}, ask for sessions between them")
        return found


def lake_of(bars: pl.DataFrame, index: pl.DataFrame, universe: frozenset[str], calendar: SessionCalendar) -> Lake:
    """The lake of raw bars and an index, all checked. Raises DataError when they are no history."""
    checked = checked_bars(bars, universe, calendar)
    with_ratio, actions = bars_with_ratio(checked.bars)
    final = without_unexplained_splits(replace(checked, bars=with_ratio))
    return Lake(
        universe=tuple(sorted(universe)),
        panel=final.bars,
        index_panel=checked_index(index, calendar),
        actions=actions,
        calendar=calendar,
        quarantined=final.quarantined,
        noted=final.noted,
    )


def bundled_lake() -> Lake:
    """The lake of the bundled data sets. Raises EdgeError or DataError when they are not as the manifest says."""
    files = bundled_files()
    stocks, index = files[_STOCKS], files[_INDEX]
    first_on, last_on = min(stocks.first_on, index.first_on), max(stocks.last_on, index.last_on)
    return lake_of(
        stock_bars(stocks, bundled_bytes(stocks)),
        index_bars(index, bundled_bytes(index)),
        frozenset(stocks.symbols),
        xnys_calendar(first_on, last_on),
    )
