"""The contract that a row of an options table is about, and what holds of it whatever else the row says."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adapters.feeds.files.fields import Typed, utc
from adapters.feeds.files.leases import owned
from adapters.feeds.files.tables import LINE
from adapters.lake.domains.options import CALL, PUT
from adapters.lake.sentences import sentence
from adapters.lake.session_instants import session_closes
from nodes.vocabulary.errors import DataError

CONTRACT_COLUMNS = ("symbol", "expiry", "strike", "right")
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """What a table of options comes with.

    Attributes:
        file: its name, for the quarantine.
        source: short name of the feed.
        leases: which security a ticker named when.
    """

    file: str
    source: str
    leases: pl.DataFrame


def require_columns(table: pl.DataFrame, batch: Batch, *names: str) -> None:
    """Raises DataError when a table lacks a column."""
    missing = [name for name in names if name not in table.columns]
    if missing:
        message = f"{batch.file} has no column {', '.join(missing)}, only {', '.join(table.columns)}"
        raise DataError(f"{message}; map its columns to these names")


def contracts(table: pl.DataFrame, moment: str) -> pl.DataFrame:
    """The contract of each row, its line and the New York day it belongs to; other columns stay."""
    expiry = table["expiry"]
    day = expiry if expiry.dtype == pl.Date else expiry.cast(pl.String).str.to_date("%Y%m%d", strict=False)
    lines = {} if LINE in table.columns else {LINE: pl.Series(range(1, table.height + 1), dtype=pl.Int64)}
    return table.with_columns(
        expiry_on=day,
        strike_usd=exact(table["strike"]),
        right=table["right"].cast(pl.String).str.to_uppercase().str.slice(0, 1),
        traded_on=table[moment].cast(pl.Datetime("ns"), strict=False).cast(pl.Date),
        **lines,
    )


def instants(table: pl.DataFrame, bar_s: int | None) -> pl.Series:
    """When each row's bar ends; the close of its day when bar_s is None."""
    if bar_s is None:
        return session_closes(table["date"].cast(pl.Datetime("ns"), strict=False).cast(pl.Date))
    ends = table.select(
        utc(pl.col("ts").cast(pl.Datetime("ns"), strict=False) + pl.duration(seconds=bar_s, time_unit="ns"))
    )
    return ends.to_series()


def exact(values: pl.Series) -> pl.Series:
    """Numbers in double precision; those of single precision as the decimal that they were rounded from."""
    wide = values.cast(pl.Float64, strict=False).fill_nan(None)
    return wide.round(_DECIMALS) if values.dtype == pl.Float32 else wide


def exact_price(table: pl.DataFrame, name: str, called: str) -> pl.Series:
    """A price; zero is none."""
    price = pl.DataFrame({called: exact(table[name])})
    return price.select(pl.when(pl.col(called) != 0.0).then(pl.col(called))).to_series()


def contract_fault(instant: str) -> pl.Expr:
    """Why a row names no contract that can have had a price at its instant."""
    strike, right, expiry = pl.col("strike_usd"), pl.col("right"), pl.col("expiry_on")
    day = pl.col(instant).dt.convert_time_zone("America/New_York").dt.date()
    return (
        pl.when(expiry.is_null())
        .then(sentence("expiry {} is no day like 20140621; correct it", pl.col("expiry").cast(pl.String).fill_null("")))
        .when(strike.is_null() | ~(strike > 0.0) | strike.is_infinite())
        .then(sentence("strike {} is not above zero; correct it", strike.cast(pl.String).fill_null("none")))
        .when(~right.is_in([CALL, PUT]).fill_null(value=False))
        .then(sentence("right {} is neither C nor P; correct it", right.fill_null("none")))
        .when(day > expiry)
        .then(sentence("quoted on {}, after its expiry; drop the row", day.cast(pl.String)))
        .otherwise(None)
    )


def with_owner(kept: Typed, batch: Batch) -> Typed:
    """Rows whose underlying is the security that their ticker named that day."""
    mine = owned(kept.rows, batch.leases, "traded_on")
    is_inferred = pl.col("security_id").is_in(mine.inferred["security_id"].implode())
    named = pl.when(is_inferred).then("symbol").otherwise("security_id")
    return Typed(mine.rows.with_columns(underlying_id=named), kept.rejected)
