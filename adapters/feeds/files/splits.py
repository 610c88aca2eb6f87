"""Amounts a share that a vendor divided by later splits, brought back to what was said on the day.

A file made after a split often states everything before it in the new shares. Whoever reads it needs to know which
splits it embeds; where that is not known, its numbers are kept but marked, and never count as first prints.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import Enum

import polars as pl

SPLITS = {"symbol": pl.String(), "ex_on": pl.Date(), "ratio": pl.Float64()}
"""Columns of a split table: ratio is new shares for one old share, 7.0 for a 7:1 split and 0.1 for a 1:10 reverse."""


class Basis(Enum):
    """How a number stands to what was said on the day."""

    AS_ANNOUNCED = "as-announced"
    RESCALED = "rescaled"
    NOT_POINT_IN_TIME = "not-point-in-time"


@dataclass(frozen=True)
class Embedded:
    """What is known about the splits that a file embeds.

    Attributes:
        splits: the splits of `covered` symbols: symbol, ex_on, ratio.
        covered: symbols whose splits are all in the table; one without any split is named here and has no row.
        until_on: splits with an ex-date up to this day are embedded, later ones are not.
    """

    splits: pl.DataFrame
    covered: Collection[str]
    until_on: date


def rescaled(
    rows: pl.DataFrame, columns: Collection[str], said_on: pl.Expr, is_per_share: pl.Expr, embedded: Embedded | None
) -> pl.DataFrame:
    """Rows with `columns` as announced, and with `basis` and `split_factor`.

    Args:
        rows: facts with a symbol.
        columns: numbers to rescale.
        said_on: the New York day on which each row's numbers were said: a split of that day was not in them yet.
        is_per_share: whether a row's numbers are amounts a share; others know no split.
        embedded: the splits that the file embeds; None when nobody knows.
    """
    marked = rows.with_columns(_said_on=said_on, _is_per_share=is_per_share)
    if embedded is None:
        unknown, factor = pl.col("_is_per_share"), pl.lit(1.0)
    else:
        unknown = pl.col("_is_per_share") & ~pl.col("symbol").is_in(list(embedded.covered))
        factor = pl.when("_is_per_share").then(_factors(marked, embedded)).otherwise(1.0)
    basis = (
        pl.when(unknown)
        .then(pl.lit(Basis.NOT_POINT_IN_TIME.value))
        .when(pl.col("split_factor") != 1.0)
        .then(pl.lit(Basis.RESCALED.value))
        .otherwise(pl.lit(Basis.AS_ANNOUNCED.value))
    )
    return (
        marked.with_columns(split_factor=factor)
        .with_columns(*(pl.col(name) * pl.col("split_factor") for name in columns), basis=basis)
        .drop("_said_on", "_is_per_share")
    )


def _factors(rows: pl.DataFrame, embedded: Embedded) -> pl.Series:
    """The product of the ratios of each row's later, embedded splits, oldest first."""
    inside = embedded.splits.filter(pl.col("ex_on") <= embedded.until_on).sort("symbol", "ex_on")
    by_symbol: dict[str, list[tuple[date, float]]] = {}
    for symbol, ex_on, ratio in inside.select(list(SPLITS)).iter_rows():
        by_symbol.setdefault(symbol, []).append((ex_on, ratio))
    factors = []
    for symbol, said_on in rows.select("symbol", "_said_on").iter_rows():
        factor = 1.0
        for ex_on, ratio in by_symbol.get(symbol, ()):
            factor *= ratio if ex_on > said_on else 1.0
        factors.append(factor)
    return pl.Series(factors, dtype=pl.Float64)
