"""Earnings calendars as CSV: symbol, date, qtr, eps_est, eps, release_time.

A list of the past says when results came; a list of the future says what was planned on the day it was taken, and the
next list may say otherwise. Each list is read with the instant at which it was taken.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from adapters.feeds.files.entries import (
    Entries,
    day_of,
    optional_number_of,
    optional_text_of,
    read_csv_entries,
    text_of,
)
from adapters.feeds.files.estimates import EPS, with_results_acceptance
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.splits import Embedded, rescaled
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.domains.estimates import EARNINGS_ACTUALS
from adapters.lake.knowledge import INSTANT, NEW_YORK
from adapters.lake.session_instants import closes_from, ends_of_day, next_opens, opens_from
from nodes.vocabulary.errors import DataError

_SOURCE = "earnings-calendar-csv"
_COLUMNS = ("symbol", "date", "qtr", "eps_est", "eps", "release_time")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS_A_YEAR, _MONTHS_A_QUARTER = 12, 3
_LATEST_REPORT = timedelta(days=150)
_WHEN = {"pre": "pre", "post": "post", "": "unknown"}
_ROW: Mapping[str, pl.DataType] = {
    "symbol": pl.String(),
    "fiscal_year": pl.Int32(),
    "fiscal_quarter": pl.Int32(),
    "quarter_end_on": pl.Date(),
    "release_on": pl.Date(),
    "when": pl.String(),
    "value": pl.Float64(),
    "consensus": pl.Float64(),
}


@dataclass(frozen=True)
class FiscalQuarter:
    """A quarter of a company's fiscal year, which is named for the calendar year that it ends in.

    Attributes:
        year: fiscal year.
        quarter: 1 to 4.
        end_on: last day of its last month.
    """

    year: int
    quarter: int
    end_on: date


def fiscal_quarter(month: int, year: int, year_end_month: int) -> FiscalQuarter:
    """The quarter that ends in a month, for a company whose fiscal year ends in `year_end_month`."""
    since_year_end = (month - year_end_month - 1) % _MONTHS_A_YEAR
    end_on = date(year, month, calendar.monthrange(year, month)[1])
    return FiscalQuarter(year + (month > year_end_month), since_year_end // _MONTHS_A_QUARTER + 1, end_on)


def earnings_calendar(text: bytes, taken_at: datetime, year_end_months: Mapping[str, int]) -> Parsed:
    """Facts of the domain `earnings_calendar`.

    Args:
        text: the list. qtr is the last month of the quarter (Dec-13) or its number in the fiscal year (Q1).
        taken_at: when the list was made or downloaded: releases from that day on are plans as of then.
        year_end_months: last month of each company's fiscal year, 1 to 12; a symbol that is not here is set aside.

    Raises:
        DataError: the file is not of this kind at all.
    """
    parsed = _entries(text, year_end_months)
    taken_on = pl.lit(taken_at).dt.convert_time_zone(NEW_YORK).dt.date()
    is_past = pl.col("release_on") < taken_on
    entries = parsed.accepted
    dated = entries.with_columns(
        scheduled_at=_scheduled_at(entries),
        is_confirmed=is_past,
        event_at=ends_of_day(entries["quarter_end_on"]),
        known_at=pl.when(is_past).then(next_opens(entries["release_on"])).otherwise(pl.lit(taken_at).cast(INSTANT)),
    )
    columns = (*EARNINGS_CALENDAR.keys, *EARNINGS_CALENDAR.values, "event_at", "known_at")
    facts = dated.sort("known_at", "symbol").select(columns)
    return Parsed(EARNINGS_CALENDAR, _SOURCE, facts, parsed.rejected)


def calendar_actuals(
    text: bytes, embedded: Embedded | None, year_end_months: Mapping[str, int], filings: pl.DataFrame | None = None
) -> Parsed:
    """Facts of the domain `earnings_actuals`: the eps and eps_est of the same list, as announced.

    Args:
        text: the list.
        embedded: the splits that its eps embed; None when nobody knows.
        year_end_months: as for `earnings_calendar`.
        filings: facts of the domain `filings`; the acceptance of a release's 8-K says when it was known.

    Raises:
        DataError: the file is not of this kind at all.
    """
    parsed = _entries(text, year_end_months)
    entries = parsed.accepted.drop_nulls("value")
    is_early = pl.col("when") == "pre"
    dated = entries.with_columns(
        measure=pl.lit(EPS),
        crowd_consensus=pl.lit(None, pl.Float64),
        event_at=_scheduled_at(entries),
        known_at=pl.when(is_early).then(opens_from(entries["release_on"])).otherwise(next_opens(entries["release_on"])),
    )
    known = with_results_acceptance(dated, filings)
    told = rescaled(known, ["value", "consensus"], pl.col("release_on"), pl.lit(value=True), embedded)
    columns = (*EARNINGS_ACTUALS.keys, *EARNINGS_ACTUALS.values, "event_at", "known_at")
    facts = told.sort("known_at", "symbol").select(columns)
    return Parsed(EARNINGS_ACTUALS, _SOURCE, facts, parsed.rejected)


def _entries(text: bytes, year_end_months: Mapping[str, int]) -> Entries:
    read = partial(_entry, year_end_months=year_end_months)
    return read_csv_entries("earnings calendar", text, _COLUMNS, read, _ROW)


def _scheduled_at(entries: pl.DataFrame) -> pl.Series:
    """The session's opening for results before it, its close for the others."""
    opens, closes = opens_from(entries["release_on"]), closes_from(entries["release_on"])
    return opens.zip_with(entries["when"] == "pre", closes)


