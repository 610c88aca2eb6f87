"""Files of exchanges and clearing houses: halts, short interest, fails to deliver, a broker's borrow list.

Each is told by the names of its columns, and each has its own law of when it was known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from adapters.feeds.files.fields import NEW_YORK, Field, Kind, Typed, refused, typed, utc
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, Table, file_bytes, joined_rejects, reject, text_table
from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.instant_laws import EVENT, Law, Rule
from nodes.vocabulary.errors import DataError

_HALT_NAMES = {
    "symbol": ("symbol", "issuesymbol", "issue symbol"),
    "halt_date": ("halt_date", "halt date", "haltdate"),
    "halt_time": ("halt_time", "halt time", "halttime", "halt time et"),
    "reason": ("reason_code", "reason", "reasoncode", "reason codes"),
    "market": ("listing_market", "exchange", "market", "mkt"),
    "resume_date": ("resume_date", "resume date", "resumptiondate", "resumption date"),
    "resume_time": (
        "resume_trade_time",
        "nyse resume time",
        "resumptiontradetime",
        "resumption trade time",
        "resume time",
    ),
}
_HALT_NEEDED = ("symbol", "halt_date", "halt_time")
_SHORT_NAMES = {
    "symbol": ("symbolcode", "symbol", "ticker", "symbol code"),
    "settled_on": ("settlementdate", "settlement date", "date"),
    "shares": ("currentshortpositionquantity", "current short position quantity", "current short", "short_shares"),
}
_FAIL_NAMES = {
    "symbol": ("symbol",),
    "settled_on": ("settlement date", "settlement_date"),
    "shares": ("quantity (fails)", "qty_fails"),
    "price_usd": ("price",),
}
_PUBLISHED_AFTER_SESSIONS = 7
_SHORT_LAW = Law(Rule.NEXT_OPEN, lag_sessions=_PUBLISHED_AFTER_SESSIONS)
_OPENS_AFTER = Law(Rule.NEXT_OPEN)
_DAY_ENDS = Law(Rule.DAY_END, zone=NEW_YORK)
_MID_MONTH = 15
_BOF = re.compile(r"#BOF\|(\d{4}\.\d{2}\.\d{2})\|(\d{2}:\d{2}:\d{2})")
_EOF = re.compile(r"^#EOF\|(\d+)", re.MULTILINE)
_PERCENT = 100.0


def halts(path: Path, source: str = "exchange-halts") -> Parsed:
    """Trading halts of NYSE's or Nasdaq's download, times in New York.

    A halt and its end are two facts: before it resumed nobody knew when it would.
    """
    table = _renamed(text_table(path.name, file_bytes(path), Layout()), _HALT_NAMES, _HALT_NEEDED)
    kept = typed(table, [Field(name, is_required=name in _HALT_NEEDED) for name in _HALT_NAMES])
    rows = kept.rows.with_columns(
        halted_at=_moment("halt_date", "halt_time"), resumed_at=_moment("resume_date", "resume_time")
    )
    known = refused(Typed(rows, kept.rejected), path.name, "halt_time", _halt_fault())
    begun = known.rows.with_columns(knows_at="halted_at", resumed_at=pl.lit(None, pl.Datetime("ns", "UTC")))
    ended = known.rows.filter(pl.col("resumed_at").is_not_null()).with_columns(knows_at="resumed_at")
    both = Typed(pl.concat([begun, ended]), known.rejected)
    timing = Timing(EVENT, "halted_at", EVENT, "knows_at")
    return facts_of(HALTS, placed(both, path.name, timing), path.name, source)


def _moment(day: str, time: str) -> pl.Expr:
    """The New York instant of a date and a time, in any of the forms that the exchanges use."""
    on = pl.coalesce(pl.col(day).str.to_date(form, strict=False) for form in ("%Y-%m-%d", "%m/%d/%Y"))
    at = pl.coalesce(pl.col(time).str.to_time(form, strict=False) for form in ("%H:%M:%S%.f", "%I:%M:%S %p", "%H:%M"))
    return utc(on.dt.combine(at, "ns"))


def _halt_fault() -> pl.Expr:
    halted, resumed = pl.col("halted_at"), pl.col("resumed_at")
    unread = pl.col("resume_time").is_not_null() & resumed.is_null()
    return (
        pl.when(halted.is_null())
        .then(pl.lit("with its date is no New York time like 2020-03-09 09:34:13; correct it"))
        .when(unread)
        .then(pl.lit("has a resumption that is no time; correct it or leave it empty"))
        .when(resumed < halted)
        .then(pl.lit("is after the resumption; correct one of them"))
        .otherwise(None)
    )


def short_interest(path: Path, source: str = "finra-short-interest") -> Parsed:
    """FINRA's equity short interest, separated by pipes or commas: known when FINRA has published it."""
    text = file_bytes(path)
    table = _renamed(text_table(path.name, text, Layout(separator=_separator(text))), _SHORT_NAMES, tuple(_SHORT_NAMES))
    fields = [Field("symbol"), _date_field(table, "settled_on"), Field("shares", Kind.INTEGER)]
    kept = refused(typed(table, fields), path.name, "shares", _negative("shares"))
    timing = Timing(Law(Rule.CLOSE_FROM), "settled_on", _SHORT_LAW, "settled_on")
    return facts_of(SHORT_INTEREST, placed(kept, path.name, timing), path.name, source)


