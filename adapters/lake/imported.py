"""The lake that a dataflow runs on, made of imported facts: the same checks, ratios and windows as the bundled one.

What a decision at a session's close may see was known then: bars and index levels are taken as they were first printed,
and only where that was by the close and had not been taken back by then; actions as they stood at the close of their
ex-date. A correction that came later changes no decision that was made before it.

A symbol is resolved once, on one day, to the security that it named; its rows then bear that symbol through every
earlier ticker, so that a position keeps its name. Ratios come from the corporate actions of the lake, not from an
adjusted close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl

from adapters.lake.actions import ActionKind, CorporateAction
from adapters.lake.bars import PRICES
from adapters.lake.borrow_lists import borrow_lists
from adapters.lake.calendar import xnys_calendar
from adapters.lake.checks import checked_bars, checked_index, without_unexplained_splits
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, DIVIDEND, SPLIT
from adapters.lake.domains.factors import FACTORS
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.market_events import BORROW
from adapters.lake.domains.texts import TEXT_SCORES, TEXTS
from adapters.lake.event_calendar import event_calendar
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.revisions import first, newest
from adapters.lake.facts.store import FactStore
from adapters.lake.lake import Lake
from adapters.lake.session_instants import session_closes
from adapters.lake.views.identity import security_id_on
from adapters.lake.views.sentiment import known_scores
from governance.tables import TableRead
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError, EdgeError

_MAX_SHARES = 1000
_MAX_READS = 5
_READ = (BARS_DAILY, CORPORATE_ACTIONS, FACTORS, IDENTITY)
_IN_TIME = pl.col("known_at") <= pl.col("event_at")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of an imported lake a dataflow sees.

    Attributes:
        symbols: the universe; a security id ("GOOG:2004-08-19") stands for itself.
        known_at: when everything must have been known.
        named_on: the day on which the symbols are resolved; the day of `known_at` by default.
        index: the factor that serves as the index.
        model: whose scores of texts it sees; None for none.
    """

    symbols: tuple[str, ...]
    known_at: datetime
    named_on: date | None = None
    index: str = "sp500"
    model: str | None = None


def lake_of_facts(store: FactStore, chosen: Chosen) -> Lake:
    """The lake of a universe, with the version and digest of each table that it was read from.

    Raises:
        DataError: a symbol names no security, there are no bars, the index has none, or the rows are no history.
        EdgeError: the tables are written to again and again while they are read.
    """
    for _ in range(_MAX_READS):
        tables = _tables(store, chosen)
        found = _lake(store, chosen)
        if _tables(store, chosen) == tables:
            return replace(found, tables=tables)
    message = f"the tables of {store.root} changed each of {_MAX_READS} times that they were read"
    raise EdgeError(f"{message}; wait for the import that writes them, then try again")


def _tables(store: FactStore, chosen: Chosen) -> tuple[TableRead, ...]:
    """What each table holds now that a decision may rest on."""
    read = _READ if chosen.model is None else (*_READ, TEXTS, TEXT_SCORES)
    held = store.domains()
    read = (*read, *(domain for domain in (BORROW, EARNINGS_CALENDAR) if domain.name in held))
    versions = {domain.name: store.version(domain) for domain in read}
    return tuple(TableRead(name, each.version, each.digest) for name, each in sorted(versions.items()))


def _lake(store: FactStore, chosen: Chosen) -> Lake:
    ids = {symbol: _security_id(store, symbol, chosen) for symbol in chosen.symbols}
    bars = pl.concat([_bars(store, symbol, ids[symbol], chosen.known_at) for symbol in sorted(ids)])
    known = [action for symbol in sorted(ids) for action in _actions(store, symbol, ids[symbol], chosen.known_at)]
    index = _index(store, chosen, bars)
    first_on, last_on = _span(bars, index)
    calendar = xnys_calendar(first_on, last_on)
    checked = checked_bars(bars, frozenset(ids), calendar)
    final = without_unexplained_splits(
        type(checked)(with_ratios(checked.bars, known), checked.quarantined, checked.noted)
    )
    return Lake(
        universe=tuple(sorted(ids)),
        panel=final.bars,
        index_panel=checked_index(index, calendar),
        actions=tuple(sorted(known, key=lambda action: (action.symbol, action.ex_on))),
        calendar=calendar,
        quarantined=final.quarantined,
        noted=final.noted,
        text_scores=_text_scores(store, chosen),
        borrow_lists=borrow_lists(store, chosen.symbols, chosen.known_at),
        events=event_calendar(store, chosen.symbols, chosen.known_at),
    )


def _text_scores(store: FactStore, chosen: Chosen) -> pl.DataFrame | Absent:
    """The scores of texts about the universe, or why there are none."""
    if chosen.model is None:
        return Absent(TEXT_SCORES.name, "no model of sentiment is chosen")
    symbols = [symbol.partition(":")[0] for symbol in chosen.symbols]
    return known_scores(store, chosen.model, chosen.known_at, symbols)


