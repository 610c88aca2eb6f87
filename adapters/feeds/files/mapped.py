"""Files read by a mapping: text or Parquet to facts of any domain."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import time
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from adapters.feeds.files.factor_rows import placed_by_law
from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed
from adapters.feeds.files.mapping import ImportMapping
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, nothing_parsed, placed
from adapters.feeds.files.tables import LINE, Layout, Table, file_bytes, no_rejects, reject, text_table
from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY
from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.domain import Domain
from adapters.lake.row_checks import bar_fault
from nodes.vocabulary.errors import DataError

_BARS = frozenset({BARS_DAILY.name, BARS_INTRADAY.name})
_MIDNIGHT = "%Y-%m-%d"
_ISO = "%Y-%m-%dT%H:%M:%S%.f"


def mapped_files(place: Path, mapping: ImportMapping, domains: Mapping[str, Domain]) -> Iterator[Parsed]:
    """Every file of a folder (or the one file) that the mapping's pattern names.

    Raises:
        DataError: the mapping does not fit its domain, or no file has such a name.
    """
    domain = fitting_domain(mapping, domains)
    paths = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    chosen = [path for path in paths if place.is_file() or fnmatch(path.name, mapping.files)]
    if not chosen:
        message = f"{place} has no file named like {mapping.files!r}; correct `files` in the mapping or the folder"
        raise DataError(message)
    for path in chosen:
        try:
            yield mapped_file(path, mapping, domain)
        except DataError as error:
            yield nothing_parsed(domain, mapping.mapping, reject(path.name, 0, "", "", str(error)))


def fitting_domain(mapping: ImportMapping, domains: Mapping[str, Domain]) -> Domain:
    """The mapping's domain. Raises DataError when it is unknown, or the mapping leaves out what it needs."""
    domain = domains.get(mapping.domain)
    if domain is None:
        message = (
            f"mapping {mapping.mapping}: domain {mapping.domain!r} is unknown; use one of {', '.join(sorted(domains))}"
        )
        raise DataError(message)
    made = {mapping.unpivot.name, mapping.unpivot.value} if mapping.unpivot else set()
    absent = [name for name in domain.keys if name not in mapping.columns and name not in made]
    if absent:
        message = f"mapping {mapping.mapping}: columns lack {absent[0]!r}, a key of {domain.name}; add it"
        raise DataError(message)
    if domain.name != FACTORS.name and (mapping.event_at is None or mapping.known_at is None):
        message = f"mapping {mapping.mapping}: {domain.name} needs event_at and known_at, the laws of time; add them"
        raise DataError(message)
    return domain


def mapped_file(path: Path, mapping: ImportMapping, domain: Domain) -> Parsed:
    """One file, read. Raises DataError when it lacks a column that the mapping names."""
    table = _named(_table(path, mapping), mapping)
    fields = tuple(_field(name, mapping, domain) for name in table.rows.columns if name != LINE)
    kept = typed(table, fields)
    if domain.name in _BARS:
        kept = refused(kept, path.name, "close_usd", bar_fault())
    return facts_of(domain, _placed(kept, path.name, mapping), path.name, mapping.mapping)


def _table(path: Path, mapping: ImportMapping) -> Table:
    if mapping.format == "parquet":
        return parquet_table(path)
    text = file_bytes(path)
    for _ in range(mapping.skip_lines):
        text = text[text.find(b"\n") + 1 :]
    return text_table(path.name, text, Layout(separator=mapping.separator), first_line=mapping.skip_lines + 1)


def parquet_table(path: Path) -> Table:
    """A Parquet file as text, so that it is checked as a CSV is; `line` is the number of the row."""
    try:
        frame = pl.read_parquet(io.BytesIO(file_bytes(path)))
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"{path.name} is no Parquet file: {error}; restore it"
        raise DataError(message) from error
    rows = frame.select(_text(name, dtype, frame[name]) for name, dtype in frame.schema.items())
    return Table(
        path.name, rows.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE), pl.all()), no_rejects()
    )


