"""Samples on the command line: panels and series from CSV and Parquet files, or numbers with commas between.

Every column of numbers is a strategy (or a share), every row a period. A column of dates or texts is left aside, and so
is one of whole numbers that only rises: it counts the rows. An empty cell is absent: a test that cannot do without it
says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars import selectors

from nodes.vocabulary.errors import DataError, EdgeError

_FEW = 3


@dataclass(frozen=True)
class Panel:
    """A panel of a file.

    Attributes:
        names: of its columns.
        rows: one list a period, None where it has no number.
    """

    names: tuple[str, ...]
    rows: list[list[float | None]]


def panel_of(file: Path, *, leaving_out: str | None = None) -> Panel:
    """Every column of numbers of a file, but for one that is something else.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it has no such columns.
    """
    frame = _frame(file)
    aside = {column.name for column in frame if column.name == leaving_out or _counts(column)}
    numbers = frame.select(selectors.numeric()).drop(aside, strict=False).cast(pl.Float64)
    if not numbers.width or not numbers.height:
        message = f"{file} has no numbers in its columns {', '.join(frame.columns)}; give a column a strategy"
        raise DataError(message)
    return Panel(tuple(numbers.columns), [list(row) for row in numbers.iter_rows()])


def series_of(text: str) -> list[float | None]:
    """Numbers from `0.1,0.2`, from FILE (its only column of numbers) or from FILE:COLUMN.

    Raises:
        EdgeError: neither numbers nor a file that can be read.
        DataError: the file has not that one column.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        pass
    place, _, column = text.partition(":")
    frame = _frame(Path(place))
    return column_of(frame, column or _only(frame, text), place)


def benchmark_of(text: str, file: Path) -> float | list[float | None]:
    """A number, a column of the panel's own file, or a series.

    Raises:
        EdgeError: a file cannot be read.
        DataError: the series is not there.
    """
    try:
        return float(text)
    except ValueError:
        frame = _frame(file)
        return column_of(frame, text, str(file)) if text in frame.columns else series_of(text)


def column_of(frame: pl.DataFrame, column: str, place: str) -> list[float | None]:
    """One column of numbers.

    Raises:
        DataError: there is none of this name.
    """
    if column not in frame.columns or not frame[column].dtype.is_numeric():
        known = ", ".join(frame.select(selectors.numeric()).columns) or "none"
        raise DataError(f"{place} has no column of numbers {column!r}; name one of {known}")
    return frame[column].cast(pl.Float64).to_list()


def _counts(column: pl.Series) -> bool:
    """Whether a column of whole numbers rises from each row to the next, as the number of a row or a date does."""
    return column.dtype.is_integer() and len(column) > _FEW and bool((column.diff().drop_nulls() > 0).all())


def _only(frame: pl.DataFrame, text: str) -> str:
    names = frame.select(selectors.numeric()).columns
    if len(names) != 1:
        message = f"{text} has {len(names)} columns of numbers ({', '.join(names)}); name one as {text}:COLUMN"
        raise DataError(message)
    return names[0]


def _frame(file: Path) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema_length=None, null_values=["", "NaN", "nan", "NA"])
    except (OSError, pl.exceptions.PolarsError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EdgeError(f"cannot read {file}: {first}; give a CSV or Parquet file, or numbers like 0.1,0.2") from error