def with_ratios(bars: pl.DataFrame, known: Sequence[CorporateAction]) -> pl.DataFrame:
    """Bars with `adjustment_ratio`: the product over the actions in force from that session on."""
    ratios: dict[tuple[str, date], float] = {}
    closes = {(row[0], row[1]): row[2] for row in bars.select("symbol", "session_on", "close_usd").iter_rows()}
    sessions = {str(key[0]): part["session_on"].to_list() for key, part in bars.group_by("symbol", maintain_order=True)}
    for action in known:
        day = next((on for on in sessions.get(action.symbol, []) if on >= action.ex_on), None)
        if day is not None and day != sessions[action.symbol][0]:
            place = (action.symbol, day)
            ratios[place] = ratios.get(place, 1.0) * action.ratio(closes[place])
    rows = [(symbol, on, ratio) for (symbol, on), ratio in sorted(ratios.items())]
    schema = {"symbol": pl.String, "session_on": pl.Date, "adjustment_ratio": pl.Float64}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    joined = bars.join(table, on=["symbol", "session_on"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("adjustment_ratio").fill_null(1.0))


def _security_id(store: FactStore, symbol: str, chosen: Chosen) -> str:
    if ":" in symbol:
        return symbol
    return security_id_on(store, symbol, chosen.named_on or chosen.known_at.date(), chosen.known_at)


def _bars(store: FactStore, symbol: str, security_id: str, known_at: datetime) -> pl.DataFrame:
    """The bars of a security that were known by their session's close."""
    own = pl.col("security_id") == security_id
    rows = _printed(store, BARS_DAILY, known_at, own).sort("session_on")
    if rows.is_empty():
        message = f"{symbol} ({security_id}) has no row in {BARS_DAILY.name} that was known by its session's close"
        raise DataError(f"{message}; import its daily bars")
    return rows.select(pl.lit(symbol).alias("symbol"), "session_on", *PRICES, "volume_shares")


def _printed(store: FactStore, domain: Domain, known_at: datetime, where: pl.Expr) -> pl.DataFrame:
    """What was said first of each event by the instant at which it was true, unless it had been taken back by then."""
    in_time = store.history(domain, known_at, where=where).filter(_IN_TIME).collect().lazy()
    standing = newest(domain, in_time).select(domain.identity)
    said = first(domain, in_time.filter(~pl.col("is_retracted")))
    return said.join(standing, on=domain.identity, how="semi").collect()


def _actions(store: FactStore, symbol: str, security_id: str, known_at: datetime) -> list[CorporateAction]:
    """The splits and dividends in force, each as it was known by the close of its ex-date.

    An action is announced before it happens: what was corrected or called off by then is not what was announced first.
    """
    own = (pl.col("security_id") == security_id) & pl.col("kind").is_in([SPLIT, DIVIDEND])
    rows = store.history(CORPORATE_ACTIONS, known_at, where=own).collect()
    in_time = rows.filter(rows["known_at"] <= session_closes(rows["ex_on"]).fill_null(rows["event_at"]))
    standing = newest(CORPORATE_ACTIONS, in_time.lazy()).sort("ex_on", "kind").collect()
    columns = ("kind", "ex_on", "ratio", "amount_usd")
    return [_action(symbol, *row) for row in standing.select(columns).iter_rows()]


def _action(symbol: str, kind: str, ex_on: date, ratio: float | None, amount_usd: float | None) -> CorporateAction:
    if kind == SPLIT and ratio is not None:
        whole = _whole_shares(ratio)
        return CorporateAction(symbol, ex_on, ActionKind.SPLIT, whole.numerator, whole.denominator)
    if amount_usd is not None:
        return CorporateAction(symbol, ex_on, ActionKind.DIVIDEND, dividend_usd=Decimal(repr(amount_usd)))
    message = f"{symbol} {ex_on}: the {kind} has neither ratio nor amount; import it again with the one that it needs"
    raise DataError(message)


def _whole_shares(ratio: float) -> Fraction:
    """A split's ratio in whole shares. One for thousands happens: the smaller number is the bounded one."""
    if ratio < 1.0:
        return 1 / Fraction(1.0 / ratio).limit_denominator(_MAX_SHARES)
    return Fraction(ratio).limit_denominator(_MAX_SHARES)


def _index(store: FactStore, chosen: Chosen, bars: pl.DataFrame) -> pl.DataFrame:
    own = pl.col("factor") == chosen.index
    levels = _printed(store, FACTORS, chosen.known_at, own).select(session_on="period_on", close_usd="value")
    first_on = min(bars["session_on"].to_list())
    kept = levels.filter(pl.col("session_on") >= first_on).sort("session_on")
    if kept.is_empty():
        message = f"factor {chosen.index!r} has no level from {first_on} on; import the index the universe is judged by"
        raise DataError(message)
    return kept


def _span(bars: pl.DataFrame, index: pl.DataFrame) -> tuple[date, date]:
    days = [*bars["session_on"].unique().to_list(), *index["session_on"].to_list()]
    return min(days), max(days)