def fails_to_deliver(path: Path, source: str = "sec-fails") -> Parsed:
    """The SEC's fails-to-deliver file, separated by pipes, with a trailer that counts. A price of "." is none."""
    text = file_bytes(path)
    table = _renamed(
        text_table(path.name, text, Layout(separator=_separator(text))), _FAIL_NAMES, ("symbol", "settled_on", "shares")
    )
    priced = table.rows.with_columns(pl.col("price_usd").replace(".", None))
    fields = [
        Field("symbol"),
        _date_field(table, "settled_on"),
        Field("shares", Kind.INTEGER),
        Field("price_usd", Kind.NUMBER, is_required=False),
    ]
    body = Table(table.file, priced, table.rejected.filter(~pl.col("value").str.starts_with("Trailer")))
    kept = refused(typed(body, fields), path.name, "shares", _negative("shares"))
    dated = kept.rows.with_columns(published_on=_fails_publication(pl.col("settled_on")))
    timing = Timing(Law(Rule.CLOSE_FROM), "settled_on", _OPENS_AFTER, "published_on")
    return facts_of(FAILS, placed(Typed(dated, kept.rejected), path.name, timing), path.name, source)


def _fails_publication(settled: pl.Expr) -> pl.Expr:
    """The first half of a month comes out at its end, the second half on about the 15th of the next."""
    is_first_half = settled.dt.day() <= _MID_MONTH
    return pl.when(is_first_half).then(settled.dt.month_end()).otherwise(settled.dt.month_end().dt.offset_by("15d"))


def borrow_list(path: Path, source: str = "ibkr-borrow") -> Parsed:
    """Interactive Brokers' list of shares to borrow: #BOF and its stamp, #SYM and its columns, rows, #EOF and a count.

    Rates are yearly percentages in the file and fractions here; ">10000000" is stored as the 10,000,000 it is capped
    at.
    """
    text = file_bytes(path)
    decoded = text.decode("utf-8", errors="replace")
    stamp, header = _BOF.search(decoded), re.search(r"^#SYM\|.*$", decoded, re.MULTILINE)
    if stamp is None or header is None:
        message = f"{path.name} has no #BOF|yyyy.mm.dd|hh:mm:ss line or no #SYM line; give the file as downloaded"
        raise DataError(message)
    columns = tuple(name.strip().lower() for name in header[0].lstrip("#").rstrip().rstrip("|").split("|"))
    body = re.sub(r"\|\r?$", "", decoded[header.end() :], flags=re.MULTILINE)
    body = re.sub(r"^#.*$", "", body, flags=re.MULTILINE)
    first = decoded.count("\n", 0, header.end()) + 1
    table = text_table(path.name, body.encode(), Layout(columns, separator="|"), first_line=first)
    day = date.fromisoformat(stamp[1].replace(".", "-"))
    kept = _borrowed(table, day, stamp[2])
    short = _shortfall(path.name, decoded, table.rows.height + table.rejected.height)
    complete = Typed(kept.rows, joined_rejects([kept.rejected, *short]))
    timing = Timing(EVENT, "stamped_at", EVENT, "stamped_at")
    return facts_of(BORROW, placed(complete, path.name, timing), path.name, source)


def _borrowed(table: Table, day: date, time: str) -> Typed:
    capped = table.rows.with_columns(pl.col("available").str.strip_prefix(">"))
    fields = [
        Field("sym"),
        Field("rebaterate", Kind.NUMBER, is_required=False, divisor=_PERCENT),
        Field("feerate", Kind.NUMBER, is_required=False, divisor=_PERCENT),
        Field("available", Kind.INTEGER),
    ]
    na = capped.with_columns(pl.col("rebaterate", "feerate").replace({"NA": None}))
    kept = refused(
        typed(Table(table.file, na, table.rejected), fields), table.file, "available", _negative("available")
    )
    stamped = kept.rows.rename(
        {"sym": "symbol", "rebaterate": "rebate_rate_frac", "feerate": "fee_rate_frac", "available": "available_shares"}
    ).with_columns(
        day_on=pl.lit(day), stamped_at=utc(pl.lit(f"{day} {time}").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ns"))
    )
    return Typed(stamped, kept.rejected)


def _shortfall(file: str, text: str, n_rows: int) -> list[pl.DataFrame]:
    counted = _EOF.search(text)
    if counted is not None and int(counted[1]) == n_rows:
        return []
    said = "has no #EOF line" if counted is None else f"says #EOF|{counted[1]} and has {n_rows} rows"
    return [reject(file, 0, "", "", f"the file {said}: it was cut off; download it again")]


def _separator(text: bytes) -> str:
    head = text[: text.find(b"\n")]
    return "|" if b"|" in head else ","


def _negative(column: str) -> pl.Expr:
    return pl.when(pl.col(column) < 0).then(pl.lit("is below zero; correct it")).otherwise(None)


def _date_field(table: Table, name: str) -> Field:
    """A date field in the form that the file's first value has."""
    first = table.rows[name].drop_nulls().head(1).to_list()
    text = first[0] if first else ""
    form = "%m/%d/%Y" if "/" in text else "%Y%m%d" if text.isdigit() else "%Y-%m-%d"
    return Field(name, Kind.DATE, form=form)


def _renamed(table: Table, names: Mapping[str, tuple[str, ...]], needed: tuple[str, ...]) -> Table:
    """A table with our names for its columns; those that it lacks and may lack are null.

    Raises:
        DataError: it lacks one that is needed.
    """
    given = {name.lower(): name for name in table.rows.columns if name != LINE}
    found = {ours: next((given[name] for name in theirs if name in given), None) for ours, theirs in names.items()}
    absent = [ours for ours in needed if found[ours] is None]
    if absent:
        message = f"{table.file} has no column for {absent}, only {sorted(given)}; name it like {names[absent[0]][0]!r}"
        raise DataError(message)
    columns = [
        pl.lit(None, pl.String).alias(ours) if theirs is None else pl.col(theirs).alias(ours)
        for ours, theirs in found.items()
    ]
    return Table(table.file, table.rows.select(LINE, *columns), table.rejected)