def _text(name: str, dtype: pl.DataType, values: pl.Series) -> pl.Expr:
    column = pl.col(name)
    if not isinstance(dtype, pl.Datetime):
        return column.cast(pl.String)
    is_date = bool((values.drop_nulls().dt.time() == time(0)).all())
    return column.dt.strftime(_MIDNIGHT if is_date else _ISO)


def _named(table: Table, mapping: ImportMapping) -> Table:
    """The table with the domain's names, wide columns as rows, and nothing where the file says missing."""
    melted = _long(table, mapping)
    absent = [c.origin for c in mapping.columns.values() if c.origin is not None and c.origin not in melted.columns]
    if absent:
        message = (
            f"{table.file} has no column {absent[0]!r}, only {melted.columns[1:]}; correct `from` in {mapping.mapping}"
        )
        raise DataError(message)
    missing = list(mapping.missing)
    columns = []
    for name, column in mapping.columns.items():
        text = pl.lit(column.constant, pl.String) if column.origin is None else pl.col(column.origin)
        text = pl.when(~text.is_in(missing)).then(text) if column.origin is not None else text
        text = text.replace(column.replace) if column.replace else text
        columns.append((text.str.to_uppercase() if column.upper else text).alias(name))
    made = [mapping.unpivot.name, mapping.unpivot.value] if mapping.unpivot else []
    cells = [pl.when(~pl.col(name).is_in(missing)).then(pl.col(name)).alias(name) for name in made]
    rows = melted.select(LINE, *columns, *cells)
    return Table(table.file, rows if not made else rows.filter(pl.col(made[1]).is_not_null()), table.rejected)


def _long(table: Table, mapping: ImportMapping) -> pl.DataFrame:
    wide = mapping.unpivot
    if wide is None:
        return table.rows
    absent = [name for name in wide.columns if name not in table.rows.columns]
    if absent:
        message = f"{table.file} has no column {absent[0]!r} to unpivot; correct `unpivot` in {mapping.mapping}"
        raise DataError(message)
    index = [name for name in table.rows.columns if name not in wide.columns]
    melted = table.rows.unpivot(list(wide.columns), index=index, variable_name=wide.name, value_name=wide.value)
    return melted.with_columns(pl.col(wide.name).replace(wide.columns))


def _field(name: str, mapping: ImportMapping, domain: Domain) -> Field:
    column = mapping.columns.get(name)
    kind = column.kind if column is not None and column.kind is not None else _kind(name, mapping, domain)
    if column is None:
        return Field(name, kind)
    required = not column.optional and (name in domain.keys or name in domain.values or column.origin is not None)
    return Field(name, kind, required, column.form, column.zone, column.divide_by)


def _kind(name: str, mapping: ImportMapping, domain: Domain) -> Kind:
    dtype = {**domain.keys, **domain.values}.get(name)
    if dtype is None:
        message = f"mapping {mapping.mapping}: {name!r} is no column of {domain.name}; give it a kind or another name"
        raise DataError(message)
    if dtype.is_float():
        return Kind.NUMBER
    if dtype.is_integer():
        return Kind.INTEGER
    if isinstance(dtype, pl.Datetime):
        return Kind.INSTANT
    return {pl.Date(): Kind.DATE, pl.Boolean(): Kind.FLAG}.get(dtype, Kind.TEXT)


def _placed(kept: Typed, file: str, mapping: ImportMapping) -> Typed:
    if mapping.event_at is None or mapping.known_at is None:
        return placed_by_law(kept, file)
    event, known = mapping.event_at, mapping.known_at
    for law in (event, known):
        if law.of not in kept.rows.columns:
            message = f"mapping {mapping.mapping}: a law is of {law.of!r}, which is no column; name one of `columns`"
            raise DataError(message)
    return placed(kept, file, Timing(event.law, event.of, known.law, known.of))
