"""Yahoo's daily bars, splits and dividends, by yfinance: its session, cookies and crumbs, and the chart as it comes.

The chart's prices, volumes and dividends are divided by every split up to the day of the fetch. The lake keeps what was
paid, so they are multiplied back by the splits that the same chart lists: it is always asked for up to now, so that
none is missing. A split that Yahoo lists and has not worked into its prices yet shows as a jump by its own ratio; the
symbol is then refused, for nothing says which of its rows are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import log, prod
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import polars as pl

from adapters.feeds.clients.answers import epoch_of
from adapters.feeds.clients.web import TIMEOUT_S, silence_telltales
from adapters.feeds.faults import (
    MalformedError,
    NotThereError,
    ThrottledError,
    Translation,
    UnreachableError,
    status_fault,
)
from adapters.feeds.files.entries import Entry, number_of, read_entries
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import joined_rejects, no_rejects, reject
from adapters.feeds.line import Line
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.lake.checks import row_reason
from adapters.lake.domains.bars import BARS_DAILY, PRICES
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, DIVIDEND, SPLIT
from adapters.lake.facts.domain import Domain
from adapters.lake.knowledge import NEW_YORK
from adapters.lake.session_instants import session_closes, session_opens
from nodes.vocabulary.errors import AssayError, DataError

_HOST = "https://query2.finance.yahoo.com"
_ZONE = ZoneInfo(NEW_YORK)
_TELLING_RATIO = 1.5
_PRICE_DIGITS, _AMOUNT_DIGITS = 4, 6
_NO_RETRY_AFTER_S = 60.0
_COLUMNS = {"open": "open_usd", "high": "high_usd", "low": "low_usd", "close": "close_usd", "volume": "volume_shares"}
_BAR: Mapping[str, pl.DataType] = {
    "session_on": pl.Date(),
    **dict.fromkeys(PRICES, pl.Float64()),
    "volume_shares": pl.Float64(),
}


class YahooFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of Yahoo.

    Attributes:
        symbols: the securities.
        rate: questions that we allow ourselves.
        reach_days: how far the first run reaches back.
        timeout_s: how long an answer may take.
    """

    symbols: tuple[str, ...]
    rate: str = "30/minute"
    reach_days: int = 365
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Yahoo:
    """Daily bars and corporate actions of some symbols.

    Attributes:
        feed: what is wanted.
        leases: which security a symbol names on which days; one without a lease is named by its symbol.
        session: another session for yfinance than its own.
    """

    feed: YahooFeed
    leases: pl.DataFrame = field(default_factory=no_leases)
    session: Callable[[], Any] | None = None
    name: str = "yahoo"

    @property
    def pace(self) -> Pace:
        """Yahoo corrects the last days' volumes."""
        return Pace(self.feed.rate, timedelta(days=7), timedelta(days=self.feed.reach_days))

    @property
    def scope(self) -> str:
        """The symbols."""
        return ", ".join(sorted(self.feed.symbols))

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The finished sessions of the window, and the actions in it."""
        silence_telltales()
        data = library("yfinance.data").YfData(session=None if self.session is None else self.session())
        fetch = partial(self._symbol, data, line, window)
        yield from each(sorted(self.feed.symbols), BARS_DAILY, self.name, fetch)

    def _symbol(self, data: Any, line: Line, window: Window, symbol: str) -> Iterator[Parsed]:  # noqa: ANN401
        what = f"yahoo chart of {symbol}"
        params = {
            "period1": str(int(window.from_at.timestamp())),
            "period2": str(int(window.fetched_at.timestamp())),
            "interval": "1d",
            "events": "div,splits",
        }
        url = f"{_HOST}/v8/finance/chart/{quote(symbol, safe='')}"
        answer = line.answer(lambda: data.get_raw_json(url, params, self.feed.timeout_s), _translation(what))
        chart = _chart(answer, what)
        splits = _events(chart, "splits", _split)
        entries = read_entries(what, _rows(chart, what), _bar, _BAR)
        _refuse_unadjusted(what, entries.accepted, splits)
        bars = _dated(_raw(entries.accepted, splits), window)
        yield self._bars(symbol, bars, entries.rejected)
        yield self._actions(symbol, splits, _events(chart, "dividends", _dividend))

    def _bars(self, symbol: str, bars: pl.DataFrame, rejected: pl.DataFrame) -> Parsed:
        judged = bars.with_columns(reason=row_reason())
        bad = [
            reject(symbol, 0, "session_on", str(row["session_on"]), f"{row['reason']}; correct it at the source")
            for row in judged.filter(pl.col("reason").is_not_null()).iter_rows(named=True)
        ]
        owned = self._owned(judged.filter(pl.col("reason").is_null()), symbol, "session_on")
        return Parsed(BARS_DAILY, self.name, _facts(BARS_DAILY, owned), joined_rejects([rejected, *bad]))

    def _actions(self, symbol: str, splits: list[_Action], dividends: list[_Action]) -> Parsed:
        paid = [
            _Action(one.ex_on, round(one.number * _later(splits, one.ex_on), _AMOUNT_DIGITS), DIVIDEND)
            for one in dividends
        ]
        rows = [
            {
                "kind": one.kind,
                "ex_on": one.ex_on,
                "ratio": one.number if one.kind == SPLIT else None,
                "amount_usd": one.number if one.kind == DIVIDEND else None,
            }
            for one in (*splits, *paid)
        ]
        schema = {name: CORPORATE_ACTIONS.schema[name] for name in ("kind", "ex_on", "ratio", "amount_usd")}
        frame = pl.DataFrame(rows, schema=schema)
        opens = session_opens(frame["ex_on"])
        dated = frame.with_columns(effective_at=opens, event_at=opens, known_at=opens).drop_nulls("event_at")
        owned = self._owned(dated, symbol, "ex_on")
        return Parsed(CORPORATE_ACTIONS, self.name, _facts(CORPORATE_ACTIONS, owned), no_rejects())

    def _owned(self, rows: pl.DataFrame, symbol: str, day: str) -> pl.DataFrame:
        held = self.leases.filter(pl.col("symbol") == symbol)
        spans = held.select("security_id", "valid_from_on", "valid_to_on").rows()
        ids = [
            next((name for name, start, end in spans if start <= on and (end is None or on <= end)), symbol)
            for on in rows[day]
        ]
        return rows.with_columns(security_id=pl.Series(ids, dtype=pl.String), symbol=pl.lit(symbol))


@dataclass(frozen=True, slots=True)
class _Action:
    """A split (its ratio) or a dividend (its amount), with its first day."""

    ex_on: date
    number: float
    kind: str


def _chart(answer: Any, what: str) -> Mapping[str, Any]:  # noqa: ANN401  # a vendor's answer
    results = answer.get("chart", {}).get("result") if isinstance(answer, dict) else None
    chart = results[0] if isinstance(results, list) and results else None
    if not isinstance(chart, dict) or not isinstance(chart.get("meta"), dict):
        raise MalformedError(what, "no object `chart.result[0]` with its `meta`")
    currency = chart["meta"].get("currency")
    if currency != "USD":
        raise MalformedError(what, f"prices in {currency!r}, and the table is in dollars")
    return chart


def _rows(chart: Mapping[str, Any], what: str) -> Iterator[Entry]:
    """The rows of lists side by side."""
    stamps = chart.get("timestamp", [])
    quotes = chart.get("indicators", {}).get("quote") or [{}]
    lists = {"timestamp": stamps} | {name: quotes[0].get(name, []) for name in _COLUMNS}
    heights = {len(cells) if isinstance(cells, list) else -1 for cells in lists.values()}
    if len(heights) != 1 or -1 in heights:
        raise MalformedError(what, f"lists of {sorted(heights)} rows side by side")
    for number in range(heights.pop()):
        yield Entry({name: cells[number] for name, cells in lists.items()}, place=f"[{number}]")


def _bar(row: Mapping[str, Any]) -> dict[str, Any]:
    at = epoch_of(row, "timestamp")
    return {"session_on": at.astimezone(_ZONE).date()} | {
        column: number_of(row, name) for name, column in _COLUMNS.items()
    }


def _events(chart: Mapping[str, Any], kind: str, read: Callable[[Mapping[str, Any]], _Action]) -> list[_Action]:
    events = chart.get("events") or {}
    listed = events.get(kind, {}) if isinstance(events, dict) else None
    if not isinstance(listed, dict):
        message = f"{kind} are {type(listed).__name__}, expected an object: nothing says how prices were adjusted"
        raise DataError(message)
    return sorted((read(each_one) for each_one in listed.values()), key=lambda action: action.ex_on)


def _split(row: Mapping[str, Any]) -> _Action:
    ratio = number_of(row, "numerator") / (number_of(row, "denominator") or float("nan"))
    if not ratio > 0:
        message = f"a split of {row.get('splitRatio')!r}: nothing says how prices were adjusted; correct it"
        raise DataError(message)
    return _Action(_ex_on(row), ratio, SPLIT)


def _dividend(row: Mapping[str, Any]) -> _Action:
    return _Action(_ex_on(row), number_of(row, "amount"), DIVIDEND)


def _ex_on(row: Mapping[str, Any]) -> date:
    return epoch_of(row, "date").astimezone(_ZONE).date()


def _later(splits: list[_Action], on: date) -> float:
    """The shares that one share of a day has become since."""
    return prod(split.number for split in splits if split.ex_on > on)


def _refuse_unadjusted(what: str, bars: pl.DataFrame, splits: list[_Action]) -> None:
    rows = bars.sort("session_on").select("session_on", "open_usd", "close_usd").rows()
    for (before, _, close), (after, opening, _) in pairwise(rows):
        ratio = prod(split.number for split in splits if before < split.ex_on <= after)
        if max(ratio, 1 / ratio) < _TELLING_RATIO or min(close, opening) <= 0:
            continue
        jump = log(opening / close)
        if abs(jump + log(ratio)) < abs(jump):
            message = (
                f"{what} jumps from {close} to {opening} at the {ratio:g} for 1 split of {after}, which it should"
                " embed; fetch it again when Yahoo has adjusted its prices"
            )
            raise DataError(message)


def _raw(bars: pl.DataFrame, splits: list[_Action]) -> pl.DataFrame:
    """Prices and volumes of the day."""
    factor = pl.Series("factor", [_later(splits, on) for on in bars["session_on"]], dtype=pl.Float64)
    return bars.with_columns(factor).with_columns(
        *((pl.col(name) * pl.col("factor")).round(_PRICE_DIGITS) for name in PRICES),
        volume_shares=(pl.col("volume_shares") / pl.col("factor")).round().cast(pl.Int64),
    )


def _dated(bars: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The bars whose session is over, known from its close."""
    closes = session_closes(bars["session_on"])
    over: datetime = min(window.until, window.fetched_at)
    return bars.with_columns(event_at=closes, known_at=closes).filter(pl.col("event_at") <= over)


def _facts(domain: Domain, rows: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in domain.values.items() if name not in rows.columns]
    return rows.with_columns(absent).select(*domain.keys, *domain.values, "event_at", "known_at")


def _translation(what: str) -> Translation:
    exceptions, transport = library("yfinance.exceptions"), library("yfinance._http").requests
    types = (exceptions.YFException, transport.exceptions.RequestException, ValueError)
    return Translation(types, partial(_fault, what))


def _fault(what: str, error: Exception) -> AssayError:
    transport = library("yfinance._http")
    if isinstance(error, library("yfinance.exceptions").YFRateLimitError):
        return ThrottledError(what, _NO_RETRY_AFTER_S)
    if isinstance(error, transport.HTTPError):
        response: Any = error.response
        return status_fault(what, response.status_code, response.headers)
    if isinstance(error, transport.requests.exceptions.RequestException):
        return UnreachableError(what, type(error).__name__)
    return MalformedError(what, "no JSON") if isinstance(error, ValueError) else NotThereError(what)
