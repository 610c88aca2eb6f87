"""What can be read of events: calendars as they stood, how they moved, and what was announced."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import polars as pl

from adapters.lake.domains.calendars import EARNINGS_CALENDAR, MACRO_CALENDAR
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.views.calendars import Span, earnings_calendar, macro_calendar, schedule_history
from api.use_cases.data_reading import EndOn, Reading, Says, Standpoint, StartOn, Symbol, columns, within
from api.use_cases.data_reading_fundamentals import Quarter, Year

TAG = "events"
_PATH = "/events"
_AHEAD = timedelta(days=90)
_FIRST_ON, _LAST_ON = date(1900, 1, 1), date(2200, 1, 1)


def earnings(
    at: Standpoint,
    symbol: Annotated[str | None, Says("Only of this ticker.")] = None,
    start_on: StartOn = None,
    end_on: EndOn = None,
) -> pl.DataFrame:
    """Earnings releases that were scheduled, by the calendar as it stood, the earliest first.

    Without days, those of the 90 days from the instant on.
    """
    found = earnings_calendar(at.store, _span(at, start_on, end_on), at.as_of)
    return found if symbol is None else found.filter(pl.col("symbol") == symbol)


def earnings_dates(at: Standpoint, symbol: Symbol, fiscal_year: Year, fiscal_quarter: Quarter) -> pl.DataFrame:
    """Every date that a release ever had, the first statement first, and by how much each moved it."""
    found = schedule_history(at.store, (symbol, fiscal_year, fiscal_quarter), at.as_of)
    return found.with_columns(moved_by_s=pl.col("moved_by").dt.total_seconds())


def macro_events(at: Standpoint, start_on: StartOn = None, end_on: EndOn = None) -> pl.DataFrame:
    """Macroeconomic events that were scheduled, the earliest first; a result is there once it was known.

    Without days, those of the 90 days from the instant on.
    """
    return macro_calendar(at.store, _span(at, start_on, end_on), at.as_of)


def announced_actions(at: Standpoint, start_on: StartOn = None, end_on: EndOn = None) -> pl.DataFrame:
    """Corporate actions of every security by ex-date, with when each was announced and takes effect."""
    rows = at.store.as_of(CORPORATE_ACTIONS, at.as_of, where=within("ex_on", start_on, end_on))
    return rows.sort("ex_on", "security_id", "kind").collect()


def _span(at: Standpoint, start_on: date | None, end_on: date | None) -> Span:
    """From the beginning of one day to the end of another, in UTC."""
    if start_on is None and end_on is None:
        return Span(at.as_of, at.as_of + _AHEAD)
    first, last = max(start_on or _FIRST_ON, _FIRST_ON), min(end_on or _LAST_ON, _LAST_ON)
    return Span(datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC))


_EARNINGS = {
    "scheduled_at": INSTANT,
    **EARNINGS_CALENDAR.keys,
    **{name: EARNINGS_CALENDAR.values[name] for name in ("when", "is_confirmed")},
    "known_at": INSTANT,
}
_DATES = {
    "scheduled_at": INSTANT,
    "moved_by_s": pl.Int64(),
    "when": pl.String(),
    "is_confirmed": pl.Boolean(),
    "is_retracted": pl.Boolean(),
    "known_at": INSTANT,
    "source": pl.String(),
}
_MACRO = {
    name: MACRO_CALENDAR.schema[name]
    for name in ("scheduled_at", "country", "event", "actual", "forecast", "previous", "importance", "known_at")
}

READINGS: tuple[Reading, ...] = (
    Reading("earnings", f"{_PATH}/earnings", TAG, earnings, _EARNINGS, (EARNINGS_CALENDAR,)),
    Reading(
        "earnings-dates",
        f"{_PATH}/earnings/{{symbol}}/{{fiscal_year}}/{{fiscal_quarter}}",
        TAG,
        earnings_dates,
        _DATES,
        (EARNINGS_CALENDAR,),
    ),
    Reading("macro-events", f"{_PATH}/macro", TAG, macro_events, _MACRO, (MACRO_CALENDAR,)),
    Reading(
        "announced-actions",
        f"{_PATH}/corporate-actions",
        TAG,
        announced_actions,
        columns(CORPORATE_ACTIONS),
        (CORPORATE_ACTIONS,),
    ),
)
