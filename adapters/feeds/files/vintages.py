"""ALFRED vintage files of macro series, in both forms of its download.

Wide: `observation_date`, then a column a vintage, "GDP_20240125". Long: `date` (or `observation_date`),
`realtime_start`, `value` and perhaps `series_id`. "." means that the vintage had no value. A vintage has a date and no
time, so its values are known from the next session's opening; one that only repeats a value tells nothing new and is no
fact of its own.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from adapters.feeds.files.fields import Field, Kind, Typed, typed
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, Table, file_bytes, text_table
from adapters.lake.domains.factors import MACRO
from adapters.lake.instant_laws import DATE_ONLY, Law, Rule
from adapters.lake.sentences import sentence
from nodes.vocabulary.errors import DataError

SOURCE = "alfred"
_VINTAGE = re.compile(r"(.+)_(\d{8})")
_DATES = ("observation_date", "date", "DATE")
_FIELDS = (
    Field("series"),
    Field("period_on", Kind.DATE),
    Field("vintage_on", Kind.DATE),
    Field("value", Kind.NUMBER),
)
_TIMING = Timing(Law(Rule.DAY_END, zone="UTC"), "period_on", DATE_ONLY, "vintage_on")


def vintages(path: Path, unit: str | None = None, source: str = SOURCE) -> Parsed:
    """The vintages of one file. Raises DataError when it is of neither form."""
    table = text_table(path.name, file_bytes(path), Layout())
    date_column = next((name for name in _DATES if name in table.rows.columns), None)
    if date_column is None:
        message = (
            f"{path.name} has no column observation_date or date, only {table.rows.columns[1:]}; download vintages"
        )
        raise DataError(message)
    cells = _long(table, date_column, path) if "realtime_start" in table.rows.columns else _wide(table, date_column)
    return vintage_facts(Table(path.name, cells, table.rejected), unit, source)


def vintage_facts(cells: Table, unit: str | None, source: str) -> Parsed:
    """Facts of the vintages in a table of texts: series, period_on, vintage_on and value, "." where there was none."""
    told = cells.rows.filter(pl.col("value").is_not_null() & (pl.col("value") != "."))
    kept = typed(Table(cells.file, told, cells.rejected), _FIELDS)
    rows = kept.rows.with_columns(unit=pl.lit(unit, pl.String))
    timed = placed(Typed(rows, kept.rejected), cells.file, _TIMING)
    return facts_of(MACRO, Typed(_news(timed.rows), timed.rejected), cells.file, source)


def _long(table: Table, date_column: str, path: Path) -> pl.DataFrame:
    series = pl.col("series_id") if "series_id" in table.rows.columns else pl.lit(path.stem.split(".")[0])
    return table.rows.select(
        LINE, series=series, period_on=pl.col(date_column), vintage_on=pl.col("realtime_start"), value=pl.col("value")
    )


def _wide(table: Table, date_column: str) -> pl.DataFrame:
    columns = [name for name in table.rows.columns if _VINTAGE.fullmatch(name)]
    if not columns:
        message = f"{table.file} has no column of a vintage like GDP_20240125, nor realtime_start; download vintages"
        raise DataError(message)
    melted = table.rows.unpivot(columns, index=[LINE, date_column], variable_name="vintage", value_name="value")
    parts = pl.col("vintage").str.extract_groups(_VINTAGE.pattern)
    day = parts.struct.field("2")
    iso = sentence("{}-{}-{}", day.str.slice(0, 4), day.str.slice(4, 2), day.str.slice(6, 2))
    return melted.select(LINE, series=parts.struct.field("1"), period_on=date_column, vintage_on=iso, value="value")


def _news(rows: pl.DataFrame) -> pl.DataFrame:
    """The vintages that changed a value, first prints included."""
    ordered = rows.sort("series", "period_on", "vintage_on", LINE, maintain_order=True)
    before = pl.col("value").shift(1).over("series", "period_on")
    return ordered.filter(before.is_null() | (pl.col("value") != before))
