"""Strings as typed values: what a column of a file holds, and why a cell of it is refused.

A row with one cell that cannot be read is set aside whole: half a fact is none. An empty cell is null, never zero, and
refused only where the column is required.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import polars as pl

from adapters.feeds.files.tables import LINE, REJECTED_SCHEMA, Table, joined_rejects

NEW_YORK = "America/New_York"
INSTANT = pl.Datetime("ns", "UTC")
_NAIVE = pl.Datetime("ns")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class Kind(Enum):
    """What a cell is."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    INSTANT = "instant"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file.

    Attributes:
        name: its name in the file and in the result.
        kind: what its cells are.
        is_required: whether an empty cell refuses the row.
        form: strftime form of a date or an instant; "" for the ISO form.
        zone: time zone of an instant that names none.
        divisor: what a number is divided by, e.g. 10,000 for prices in hundredths of a cent. A division is rounded
            once;
            a product with 0.0001 is not the decimal that the file means.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_required: bool = True
    form: str = ""
    zone: str = NEW_YORK
    divisor: float = 1.0

    @property
    def layout(self) -> str:
        """The form, or the ISO form of its kind."""
        return self.form or ("%Y-%m-%d" if self.kind is Kind.DATE else "%Y-%m-%dT%H:%M:%S%.f")


@dataclass(frozen=True, slots=True)
class Typed:
    """Rows that could be read, with their lines, and those that could not."""

    rows: pl.DataFrame
    rejected: pl.DataFrame


def typed(table: Table, fields: Sequence[Field]) -> Typed:
    """The rows of a table whose cells are what their fields say; other columns are dropped."""
    read = table.rows.select(LINE, *(_value(field) for field in fields), *_texts(fields))
    faults = {field.name: _fault(field) for field in fields}
    judged = read.with_columns(
        fault_column=pl.coalesce(pl.when(fault.is_not_null()).then(pl.lit(name)) for name, fault in faults.items()),
        fault=pl.coalesce(*faults.values()),
    )
    bad = judged.filter(pl.col("fault").is_not_null())
    value = pl.coalesce(
        pl.when(pl.col("fault_column") == field.name).then(pl.col(_text_name(field.name))) for field in fields
    )
    rejected = bad.select(
        file=pl.lit(table.file), line=pl.col(LINE), column=pl.col("fault_column"), value=value, reason=pl.col("fault")
    ).cast(pl.Schema(REJECTED_SCHEMA))
    kept = judged.filter(pl.col("fault").is_null()).select(LINE, *(field.name for field in fields))
    return Typed(kept, joined_rejects([table.rejected, rejected]))


def refused(kept: Typed, file: str, column: str, reason: pl.Expr) -> Typed:
    """Rows for which `reason` is null; the others join the quarantine, with the value of `column`."""
    judged = kept.rows.with_columns(fault=reason)
    rejected = judged.filter(pl.col("fault").is_not_null()).select(
        file=pl.lit(file),
        line=pl.col(LINE),
        column=pl.lit(column),
        value=pl.col(column).cast(pl.String),
        reason=pl.col("fault"),
    )
    rows = judged.filter(pl.col("fault").is_null()).drop("fault")
    return Typed(rows, joined_rejects([kept.rejected, rejected.cast(pl.Schema(REJECTED_SCHEMA))]))


def utc(local: pl.Expr, zone: str = NEW_YORK) -> pl.Expr:
    """A naive local time as an instant; null where the clock change makes it ambiguous or leaves it out."""
    placed = local.cast(_NAIVE).dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return placed.dt.convert_time_zone("UTC")


def _text_name(name: str) -> str:
    return f"text of {name}"


def _texts(fields: Sequence[Field]) -> list[pl.Expr]:
    return [pl.col(field.name).alias(_text_name(field.name)) for field in fields]


def _value(field: Field) -> pl.Expr:
    text = pl.col(field.name)
    match field.kind:
        case Kind.TEXT:
            return text
        case Kind.NUMBER:
            number = text.cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(_divided(number, field.divisor)).alias(field.name)
        case Kind.INTEGER:
            return _whole(text).alias(field.name)
        case Kind.DATE:
            day = text.str.to_date(field.layout, strict=False)
            return pl.when(day.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(day).alias(field.name)
        case Kind.INSTANT:
            return _instant(text, field)
        case Kind.FLAG:
            said = text.str.to_lowercase()
            is_true, is_false = said.is_in(["1", "true", "y", "yes"]), said.is_in(["0", "false", "n", "no"])
            return pl.when(is_true | is_false).then(is_true).alias(field.name)


def _divided(number: pl.Expr, divisor: float) -> pl.Expr:
    """The exact quotient, rounded once.

    polars 2.1 multiplies by the reciprocal of a scalar: 1056300 / 10000 is then
    105.63000000000001. A column of divisors it divides by.
    """
    return number if divisor == 1.0 else number / (number * 0.0 + divisor)


def _whole(text: pl.Expr) -> pl.Expr:
    """A whole number, also when it is written with zeros behind the point."""
    number = text.cast(pl.Float64, strict=False)
    is_whole = number.is_finite() & (number == number.round()) & (number.abs() < 2.0**53)
    return pl.coalesce(text.cast(pl.Int64, strict=False), pl.when(is_whole).then(number).cast(pl.Int64, strict=False))


def _instant(text: pl.Expr, field: Field) -> pl.Expr:
    if "%z" in field.layout:
        return _parsed(text, field, "UTC")
    return utc(_parsed(text, field, None), field.zone).alias(field.name)


def _parsed(text: pl.Expr, field: Field, zone: str | None) -> pl.Expr:
    """The time that a text says; null beyond the years that nanoseconds can count, where polars would wrap around."""
    coarse = text.str.to_datetime(field.layout, time_unit="us", time_zone=zone, strict=False)
    exact = text.str.to_datetime(field.layout, time_unit="ns", time_zone=zone, strict=False)
    return pl.when(coarse.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(exact).alias(field.name)


def _fault(field: Field) -> pl.Expr:
    value, text = pl.col(field.name), pl.col(_text_name(field.name))
    expected = {
        Kind.TEXT: "text",
        Kind.NUMBER: "a finite number",
        Kind.INTEGER: "a whole number",
        Kind.DATE: f"a date like {field.layout}",
        Kind.INSTANT: f"a time like {field.layout} that exists once in {field.zone}",
        Kind.FLAG: "true or false",
    }[field.kind]
    unread = pl.when(value.is_null() & text.is_not_null()).then(pl.lit(f"is not {expected}; correct it"))
    if not field.is_required:
        return unread.otherwise(None)
    return unread.when(value.is_null()).then(pl.lit(f"is empty, expected {expected}; supply it")).otherwise(None)
