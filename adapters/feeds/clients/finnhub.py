"""Finnhub, by its client library: company news, the earnings calendar and what companies announced.

The calendar names quarters of a fiscal year and not when they end; the list of past results does, so each company's
year is read off it. Finnhub's numbers embed the splits up to the day of the fetch, and it does not list them: they are
marked as not point in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.answers import epoch_of, listed, requests_fault
from adapters.feeds.clients.web import TIMEOUT_S, silence_telltales
from adapters.feeds.faults import MalformedError, Translation, status_fault
from adapters.feeds.files.calendars import fiscal_quarter
from adapters.feeds.files.entries import (
    Entries,
    day_of,
    optional_number_of,
    optional_text_of,
    read_entries,
    text_of,
    whole_of,
)
from adapters.feeds.files.estimates import EPS, REVENUE
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.line import Line
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.feeds.texts import Text, plain_text, text_facts
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.domains.estimates import EARNINGS_ACTUALS
from adapters.lake.domains.texts import NEWS, TEXTS
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.knowledge import NEW_YORK
from adapters.lake.session_instants import closes_from, ends_of_day, next_opens, opens_from
from nodes.vocabulary.errors import AssayError, DataError

_AHEAD = timedelta(days=90)
_WHEN: Mapping[str, str] = {"bmo": "pre", "amc": "post", "dmh": "unknown", "": "unknown"}
_TEXT_ROW: Mapping[str, pl.DataType] = {
    "title": pl.String(),
    "body": pl.String(),
    "url": pl.String(),
    "published_at": pl.Datetime("us", "UTC"),
}
_RELEASE: Mapping[str, pl.DataType] = {
    "symbol": pl.String(),
    "fiscal_year": pl.Int32(),
    "fiscal_quarter": pl.Int32(),
    "quarter_end_on": pl.Date(),
    "release_on": pl.Date(),
    "when": pl.String(),
    **{f"{part}_{measure}": pl.Float64() for measure in (EPS, REVENUE) for part in ("value", "consensus")},
}


class FinnhubFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of Finnhub.

    Attributes:
        symbols: the companies.
        rate: questions that we allow ourselves; the free plan allows 60 a minute.
        url: where it is.
        timeout_s: how long an answer may take.
    """

    symbols: tuple[str, ...]
    rate: str = "50/minute"
    url: str = "https://api.finnhub.io/api/v1"
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Finnhub:
    """News and earnings of some companies."""

    feed: FinnhubFeed
    key: str = field(repr=False)
    name: str = "finnhub"

    @property
    def pace(self) -> Pace:
        """The free plan's news reach back a year; the first run asks for a month."""
        return Pace(self.feed.rate, timedelta(days=3), timedelta(days=30))

    @property
    def scope(self) -> str:
        """The companies."""
        return ", ".join(sorted(self.feed.symbols))

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """News of the window; releases of the window and those planned after it."""
        silence_telltales()
        symbols = sorted(self.feed.symbols)
        with closing(self._client()) as client:
            asked = _Asking(client, line, window, self.name)
            yield from each(symbols, TEXTS, self.name, asked.news)
            yield from each(symbols, EARNINGS_CALENDAR, self.name, asked.releases)

    def _client(self) -> Any:  # noqa: ANN401  # the library has no types
        client = library("finnhub").Client(api_key=self.key)
        client.API_URL = self.feed.url
        client.DEFAULT_TIMEOUT = self.feed.timeout_s
        return client


