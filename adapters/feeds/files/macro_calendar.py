"""Macroeconomic calendar as CSV: Date, Country, Event, Actual, Previous, Forecast, LastUpdate, Importance.

The list claims UTC. In some years its times are London's, an hour late in the British summer. Which years is decided
by evidence: since March 2013 the Federal Reserve publishes its decisions and minutes at 14:00 New York (Board of
Governors, press release of 13 March 2013), so the reading under which they fall there is the right one for that year.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from adapters.feeds.files.entries import is_blank, optional_number_of, optional_text_of, read_csv_entries, text_of
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.calendars import MACRO_CALENDAR
from adapters.lake.knowledge import INSTANT, NEW_YORK
from adapters.lake.session_instants import ends_of_day
from nodes.vocabulary.errors import DataError

UTC_LAW, LONDON_LAW = "utc", "london"
_LONDON = "Europe/London"
_ANCHORS = ("Fed Interest Rate Decision", "FOMC Minutes")
_ANCHOR_HOUR = 14
_COLUMNS = ("Date", "Country", "Event", "Actual", "Previous", "Forecast", "LastUpdate", "Importance")
_ROW: Mapping[str, pl.DataType] = {
    "country": pl.String(),
    "event": pl.String(),
    "stated_at": pl.Datetime("us"),
    "updated_at": pl.Datetime("us"),
    "actual": pl.String(),
    "forecast": pl.String(),
    "previous": pl.String(),
    "importance": pl.Int32(),
}


def macro_calendar(text: bytes) -> Parsed:
    """Facts of the domain `macro_calendar`. Raises DataError when the file is not of this kind at all."""
    parsed = read_csv_entries("macro calendar", text, _COLUMNS, _row, _ROW)
    timed = _with_instants(parsed.accepted)
    updated_at = pl.col("updated_at").dt.replace_time_zone("UTC").cast(INSTANT)
    reference_on = timed["scheduled_at"].dt.convert_time_zone(NEW_YORK).dt.date()
    dated = timed.with_columns(
        reference_on=reference_on,
        event_at=ends_of_day(reference_on),
        known_at=pl.when(pl.col("actual").is_null() & updated_at.is_not_null())
        .then(updated_at)
        .otherwise(pl.max_horizontal("scheduled_at", updated_at)),
    )
    columns = (*MACRO_CALENDAR.keys, *MACRO_CALENDAR.values, "event_at", "known_at")
    facts = dated.sort("known_at", "event", "reference_on").select(columns)
    return Parsed(MACRO_CALENDAR, "macro-calendar-csv", facts, parsed.rejected)


def _with_instants(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with scheduled_at and time_law, by the law of their year."""
    readings = rows.with_columns(
        year=pl.col("stated_at").dt.year(),
        utc=pl.col("stated_at").dt.replace_time_zone("UTC").cast(INSTANT),
        london=pl.col("stated_at")
        .dt.replace_time_zone(_LONDON, ambiguous="latest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .cast(INSTANT),
    )
    anchors = readings.filter(pl.col("event").is_in(_ANCHORS)).group_by("year", maintain_order=True)
    votes = anchors.agg(_at_anchor_hour(UTC_LAW).sum(), _at_anchor_hour(LONDON_LAW).sum())
    london_years = votes.filter(pl.col(LONDON_LAW) > pl.col(UTC_LAW))["year"].to_list()
    is_london = pl.col("year").is_in(london_years)
    return readings.with_columns(
        scheduled_at=pl.when(is_london).then(pl.coalesce("london", "utc")).otherwise("utc"),
        time_law=pl.when(is_london).then(pl.lit(LONDON_LAW)).otherwise(pl.lit(UTC_LAW)),
    )


def _at_anchor_hour(reading: str) -> pl.Expr:
    return pl.col(reading).dt.convert_time_zone(NEW_YORK).dt.hour() == _ANCHOR_HOUR


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    importance = optional_number_of(row, "Importance")
    return {
        "country": text_of(row, "Country"),
        "event": text_of(row, "Event"),
        "stated_at": _wall_clock(row, "Date"),
        "updated_at": None if is_blank(row["LastUpdate"]) else _wall_clock(row, "LastUpdate"),
        "actual": optional_text_of(row, "Actual"),
        "forecast": optional_text_of(row, "Forecast"),
        "previous": optional_text_of(row, "Previous"),
        "importance": None if importance is None else int(importance),
    }


def _wall_clock(row: Mapping[str, Any], field: str) -> datetime:
    text = text_of(row, field)
    try:
        stated = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError as error:
        message = f"{field} is {text!r}, expected a time like 2014-06-18T19:00:00; correct it at the source"
        raise DataError(message) from error
    if stated.tzinfo is not None:
        message = f"{field} is {text!r}, which has an offset; this list states wall-clock times, correct the row"
        raise DataError(message)
    return stated
