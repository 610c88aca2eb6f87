"""Regular hours of sessions of the New York Stock Exchange, as market rules take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from adapters.lake.session_instants import session_closes, session_opens
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.instants import instant_ns

_NEW_YORK = ZoneInfo("America/New_York")


def session_times(days: Iterable[date]) -> Mapping[date, SessionTimes]:
    """The hours of each of some days that is a session, half days with their early close."""
    asked = pl.Series("day", sorted(set(days)), dtype=pl.Date)
    opens = session_opens(asked).cast(pl.Int64).to_list()
    closes = session_closes(asked).cast(pl.Int64).to_list()
    return {
        day: SessionTimes(day, opens_ns, closes_ns)
        for day, opens_ns, closes_ns in zip(asked.to_list(), opens, closes, strict=True)
        if opens_ns is not None
    }


def new_york_day(instant: datetime) -> date:
    """The day that it is in New York at an instant. Raises DataError on a naive datetime."""
    instant_ns(instant)
    return instant.astimezone(_NEW_YORK).date()
