"""The lake: one universe's bars, index, corporate actions and calendar, asked as of an instant.

Every read takes the instant it is made at and answers nothing later. A window starts on the first day of a month, so
that it is made of whole months that never change again and one running month: what a run saw is archived month by
month, and a month is stored once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

import polars as pl

from adapters.lake.actions import CorporateAction, bars_with_ratio
from adapters.lake.bars import index_bars, stock_bars
from adapters.lake.bundled import bundled_bytes, bundled_files
from adapters.lake.calendar import SessionCalendar, xnys_calendar
from adapters.lake.checks import checked_bars, checked_index, without_unexplained_splits
from nodes.vocabulary.errors import DataError

_STOCKS = "us-stocks"
_INDEX = "sp500-index"


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
    """

    universe: tuple[str, ...]
    panel: pl.DataFrame
    index_panel: pl.DataFrame
    actions: tuple[CorporateAction, ...]
    calendar: SessionCalendar
    quarantined: pl.DataFrame
    noted: pl.DataFrame

    def session_window(self, as_of: datetime, n_sessions: int) -> Window:
        """Bars as of an instant: `n_sessions` back from the last closed session, and on to that month's first day.

        Raises:
            DataError: no session of the calendar had closed by then.
        """
        last_on = self.calendar.latest(as_of)
        first_on = self.calendar.before(last_on, n_sessions).replace(day=1)
        inside = pl.col("session_on").is_between(first_on, last_on)
        return Window(last_on, self.panel.filter(inside), self.index_panel.filter(inside))

    def bars_on(self, session_on: date) -> dict[str, dict[str, float | int]]:
        """The bars of one session by symbol; a symbol without a bar is left out."""
        rows = self.panel.filter(pl.col("session_on") == session_on).drop("session_on").to_dicts()
        return {row.pop("symbol"): row for row in rows}

    def actions_on(self, session_on: date) -> tuple[CorporateAction, ...]:
        """The corporate actions whose ex-date is a session, by symbol."""
        return tuple(action for action in self.actions if action.ex_on == session_on)

    @property
    def last_on(self) -> date:
        """The session of the panel's last bar."""
        return cast("date", self.panel["session_on"].max())

    def sessions(self, first_on: date, last_on: date | None = None) -> tuple[date, ...]:
        """The sessions of the calendar from one day to another, by default to the panel's last bar.

        Raises:
            DataError: there is none.
        """
        final_on = last_on or self.last_on
        found = self.calendar.between(first_on, final_on)
        if not found:
            message = f"no session from {first_on} to {final_on} in the bundled data; ask for an earlier first session"
            raise DataError(message)
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
