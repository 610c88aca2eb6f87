"""Columns of days as columns of instants, by the sessions of the New York Stock Exchange.

What is known by date only (a filing without a time, a file published "on the 27th") is known from the opening of the
next session: nothing earlier is certain. Half days close early, and their bars end then.
"""

from __future__ import annotations

import warnings
from datetime import date
from functools import lru_cache

import exchange_calendars
import numpy as np
import polars as pl
from numpy.typing import NDArray

FIRST_ON = date(1926, 1, 1)
LAST_ON = date(2035, 12, 31)
_INSTANT = pl.Datetime("ns", "UTC")
_NO_DAY = -(10**6)
_Days = NDArray[np.int64]


@lru_cache(maxsize=1)
def _sessions() -> tuple[_Days, pl.Series, pl.Series]:
    """Days from 1970, openings and closings of every session of the span."""
    with warnings.catch_warnings():
        # exchange-calendars 4.13 reads Series.values of instants, which pandas 3.1 announces to change in 4.
        warnings.simplefilter("ignore", DeprecationWarning)
        schedule = exchange_calendars.get_calendar("XNYS", start=FIRST_ON.isoformat(), end=LAST_ON.isoformat())
        opens, closes = schedule.opens, schedule.closes
    days = np.array([stamp.date() for stamp in opens.index], dtype="datetime64[D]").astype(np.int64)
    return days, _instants([stamp.value for stamp in opens]), _instants([stamp.value for stamp in closes])


def _instants(ns: list[int]) -> pl.Series:
    return pl.Series(ns, dtype=pl.Int64).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")


def session_closes(days: pl.Series) -> pl.Series:
    """When each day's session closes; null for a day that is no session."""
    position, is_session = _positions(days)
    return _taken(_sessions()[2], position, is_session, days.name)


def session_opens(days: pl.Series) -> pl.Series:
    """When each day's session opens; null for a day that is no session."""
    position, is_session = _positions(days)
    return _taken(_sessions()[1], position, is_session, days.name)


def next_opens(days: pl.Series) -> pl.Series:
    """When the first session after each day opens: from then on a fact that is known by its date is known."""
    return _taken(_sessions()[1], *_after(days, 1), days.name)


def opens_from(days: pl.Series) -> pl.Series:
    """When the first session on or after each day opens."""
    return _taken(_sessions()[1], *_from(days), days.name)


def closes_from(days: pl.Series) -> pl.Series:
    """When the first session on or after each day closes."""
    return _taken(_sessions()[2], *_from(days), days.name)


def sessions_after(days: pl.Series, n_sessions: int) -> pl.Series:
    """The n-th session after each day."""
    position, in_span = _after(days, n_sessions)
    sessions = pl.Series(_sessions()[0], dtype=pl.Int32).cast(pl.Date)
    return _taken(sessions, position, in_span, days.name)


def ends_of_day(days: pl.Series, zone: str = "UTC") -> pl.Series:
    """The last nanosecond of each day in a time zone."""
    local = days.dt.offset_by("1d").cast(pl.Datetime("ns")).dt.replace_time_zone(zone)
    return local.dt.convert_time_zone("UTC").dt.offset_by("-1ns").alias(days.name)


def _from(days: pl.Series) -> tuple[_Days, NDArray[np.bool_]]:
    position, _ = _positions(days)
    return position, (position < len(_sessions()[0])) & days.is_not_null().to_numpy()


def _after(days: pl.Series, n_sessions: int) -> tuple[_Days, NDArray[np.bool_]]:
    position, is_session = _positions(days)
    moved = position + n_sessions - 1 + is_session
    in_span = (moved < len(_sessions()[0])) & days.is_not_null().to_numpy()
    return moved, in_span


def _positions(days: pl.Series) -> tuple[_Days, NDArray[np.bool_]]:
    """Where each day's session is, or the first after it, and whether the day is one itself."""
    sessions = _sessions()[0]
    numbers = days.cast(pl.Date).cast(pl.Int32).fill_null(_NO_DAY).cast(pl.Int64).to_numpy()
    position = np.searchsorted(sessions, numbers).astype(np.int64)
    is_session = sessions[np.minimum(position, len(sessions) - 1)] == numbers
    return position, is_session


def _taken(values: pl.Series, position: _Days, is_there: NDArray[np.bool_], name: str) -> pl.Series:
    safe = pl.Series(np.where(is_there, np.minimum(position, len(values) - 1), -1))
    index = safe.replace(-1, None).cast(pl.UInt32)
    return values.gather(index).alias(name)
