"""The trading calendar: which days are sessions, and the instant at which each closes.

Sessions and half days come from exchange-calendars (XNYS); this module freezes them into plain values, so that
nothing behind it knows pandas. The span is always stated: a calendar that ends "a year from today" is not a fact.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import exchange_calendars

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_ns, instant_text


@dataclass(frozen=True, slots=True)
class SessionCalendar:
    """The sessions of one exchange within a span.

    Attributes:
        exchange: its MIC.
        session_ons: the sessions' dates, ascending.
        closed_at: the closing instant of each, UTC; half days close early.
    """

    exchange: str
    session_ons: tuple[date, ...]
    closed_at: tuple[datetime, ...]

    def close(self, session_on: date) -> datetime:
        """The instant at which a session closes. Raises DataError when the day is no session."""
        return self.closed_at[self._position(session_on)]

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on a day of the span."""
        at = bisect_left(self.session_ons, day)
        return at < len(self.session_ons) and self.session_ons[at] == day

    def latest(self, as_of: datetime) -> date:
        """The last session that had closed at an instant. Raises DataError when none in the span had."""
        instant_ns(as_of)
        at = bisect_right(self.closed_at, as_of)
        if at == 0:
            message = f"no {self.exchange} session had closed at {instant_text(as_of)}; ask for a later instant"
            raise DataError(message)
        return self.session_ons[at - 1]

    def before(self, session_on: date, n_sessions: int) -> date:
        """The session `n_sessions` earlier, or the span's first when there are fewer."""
        return self.session_ons[max(0, self._position(session_on) - n_sessions)]

    def after(self, session_on: date) -> date:
        """The session after one. Raises DataError for the span's last."""
        at = self._position(session_on) + 1
        if at == len(self.session_ons):
            message = f"{session_on} is the last {self.exchange} session of the calendar; take a longer one"
            raise DataError(message)
        return self.session_ons[at]

    def between(self, first_on: date, last_on: date) -> tuple[date, ...]:
        """The sessions from one day to another, both included."""
        return self.session_ons[bisect_left(self.session_ons, first_on) : bisect_right(self.session_ons, last_on)]

    def _position(self, session_on: date) -> int:
        if not self.is_session(session_on):
            span = f"{self.session_ons[0]} to {self.session_ons[-1]}"
            message = f"{session_on} is no {self.exchange} session in {span}; name a session of that span"
            raise DataError(message)
        return bisect_left(self.session_ons, session_on)


@lru_cache(maxsize=8)
def xnys_calendar(first_on: date, last_on: date) -> SessionCalendar:
    """The New York Stock Exchange's sessions from one day to another."""
    with warnings.catch_warnings():
        # exchange-calendars 4.13 reads Series.values of instants, which pandas 3.1 announces to change in 4.
        warnings.simplefilter("ignore", DeprecationWarning)
        closes = exchange_calendars.get_calendar("XNYS", start=first_on.isoformat(), end=last_on.isoformat()).closes
    return SessionCalendar(
        exchange="XNYS",
        session_ons=tuple(stamp.date() for stamp in closes.index),
        closed_at=tuple(stamp.to_pydatetime().astimezone(UTC) for stamp in closes),
    )
