"""Which security a ticker named on a day, while files that only know tickers are read.

Leases come from LEAN map files and from the lake. A row whose ticker has no lease that day belongs to a security of
its own: rows under one ticker that are parted by somebody else's lease are different securities.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adapters.lake.sentences import sentence

SCHEMA = {
    "security_id": pl.String,
    "symbol": pl.String,
    "valid_from_on": pl.Date,
    "valid_to_on": pl.Date,
    "exchange": pl.String,
    "name": pl.String,
}


@dataclass(frozen=True, slots=True)
class Owned:
    """Rows with their `security_id`, and the leases that had to be inferred for some of them."""

    rows: pl.DataFrame
    inferred: pl.DataFrame


def no_leases() -> pl.DataFrame:
    """Leases of nobody."""
    return pl.DataFrame(schema=SCHEMA)


def owned(rows: pl.DataFrame, leases: pl.DataFrame, day: str) -> Owned:
    """Rows (with `symbol` and a column of days) and the security that each symbol named on its day.

    An inferred lease runs from its first row; it ends with its last row when another lease of the ticker begins later.
    """
    held = _holders(rows, leases, day)
    orphans = held.filter(pl.col("security_id").is_null())
    if orphans.is_empty():
        return Owned(held.drop("epoch").sort("line"), no_leases())
    spans = (
        orphans.group_by("symbol", "epoch").agg(first=pl.col(day).min(), last=pl.col(day).max()).sort("symbol", "first")
    )
    named = spans.with_columns(security_id=sentence("{}:{}", "symbol", pl.col("first").cast(pl.String)))
    filled = held.join(named.select("symbol", "epoch", inferred="security_id"), on=["symbol", "epoch"], how="left")
    rows_owned = filled.with_columns(security_id=pl.coalesce("security_id", "inferred")).drop("epoch", "inferred")
    return Owned(rows_owned.sort("line"), _inferred(named, leases))


def _holders(rows: pl.DataFrame, leases: pl.DataFrame, day: str) -> pl.DataFrame:
    """Rows with the holder of the ticker, or null, and `epoch`: how many leases of it had begun by then."""
    known = leases.select("symbol", "security_id", "valid_from_on", "valid_to_on").sort("symbol", "valid_from_on")
    numbered = known.with_columns(epoch=pl.int_range(1, pl.len() + 1).over("symbol"))
    dated = rows.with_columns(pl.col(day).alias("day")).sort("day")
    joined = dated.join_asof(
        numbered.sort("valid_from_on"),
        left_on="day",
        right_on="valid_from_on",
        by="symbol",
        strategy="backward",
        check_sortedness=False,
    )
    in_force = pl.col("valid_to_on").is_null() | (pl.col("day") <= pl.col("valid_to_on"))
    return joined.with_columns(
        security_id=pl.when(in_force & pl.col("valid_from_on").is_not_null()).then("security_id"),
        epoch=pl.col("epoch").fill_null(0),
    ).drop("day", "valid_from_on", "valid_to_on")


def _inferred(named: pl.DataFrame, leases: pl.DataFrame) -> pl.DataFrame:
    later = leases.select("symbol", begins="valid_from_on")
    followed = named.join(later, on="symbol", how="left").with_columns(
        is_followed=(pl.col("begins") > pl.col("last")).fill_null(value=False)
    )
    spans = followed.group_by("security_id", "symbol", "first", "last").agg(pl.col("is_followed").any())
    return spans.sort("symbol", "first").select(
        "security_id",
        "symbol",
        valid_from_on="first",
        valid_to_on=pl.when("is_followed").then("last"),
        exchange=pl.lit(None, pl.String),
        name=pl.lit(None, pl.String),
    )