def _entry(row: Mapping[str, Any], year_end_months: Mapping[str, int]) -> dict[str, Any]:
    symbol, release_on = text_of(row, "symbol"), day_of({"date": text_of(row, "date")[:10]}, "date")
    when = _WHEN.get((optional_text_of(row, "release_time") or "").lower())
    if when is None:
        message = f"release_time is {row['release_time']!r}, expected pre, post or nothing; correct it at the source"
        raise DataError(message)
    if symbol not in year_end_months:
        message = f"no last month of {symbol}'s fiscal year is given; name it, e.g. {symbol}: 12"
        raise DataError(message)
    quarter = _quarter(text_of(row, "qtr"), release_on, year_end_months[symbol])
    if not timedelta(0) < release_on - quarter.end_on < _LATEST_REPORT:
        message = f"results of the quarter that ended on {quarter.end_on} come on {release_on}; correct qtr or date"
        raise DataError(message)
    return {
        "symbol": symbol,
        "fiscal_year": quarter.year,
        "fiscal_quarter": quarter.quarter,
        "quarter_end_on": quarter.end_on,
        "release_on": release_on,
        "when": when,
        "value": optional_number_of(row, "eps"),
        "consensus": optional_number_of(row, "eps_est"),
    }


def _quarter(label: str, release_on: date, year_end_month: int) -> FiscalQuarter:
    """The quarter of a label: Dec-13 says its last month, Q1 its number, of the latest year that had ended by then."""
    name, _, year = label.partition("-")
    if name.lower() in _MONTHS and len(year) == 2 and year.isdigit():  # noqa: PLR2004  # two digits of a year
        return fiscal_quarter(_MONTHS[name.lower()], 2000 + int(year), year_end_month)
    if len(label) == 2 and label[0] == "Q" and label[1] in "1234":  # noqa: PLR2004  # Q and a digit
        month = (year_end_month + _MONTHS_A_QUARTER * int(label[1]) - 1) % _MONTHS_A_YEAR + 1
        ended_this_year = month < release_on.month
        return fiscal_quarter(month, release_on.year - (not ended_this_year), year_end_month)
    message = f"qtr is {label!r}, expected a month like Dec-13 or a quarter like Q1; correct it at the source"
    raise DataError(message)
