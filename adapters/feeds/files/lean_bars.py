"""LEAN zips of bars: daily, hourly and by minute, of trades and of quotes.

A daily bar is true and known at its session's close; any other at its end, not at its start. Extended hours are in the
files and stay in the lake: what is regular is for the reader to say.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from adapters.feeds.files.archives import zipped_table
from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed, utc
from adapters.feeds.files.lean_identity import SOURCE
from adapters.feeds.files.lean_layout import PRICE_DIVISOR, LeanFile
from adapters.feeds.files.leases import Owned, owned
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import Layout, text_table
from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, PRICES, QUOTES_INTRADAY
from adapters.lake.facts.domain import Domain
from adapters.lake.instant_laws import AT_CLOSE, EVENT
from adapters.lake.row_checks import bar_fault, quote_fault

_BAR_S = {"minute": 60, "hour": 3600}
_PRICE_FIELDS = tuple(Field(name, Kind.NUMBER, divisor=PRICE_DIVISOR) for name in PRICES)
_VOLUME = Field("volume_shares", Kind.INTEGER)
_BAR_COLUMNS = (*PRICES, "volume_shares")
_SIDES = ("bid", "ask")
_QUOTE_COLUMNS = tuple(
    name
    for side in _SIDES
    for name in (*(f"{side}_{part}_usd" for part in ("open", "high", "low", "close")), f"{side}_shares")
)
_ENDS = Timing(EVENT, "ends_at", EVENT, "ends_at")
_NS_IN_MS = 1_000_000
_DAY_FORM = "%Y%m%d %H:%M"


def daily_bars(file: LeanFile, leases: pl.DataFrame) -> tuple[Parsed, Owned]:
    """The bars of a daily zip, and who owned them."""
    fields = (Field("session_on", Kind.DATE, form=_DAY_FORM), *_PRICE_FIELDS, _VOLUME)
    kept = _bars(file, Layout(("session_on", *_BAR_COLUMNS)), fields)
    mine = owned(kept.rows.with_columns(symbol=pl.lit(file.ticker)), leases, "session_on")
    timed = placed(Typed(mine.rows, kept.rejected), file.name, Timing(AT_CLOSE, "session_on", AT_CLOSE, "session_on"))
    return facts_of(BARS_DAILY, timed, file.name, SOURCE), mine


def intraday_bars(file: LeanFile, leases: pl.DataFrame) -> tuple[Parsed, Owned]:
    """The bars of an hourly zip or of a day's minutes."""
    layout = Layout(("time", *_BAR_COLUMNS))
    kept = _bars(file, layout, (_time_field(file), *_PRICE_FIELDS, _VOLUME))
    return _ended(file, kept, leases, BARS_INTRADAY)


def quote_bars(file: LeanFile, leases: pl.DataFrame) -> tuple[Parsed, Owned]:
    """The quote bars of a day's minutes: a side without a quote is empty in the file and null in the lake."""
    sides = tuple(
        Field(name, Kind.INTEGER, is_required=False)
        if name.endswith("_shares")
        else Field(name, Kind.NUMBER, is_required=False, divisor=PRICE_DIVISOR)
        for name in _QUOTE_COLUMNS
    )
    table = text_table(file.name, zipped_table(file.path), Layout(("time", *_QUOTE_COLUMNS)))
    kept = typed(table, (_time_field(file), *sides))
    rows = kept.rows.with_columns(expression for side in _SIDES for expression in _unquoted(side))
    return _ended(
        file, refused(Typed(rows, kept.rejected), file.name, "bid_close_usd", quote_fault()), leases, QUOTES_INTRADAY
    )


def _unquoted(side: str) -> list[pl.Expr]:
    """The columns of a side, all null where its close is zero or empty."""
    names = [name for name in _QUOTE_COLUMNS if name.startswith(side)]
    is_there = pl.col(f"{side}_close_usd").fill_null(0.0) != 0.0
    return [pl.when(is_there).then(pl.col(name)).alias(name) for name in names]


def _bars(file: LeanFile, layout: Layout, fields: tuple[Field, ...]) -> Typed:
    kept = typed(text_table(file.name, zipped_table(file.path), layout), fields)
    return refused(kept, file.name, "close_usd", bar_fault())


def _time_field(file: LeanFile) -> Field:
    if file.on is None:
        return Field("time", Kind.INSTANT, form=_DAY_FORM)
    return Field("time", Kind.INTEGER)


def local_instants(milliseconds: pl.Expr, on: date) -> pl.Expr:
    """Milliseconds since midnight in New York as instants: wall-clock time, so the day of a clock change is right."""
    return utc(pl.lit(on).cast(pl.Datetime("ns")) + (milliseconds * _NS_IN_MS).cast(pl.Duration("ns")))


def _ended(file: LeanFile, kept: Typed, leases: pl.DataFrame, domain: Domain) -> tuple[Parsed, Owned]:
    bar_s = _BAR_S[file.resolution]
    starts_at = pl.col("time") if file.on is None else local_instants(pl.col("time"), file.on)
    started = kept.rows.with_columns(starts_at=starts_at, bar_s=pl.lit(bar_s, pl.Int32), symbol=pl.lit(file.ticker))
    dated = started.with_columns(
        ends_at=pl.col("starts_at") + pl.duration(seconds=bar_s, time_unit="ns"),
        traded_on=pl.col("starts_at").dt.convert_time_zone("America/New_York").dt.date(),
    )
    mine = owned(dated, leases, "traded_on")
    timed = placed(Typed(mine.rows, kept.rejected), file.name, _ENDS)
    return facts_of(domain, timed, file.name, SOURCE), mine