@dataclass(frozen=True)
class _Asking:
    """One run's questions."""

    client: Any
    line: Line
    window: Window
    name: str

    def news(self, symbol: str) -> Iterator[Parsed]:
        """The news of a company."""
        what = f"finnhub news of {symbol}"
        first, last = (at.date().isoformat() for at in (self.window.from_at, self.window.until))
        rows = self._answer(what, partial(self.client.company_news, symbol, _from=first, to=last))
        entries = read_entries(what, listed(rows, what), _news, _TEXT_ROW)
        texts = [Text(NEWS, row.pop("published_at"), None, symbol, **row) for row in entries.accepted.to_dicts()]
        yield text_facts(self.name, texts, self.window, entries.rejected)

    def releases(self, symbol: str) -> Iterator[Parsed]:
        """The releases of a company, as a calendar and as numbers."""
        what = f"finnhub earnings of {symbol}"
        first, last = self.window.from_at.date(), (self.window.until + _AHEAD).date()
        ask = partial(self.client.earnings_calendar, first.isoformat(), last.isoformat(), symbol)
        answer = self._answer(what, ask)
        if not isinstance(answer, dict):
            raise MalformedError(what, f"{type(answer).__name__} instead of an object")
        rows = list(listed(answer.get("earningsCalendar"), what))
        if not rows:
            return
        past = self._answer(what, partial(self.client.company_earnings, symbol, limit=4))
        year = _fiscal_year([entry.row for entry in listed(past, what)], symbol)
        entries = read_entries(what, rows, partial(_release, year=year), _RELEASE)
        yield _calendar(entries, self.window.fetched_at, self.name)
        yield _actuals(entries, self.name)

    def _answer(self, what: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
        exceptions, errors = library("finnhub.exceptions"), library("requests.exceptions")
        types = (exceptions.FinnhubAPIException, exceptions.FinnhubRequestException, errors.RequestException)
        return self.line.answer(ask, Translation(types, partial(_fault, what)))


def _fault(what: str, error: Exception) -> AssayError:
    exceptions = library("finnhub.exceptions")
    if isinstance(error, exceptions.FinnhubAPIException):
        response: Any = error.response
        return status_fault(what, response.status_code, response.headers)
    if isinstance(error, exceptions.FinnhubRequestException):
        return MalformedError(what, "no JSON")
    return requests_fault(what, error)


def _news(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": plain_text(text_of(row, "headline")),
        "body": plain_text(optional_text_of(row, "summary")),
        "url": optional_text_of(row, "url"),
        "published_at": epoch_of(row, "datetime"),
    }


@dataclass(frozen=True)
class _FiscalYear:
    """A company's fiscal year: its last month, and how the vendor's count of years differs from the calendar's."""

    end_month: int
    offset: int

    def quarter_end_on(self, year: int, quarter: int) -> date:
        """The last day of a quarter."""
        month = (self.end_month + 3 * quarter - 1) % 12 + 1
        calendar_year = year - self.offset - (month > self.end_month)
        return fiscal_quarter(month, calendar_year, self.end_month).end_on


def _fiscal_year(past: list[Mapping[str, Any]], symbol: str) -> _FiscalYear:
    for row in past:
        try:
            ended_on, quarter, year = day_of(row, "period"), _quarter(row), whole_of(row, "year")
        except DataError:
            continue
        end_month = (ended_on.month + 3 * (4 - quarter) - 1) % 12 + 1
        own = fiscal_quarter(ended_on.month, ended_on.year, end_month)
        return _FiscalYear(end_month, year - own.year)
    message = f"finnhub lists no past results of {symbol}, so the ends of its quarters are unknown; leave it out"
    raise DataError(message)


def _quarter(row: Mapping[str, Any]) -> int:
    quarter = whole_of(row, "quarter")
    if quarter not in range(1, 5):
        message = f"quarter is {quarter!r}, expected 1 to 4; correct it at the source"
        raise DataError(message)
    return quarter


def _release(row: Mapping[str, Any], year: _FiscalYear) -> dict[str, Any]:
    fiscal, quarter = whole_of(row, "year"), _quarter(row)
    hour = optional_text_of(row, "hour") or ""
    if hour not in _WHEN:
        message = f"hour is {hour!r}, expected bmo, amc, dmh or nothing; correct it at the source"
        raise DataError(message)
    return {
        "symbol": text_of(row, "symbol"),
        "fiscal_year": fiscal,
        "fiscal_quarter": quarter,
        "quarter_end_on": year.quarter_end_on(fiscal, quarter),
        "release_on": day_of(row, "date"),
        "when": _WHEN[hour],
        f"value_{EPS}": optional_number_of(row, "epsActual"),
        f"consensus_{EPS}": optional_number_of(row, "epsEstimate"),
        f"value_{REVENUE}": optional_number_of(row, "revenueActual"),
        f"consensus_{REVENUE}": optional_number_of(row, "revenueEstimate"),
    }


def _calendar(entries: Entries, fetched_at: datetime, source: str) -> Parsed:
    rows = entries.accepted
    today = pl.lit(fetched_at).dt.convert_time_zone(NEW_YORK).dt.date()
    is_past = pl.col("release_on") < today
    dated = rows.with_columns(
        scheduled_at=_scheduled_at(rows),
        is_confirmed=is_past,
        event_at=ends_of_day(rows["quarter_end_on"]),
        known_at=pl.when(is_past).then(next_opens(rows["release_on"])).otherwise(pl.lit(fetched_at).cast(INSTANT)),
    )
    return Parsed(EARNINGS_CALENDAR, source, dated.select(*_columns(EARNINGS_CALENDAR)), entries.rejected)


def _actuals(entries: Entries, source: str) -> Parsed:
    rows = entries.accepted
    known_at = opens_from(rows["release_on"]).zip_with(rows["when"] == "pre", next_opens(rows["release_on"]))
    dated = rows.with_columns(event_at=_scheduled_at(rows), known_at=known_at)
    numbers = [
        dated.with_columns(measure=pl.lit(measure), value=f"value_{measure}", consensus=f"consensus_{measure}")
        for measure in (EPS, REVENUE)
    ]
    facts = (
        pl.concat(numbers)
        .drop_nulls("value")
        .with_columns(
            crowd_consensus=pl.lit(None, pl.Float64),
            basis=pl.lit("not-point-in-time"),
            split_factor=pl.lit(None, pl.Float64),
        )
    )
    return Parsed(EARNINGS_ACTUALS, source, facts.select(*_columns(EARNINGS_ACTUALS)), entries.rejected.clear())


def _scheduled_at(rows: pl.DataFrame) -> pl.Series:
    return opens_from(rows["release_on"]).zip_with(rows["when"] == "pre", closes_from(rows["release_on"]))


def _columns(domain: Domain) -> tuple[str, ...]:
    return (*domain.keys, *domain.values, "event_at", "known_at")
