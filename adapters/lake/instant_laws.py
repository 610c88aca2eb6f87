"""Laws that make an instant of a day: when something was true, and when anybody could have known it.

A law is written down once, per factor or in an import mapping, and applied to whole columns. What cannot be placed (a
day without a session, a time that a clock change leaves out) is null, and the row goes to the quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from enum import Enum

import polars as pl

from adapters.lake.session_instants import (
    closes_from,
    ends_of_day,
    next_opens,
    opens_from,
    session_closes,
    sessions_after,
)

_NAIVE = pl.Datetime("ns")


class Rule(Enum):
    """How a day, or an instant, becomes an instant.

    INSTANT: the column is one already. SESSION_OPEN: the first session on or after the day opens. SESSION_CLOSE: the
    day's session closes; a day without one is refused. CLOSE_FROM: the first session on or after the day closes.
    TIME_OF_DAY: a wall-clock time of the day. DAY_END: its last nanosecond. NEXT_OPEN: the first session after the
    day opens. MONTH_END: the first session after the end of the day's month opens.
    """

    INSTANT = "instant"
    SESSION_OPEN = "session_open"
    SESSION_CLOSE = "session_close"
    CLOSE_FROM = "close_from"
    TIME_OF_DAY = "time_of_day"
    DAY_END = "day_end"
    NEXT_OPEN = "next_open"
    MONTH_END = "month_end"


@dataclass(frozen=True, slots=True)
class Law:
    """One law.

    Attributes:
        rule: see Rule.
        at: wall-clock time of TIME_OF_DAY.
        zone: time zone of `at`, and of the day of DAY_END.
        lag_days: calendar days added to the day before the rule; for MONTH_END, to the month's end.
        lag_sessions: sessions added to the day before the rule.
    """

    rule: Rule
    at: time = time(0, 0)
    zone: str = "America/New_York"
    lag_days: int = 0
    lag_sessions: int = 0

    def instants(self, given: pl.Series) -> pl.Series:
        """The instant of each day; null where there is none."""
        if self.rule is Rule.INSTANT:
            return given
        days = self._moved(given)
        if self.rule is Rule.TIME_OF_DAY:
            return self._at(days)
        if self.rule is Rule.DAY_END:
            return ends_of_day(days, self.zone)
        return _BY_SESSION[self.rule](days)

    def _moved(self, days: pl.Series) -> pl.Series:
        if self.rule is Rule.MONTH_END:
            days = days.dt.month_end()
        if self.lag_sessions:
            days = sessions_after(days, self.lag_sessions)
        return days.dt.offset_by(f"{self.lag_days}d") if self.lag_days else days

    def _at(self, days: pl.Series) -> pl.Series:
        ns = ((self.at.hour * 60 + self.at.minute) * 60 + self.at.second) * 1_000_000_000
        local = days.cast(_NAIVE) + pl.Series([ns], dtype=pl.Int64).cast(pl.Duration("ns"))
        placed = local.dt.replace_time_zone(self.zone, ambiguous="null", non_existent="null")
        return placed.dt.convert_time_zone("UTC").alias(days.name)


_BY_SESSION: Mapping[Rule, Callable[[pl.Series], pl.Series]] = {
    Rule.SESSION_OPEN: opens_from,
    Rule.SESSION_CLOSE: session_closes,
    Rule.CLOSE_FROM: closes_from,
    Rule.NEXT_OPEN: next_opens,
    Rule.MONTH_END: next_opens,
}
EVENT = Law(Rule.INSTANT)
DATE_ONLY = Law(Rule.NEXT_OPEN)
AT_CLOSE = Law(Rule.SESSION_CLOSE)
