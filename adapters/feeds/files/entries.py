"""Entries of a file, one at a time: for formats whose rows need more judgement than a table of typed columns.

An entry that cannot be read is set aside with the reason; the others are kept. Tables of plain columns are read by
`adapters.feeds.files.fields` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite, nan
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.files.tables import LINE, REJECTED_SCHEMA, Layout, joined_rejects, text_table
from nodes.vocabulary.errors import DataError

YEARS = range(1900, 2200)
"""Years that a fact can be about: beyond them a typing slip is meant, or an instant that nanoseconds cannot count."""
_MAX_VALUE_CHARS = 200
_INT32 = 1 << 31
_EXACT = 2.0**53


@dataclass(frozen=True)
class Entry:
    """One entry of a file.

    Attributes:
        row: its fields.
        line: its line in a text file; None in a structured document.
        place: where it is in a structured document; None in a text file.
    """

    row: Mapping[str, Any]
    line: int | None = None
    place: str | None = None


@dataclass(frozen=True)
class Entries:
    """The entries of one file, read.

    Attributes:
        accepted: a row an entry that could be read.
        rejected: the others, see REJECTED_SCHEMA.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame


def read_entries(
    file: str,
    entries: Iterable[Entry],
    read: Callable[[Mapping[str, Any]], dict[str, Any]],
    schema: Mapping[str, pl.DataType],
) -> Entries:
    """Entries read by `read`; one for which it raises DataError is set aside with the reason."""
    accepted: list[dict[str, Any]] = []
    rejected: list[tuple[str, int | None, str | None, str, str]] = []
    for entry in entries:
        try:
            row = read(entry.row)
            _require_room(row, schema)
            accepted.append(row)
        except DataError as error:
            rejected.append((file, entry.line, entry.place, _text(entry.row), str(error)))
    rejects = pl.DataFrame(rejected, schema=REJECTED_SCHEMA, orient="row")
    return Entries(pl.DataFrame(accepted, schema=dict(schema), orient="row"), rejects)


def _require_room(row: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> None:
    """Raises DataError for a value that its column cannot hold: an instant counts nanoseconds in 64 bits."""
    for name, value in row.items():
        if isinstance(value, date) and value.year not in YEARS:
            message = f"{name} is {value}, expected a year from {YEARS[0]} to {YEARS[-1]}; correct it at the source"
            raise DataError(message)
        if schema.get(name) == pl.Int32() and value is not None and abs(value) >= _INT32:
            message = f"{name} is {value}, which is beyond any that there can be; correct it at the source"
            raise DataError(message)


def read_csv_entries(
    file: str,
    text: bytes,
    columns: Iterable[str],
    read: Callable[[Mapping[str, Any]], dict[str, Any]],
    schema: Mapping[str, pl.DataType],
) -> Entries:
    """The rows of a CSV file, each read by `read`. Cells are text, so a ticker NA or TRUE stays one; empty is None.

    Raises:
        DataError: a column is missing.
    """
    table = text_table(file, text, Layout())
    absent = [column for column in columns if column not in table.rows.columns]
    if absent:
        message = f"{file} has no column {absent}, only {table.rows.columns[1:]}; take it in its documented shape"
        raise DataError(message)
    entries = (Entry(row, line=row[LINE]) for row in table.rows.iter_rows(named=True))
    found = read_entries(file, entries, read, schema)
    return Entries(found.accepted, joined_rejects([table.rejected, found.rejected]))


def json_object(text: bytes, name: str) -> dict[str, Any]:
    """The object that a JSON text is. Raises DataError when it is none."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        message = f"{name} is no JSON object: {error}; download it again"
        raise DataError(message) from error


def day_of(row: Mapping[str, Any], field: str) -> date:
    """A field that holds a day as YYYY-MM-DD. Raises DataError otherwise."""
    text = row.get(field)
    try:
        day = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError as error:
        message = f"{field} is {text!r}, expected a day like 2009-07-22; correct it at the source"
        raise DataError(message) from error
    if day.year not in YEARS:
        message = f"{field} is {text!r}, expected a year from {YEARS[0]} to {YEARS[-1]}; correct it at the source"
        raise DataError(message)
    return day


def optional_day_of(row: Mapping[str, Any], field: str) -> date | None:
    """A day, or None where the field is blank or missing. Raises DataError when it holds something else."""
    return None if is_blank(row.get(field)) else day_of(row, field)


def text_of(row: Mapping[str, Any], field: str) -> str:
    """A field that holds text, trimmed. Raises DataError when it is missing or blank."""
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        message = f"{field} is {value!r}, expected text; correct it at the source"
        raise DataError(message)
    return value.strip()


def optional_text_of(row: Mapping[str, Any], field: str) -> str | None:
    """Text, or None where the field is blank or missing."""
    return None if is_blank(row.get(field)) else text_of(row, field)


def number_of(row: Mapping[str, Any], field: str) -> float:
    """A field that holds a finite number, as a number or as text. Raises DataError otherwise."""
    number = _number(row.get(field))
    if not isfinite(number):
        message = f"{field} is {row.get(field)!r}, expected a finite number; correct it at the source"
        raise DataError(message)
    return number


def _number(value: Any) -> float:  # noqa: ANN401  # a cell of a file
    """The number that a cell holds; NaN when it holds none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return nan
    if isinstance(value, str) and "_" in value:  # which Python reads as nothing
        return nan
    try:
        return float(value.replace(",", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return nan


def optional_number_of(row: Mapping[str, Any], field: str) -> float | None:
    """A number, or None where the field is blank, a lone full stop or missing: missing is never zero."""
    return None if is_blank(row.get(field)) else number_of(row, field)


def whole_of(row: Mapping[str, Any], field: str) -> int:
    """A field that holds a whole number. Raises DataError otherwise."""
    number = number_of(row, field)
    if number != int(number) or abs(number) >= _EXACT:
        message = f"{field} is {row.get(field)!r}, expected a whole number below 2^53; correct it at the source"
        raise DataError(message)
    return int(number)


def is_blank(value: Any) -> bool:  # noqa: ANN401  # a cell of a file
    """Whether a cell says that there is nothing: missing, blank, or the lone full stop of SAS exports."""
    return value is None or (isinstance(value, str) and value.strip() in {"", "."})


def _text(row: Mapping[str, Any]) -> str:
    return msgspec.json.encode(row, enc_hook=str).decode()[:_MAX_VALUE_CHARS]
