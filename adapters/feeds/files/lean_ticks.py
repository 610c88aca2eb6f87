"""LEAN zips of ticks, trades and best quotes, and its daily list of all shares (the coarse universe)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from adapters.feeds.files.archives import zipped_table
from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed
from adapters.feeds.files.lean_bars import local_instants
from adapters.feeds.files.lean_identity import SOURCE
from adapters.feeds.files.lean_layout import PRICE_DIVISOR, LeanFile
from adapters.feeds.files.leases import Owned, owned
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, file_bytes, text_table
from adapters.lake.domains.ticks import QUOTES, TRADES
from adapters.lake.domains.universe import UNIVERSE
from adapters.lake.facts.domain import Domain
from adapters.lake.instant_laws import AT_CLOSE, EVENT
from adapters.lake.row_checks import trade_fault
from nodes.vocabulary.errors import DataError

_TAIL = (Field("venue", is_required=False), Field("condition", is_required=False))
_SUSPICIOUS = Field("is_suspicious", Kind.FLAG, is_required=False)
_TIME = Field("time", Kind.INTEGER)
_TRADE_FIELDS = (
    _TIME,
    Field("price_usd", Kind.NUMBER, divisor=PRICE_DIVISOR),
    Field("size_shares", Kind.INTEGER),
    *_TAIL,
    _SUSPICIOUS,
)
_QUOTE_FIELDS = (
    _TIME,
    Field("bid_usd", Kind.NUMBER, is_required=False, divisor=PRICE_DIVISOR),
    Field("bid_shares", Kind.INTEGER, is_required=False),
    Field("ask_usd", Kind.NUMBER, is_required=False, divisor=PRICE_DIVISOR),
    Field("ask_shares", Kind.INTEGER, is_required=False),
    *_TAIL,
    _SUSPICIOUS,
)
_STAMPED = Timing(EVENT, "at", EVENT, "at")
_COARSE = Layout(
    (
        "sid",
        "symbol",
        "close_usd",
        "volume_shares",
        "dollar_volume_usd",
        "has_fundamental",
        "price_factor",
        "split_factor",
    ),
    n_optional=3,
)
_COARSE_FIELDS = (
    Field("sid"),
    Field("symbol"),
    Field("close_usd", Kind.NUMBER),
    Field("volume_shares", Kind.INTEGER),
    Field("dollar_volume_usd", Kind.NUMBER),
)
_OA_EPOCH = date(1899, 12, 30)
_DAYS_OFFSET, _DAYS_WIDTH = 10**14, 10**5
_BASE = 36


def trade_ticks(file: LeanFile, leases: pl.DataFrame) -> tuple[Parsed, Owned]:
    """Every trade of a day."""
    kept = _ticks(file, _TRADE_FIELDS)
    return _stamped(file, refused(kept, file.name, "price_usd", trade_fault()), leases, TRADES)


def quote_ticks(file: LeanFile, leases: pl.DataFrame) -> tuple[Parsed, Owned]:
    """Every change of the best quote of a day. A zero price says that the row is about the other side."""
    kept = _ticks(file, _QUOTE_FIELDS)
    sides = kept.rows.with_columns(
        pl.when(pl.col(f"{side}_usd") != 0.0).then(pl.col(name)).alias(name)
        for side in ("bid", "ask")
        for name in (f"{side}_shares", f"{side}_usd")
    )
    empty = pl.col("bid_usd").is_null() & pl.col("ask_usd").is_null()
    reason = pl.when(empty).then(pl.lit("neither side has a quote; drop the row")).otherwise(None)
    return _stamped(file, refused(Typed(sides, kept.rejected), file.name, "bid_usd", reason), leases, QUOTES)


def _ticks(file: LeanFile, fields: tuple[Field, ...]) -> Typed:
    layout = Layout(tuple(field.name for field in fields), n_optional=1)
    return typed(text_table(file.name, zipped_table(file.path), layout), fields)


def _stamped(file: LeanFile, kept: Typed, leases: pl.DataFrame, domain: Domain) -> tuple[Parsed, Owned]:
    on = file.on or date.min
    stamped = kept.rows.with_columns(
        at=local_instants(pl.col("time"), on),
        session_on=pl.lit(on),
        tick_no=pl.col(LINE),
        symbol=pl.lit(file.ticker),
    )
    mine = owned(stamped, leases, "session_on")
    return facts_of(domain, placed(Typed(mine.rows, kept.rejected), file.name, _STAMPED), file.name, SOURCE), mine


def coarse_universe(path: Path) -> Parsed:
    """One day's list of all shares, `fundamental/coarse/YYYYMMDD.csv`. Raises DataError when its name is no day."""
    name = f"coarse/{path.name}"
    try:
        on = datetime.strptime(path.stem, "%Y%m%d").date()  # noqa: DTZ007  # a date has no zone
    except ValueError as error:
        message = f"{name} is not named for a day like 20140327.csv; name it so"
        raise DataError(message) from error
    kept = typed(text_table(name, file_bytes(path), _COARSE), _COARSE_FIELDS)
    ids = {sid: security_id(sid) for sid in kept.rows["sid"].unique()}
    named = kept.rows.with_columns(
        security_id=pl.col("sid").replace_strict(ids, return_dtype=pl.String), session_on=pl.lit(on)
    )
    reason = pl.when(pl.col("security_id").is_null()).then(pl.lit("is no LEAN security identifier; restore it"))
    known = refused(Typed(named, kept.rejected), name, "sid", reason.otherwise(None))
    at_close = Timing(AT_CLOSE, "session_on", AT_CLOSE, "session_on")
    return facts_of(UNIVERSE, placed(known, name, at_close), name, SOURCE)


def security_id(sid: str) -> str | None:
    """Our id of a LEAN security identifier, "GOOG T1AZ164W5VTX": its first ticker and first day, which it encodes.

    The second word is a number in base 36; its decimal places 15 to 19 are the first day, counted from 1899-12-30
    (LEAN, Common/SecurityIdentifier.cs). None when it is no such thing.
    """
    ticker, _, code = sid.partition(" ")
    if not ticker or not code.isascii() or not code.isalnum():
        return None
    n_days = int(code, _BASE) // _DAYS_OFFSET % _DAYS_WIDTH
    return f"{ticker}:{_OA_EPOCH + timedelta(days=n_days)}"
