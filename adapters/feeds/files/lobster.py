"""LOBSTER: order-by-order events of one day, and the book after each of them.

Two files without headers, row for row: `*_message_*.csv` (seconds after midnight, type, order id, size, price, side)
and `*_orderbook_*.csv` (ask price, ask size, bid price, bid size, by level). Prices are in a ten-thousandth of a
dollar; a level that is empty has the price 9999999999 or -9999999999. The seconds have up to nine decimals: they are
read as text, so that no nanosecond is lost. Layout: LOBSTER, "What is the structure of the data".
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl

from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed, utc
from adapters.feeds.files.leases import Owned, no_leases, owned
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, file_bytes, first_line, reject, text_table
from adapters.lake.domains.ticks import BOOK_EVENTS, BOOK_LEVELS
from adapters.lake.instant_laws import EVENT
from adapters.lake.sentences import sentence
from nodes.vocabulary.errors import DataError

SOURCE = "lobster"
KINDS = {1: "add", 2: "reduce", 3: "delete", 4: "execute", 5: "execute_hidden", 6: "cross", 7: "halt"}
_NAME = re.compile(r"(?P<ticker>[A-Za-z.]+)_(?P<on>\d{4}-\d{2}-\d{2})_.*(?P<kind>message|orderbook)_\d+\.csv(\.gz)?")
_DIVISOR = 10_000.0
_EMPTY_USD = 999_999.9999
_NS_IN_S = 1_000_000_000
_MESSAGE = (
    Field("seconds"),
    Field("type", Kind.INTEGER),
    Field("order_id", Kind.INTEGER),
    Field("size_shares", Kind.INTEGER),
    Field("price_usd", Kind.NUMBER, divisor=_DIVISOR),
    Field("direction", Kind.INTEGER),
)
_STAMPED = Timing(EVENT, "at", EVENT, "at")
_COLUMNS_A_LEVEL = 4


def lobster_day(message: Path, leases: pl.DataFrame | None = None) -> tuple[Parsed, Parsed]:
    """The events of a message file and the levels of the book file beside it.

    Raises:
        DataError: the message file is not named like AAPL_2012-06-21_34200000_57600000_message_10.csv.
    """
    found = _NAME.fullmatch(message.name)
    if found is None or found["kind"] != "message":
        message_text = (
            f"{message.name} is not named like AAPL_2012-06-21_34200000_57600000_message_10.csv; keep its name"
        )
        raise DataError(message_text)
    events = _events(message, found["ticker"].upper(), date.fromisoformat(found["on"]), leases)
    book = message.with_name(message.name.replace("_message_", "_orderbook_"))
    timed = placed(events, message.name, _STAMPED)
    return facts_of(BOOK_EVENTS, timed, message.name, SOURCE), _levels(book, timed)


def _events(path: Path, ticker: str, on: date, leases: pl.DataFrame | None) -> Typed:
    layout = Layout(tuple(field.name for field in _MESSAGE))
    kept = typed(text_table(path.name, file_bytes(path), layout), _MESSAGE)
    kind = pl.col("type").replace_strict(KINDS, default=None, return_dtype=pl.String)
    rows = kept.rows.with_columns(
        kind=kind,
        side=pl.when(pl.col("direction") == 1).then(pl.lit("bid")).when(pl.col("direction") == -1).then(pl.lit("ask")),
        at=_instant(pl.col("seconds"), on),
        session_on=pl.lit(on),
        tick_no=pl.col(LINE),
        symbol=pl.lit(ticker),
    )
    sound = refused(Typed(rows, kept.rejected), path.name, "type", _event_fault())
    mine: Owned = owned(sound.rows, no_leases() if leases is None else leases, "session_on")
    return Typed(mine.rows, sound.rejected)


def _instant(seconds: pl.Expr, on: date) -> pl.Expr:
    """Seconds after midnight in New York, to the nanosecond."""
    parts = seconds.str.extract_groups(r"^(\d{1,5})(?:\.(\d{1,9})\d*)?$")
    whole = parts.struct.field("1").cast(pl.Int64, strict=False)
    fraction = parts.struct.field("2").fill_null("").str.pad_end(9, "0").cast(pl.Int64, strict=False)
    return utc(pl.lit(on).cast(pl.Datetime("ns")) + (whole * _NS_IN_S + fraction).cast(pl.Duration("ns")))


def _event_fault() -> pl.Expr:
    is_trade_halt = pl.col("kind") == "halt"
    return (
        pl.when(pl.col("kind").is_null())
        .then(pl.lit("is no event type from 1 to 7; correct it"))
        .when(pl.col("at").is_null())
        .then(sentence("has the time {}, expected seconds after midnight; correct it", "seconds"))
        .when(~is_trade_halt & ((pl.col("size_shares") <= 0) | (pl.col("price_usd") <= 0.0)))
        .then(pl.lit("has no size or no price above zero; correct it"))
        .when(~is_trade_halt & pl.col("side").is_null())
        .then(sentence("has the direction {}, expected 1 (bid) or -1 (ask); correct it", "direction"))
        .otherwise(None)
    )


def _levels(path: Path, events: Typed) -> Parsed:
    source = events.rows.select(LINE, "security_id", "session_on", "tick_no", "event_at", "known_at")
    if not path.exists():
        rejected = reject(path.name, 0, "", "", "the book file beside the message file is missing; download it as well")
        return facts_of(BOOK_LEVELS, Typed(_no_levels(source), rejected), path.name, SOURCE)
    text = file_bytes(path)
    n_levels = max(1, len(first_line(text).split(",")) // _COLUMNS_A_LEVEL)
    fields = [field for level in range(1, n_levels + 1) for field in _level_fields(level)]
    kept = typed(text_table(path.name, text, Layout(tuple(field.name for field in fields))), fields)
    joined = kept.rows.join(source, on=LINE, how="inner")
    long = pl.concat([_level(joined, level) for level in range(1, n_levels + 1)])
    return facts_of(BOOK_LEVELS, Typed(long, kept.rejected), path.name, SOURCE)


def _level_fields(level: int) -> list[Field]:
    return [
        field
        for side in ("ask", "bid")
        for field in (
            Field(f"{side}_usd_{level}", Kind.NUMBER, divisor=_DIVISOR),
            Field(f"{side}_shares_{level}", Kind.INTEGER),
        )
    ]


def _level(rows: pl.DataFrame, level: int) -> pl.DataFrame:
    sides = [
        pl.when(pl.col(f"{side}_usd_{level}").abs() < _EMPTY_USD)
        .then(pl.col(f"{side}_{what}_{level}"))
        .alias(f"{side}_{what}")
        for side in ("bid", "ask")
        for what in ("usd", "shares")
    ]
    return rows.select(
        LINE, "security_id", "session_on", "tick_no", "event_at", "known_at", *sides, level=pl.lit(level, pl.Int32)
    )


def _no_levels(source: pl.DataFrame) -> pl.DataFrame:
    return source.head(0).with_columns(level=pl.lit(None, pl.Int32))


def books(folder: Path) -> list[Path]:
    """The message files in a folder, or the one that was given itself."""
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.iterdir() if "_message_" in path.name)
