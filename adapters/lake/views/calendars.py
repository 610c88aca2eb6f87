"""Calendars as they stood: what was scheduled, by what was known, and how it moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from adapters.lake.domains.calendars import EARNINGS_CALENDAR, MACRO_CALENDAR
from adapters.lake.facts.store import FactStore


@dataclass(frozen=True)
class Span:
    """From one instant to another, both included."""

    from_at: datetime
    until_at: datetime


def earnings_calendar(store: FactStore, span: Span, known_at: datetime) -> pl.DataFrame:
    """Releases that were scheduled within a span, by the calendar as it stood at an instant, earliest first.

    Returns:
        scheduled_at, symbol, fiscal_year, fiscal_quarter, when, is_confirmed, known_at.
    """
    facts = store.as_of(EARNINGS_CALENDAR, known_at)
    within = facts.filter(pl.col("scheduled_at").is_between(span.from_at, span.until_at))
    columns = ("scheduled_at", "symbol", "fiscal_year", "fiscal_quarter", "when", "is_confirmed", "known_at")
    return within.sort("scheduled_at", "symbol").select(columns).collect()


def schedule_history(store: FactStore, quarter: tuple[str, int, int], known_at: datetime) -> pl.DataFrame:
    """Every date that a release ever had, by what was known at an instant, first statement first.

    Returns:
        scheduled_at, moved_by (null for the first statement), when, is_confirmed, is_retracted, known_at, source.
    """
    symbol, year, number = quarter
    where = (pl.col("symbol") == symbol) & (pl.col("fiscal_year") == year) & (pl.col("fiscal_quarter") == number)
    facts = store.history(EARNINGS_CALENDAR, known_at, where).sort("known_at", "sequence")
    moved = facts.with_columns(moved_by=pl.col("scheduled_at") - pl.col("scheduled_at").shift(1))
    columns = ("scheduled_at", "moved_by", "when", "is_confirmed", "is_retracted", "known_at", "source")
    return moved.select(columns).collect()


def macro_calendar(store: FactStore, span: Span, known_at: datetime) -> pl.DataFrame:
    """Macroeconomic events scheduled within a span, by what was known at an instant, earliest first.

    A result is there only once it was known. What was not yet known to be scheduled is not there.

    Returns:
        scheduled_at, country, event, actual, forecast, previous, importance, known_at.
    """
    facts = store.as_of(MACRO_CALENDAR, known_at)
    within = facts.filter(pl.col("scheduled_at").is_between(span.from_at, span.until_at))
    columns = ("scheduled_at", "country", "event", "actual", "forecast", "previous", "importance", "known_at")
    return within.sort("scheduled_at", "event").select(columns).collect()
