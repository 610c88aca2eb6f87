"""Fama-French CSVs: a preamble of prose, a header, rows by day or month, years below them, a copyright line.

The years stand under the same columns as the months, so a row's kind is read from its date: eight digits are a day, six
a month, four a year, each a factor of its own name (mkt_rf, mkt_rf_month, mkt_rf_year). -99.99 and -999 mean missing:
no fact. Returns are in percent, as published. Layout: the files of Kenneth R. French's data library.
"""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from adapters.feeds.files.factor_rows import placed_by_law
from adapters.feeds.files.fields import Typed
from adapters.feeds.files.parsed import Parsed, facts_of
from adapters.feeds.files.tables import LINE, REJECTED_SCHEMA, file_bytes, joined_rejects
from adapters.lake.domains.factors import FACTORS
from adapters.lake.factor_laws import PERCENT
from nodes.vocabulary.errors import DataError

SOURCE = "fama-french"
_DATED = re.compile(r"^\s*(\d{4}|\d{6}|\d{8})\s*,")
_ODDLY_DATED = re.compile(r"^\s*\d+\s*,")
_PERIODS = {8: "", 6: "_month", 4: "_year"}
_REST_OF_DATE = {8: "", 6: "01", 4: "1231"}
_MONTH_DIGITS = 6
_MISSING = frozenset({-99.99, -999.0})
_ROW_SCHEMA = {LINE: pl.Int64, "digits": pl.String, "column": pl.String, "text": pl.String}
_NAMES = {"mkt-rf": "mkt_rf", "smb": "smb", "hml": "hml", "rmw": "rmw", "cma": "cma", "rf": "rf", "mom": "mom"}


def fama_french(path: Path) -> Parsed:
    """The factors of one file. Raises DataError when it has no header row."""
    text = file_bytes(path).decode("utf-8", errors="replace")
    rows, rejected = _cells(path.name, text)
    if rows.is_empty():
        message = (
            f"{path.name} has no header row like ',Mkt-RF,SMB,HML,RF' with dated rows under it; give the CSV itself"
        )
        raise DataError(message)
    return facts_of(FACTORS, placed_by_law(_valued(rows, path.name, rejected), path.name), path.name, SOURCE)


def _cells(file: str, text: str) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Every cell under a header, with its line, and rows that fit no header."""
    cells: list[tuple[int, str, str, str]] = []
    odd: list[tuple[str, int, str, str, str]] = []
    columns: list[str] = []
    for line, row in enumerate(text.splitlines(), 1):
        fields = [field.strip() for field in row.split(",")]
        if not fields[0] and len(fields) > 1 and all(fields[1:]):
            columns = [_NAMES.get(name.lower(), "") for name in fields[1:]]
        elif _DATED.match(row) and len(fields) == len(columns) + 1:
            cells += [(line, fields[0], name, value) for name, value in zip(columns, fields[1:], strict=True) if name]
        elif _ODDLY_DATED.match(row):
            why = f"row has {len(fields)} fields under a header of {len(columns)}, or no date; restore the row"
            odd.append((file, line, "", row[:80], why))
    frame = pl.DataFrame(cells, schema=_ROW_SCHEMA, orient="row")
    return frame, [pl.DataFrame(odd, schema=REJECTED_SCHEMA, orient="row")]


def _valued(rows: pl.DataFrame, file: str, rejected: list[pl.DataFrame]) -> Typed:
    digits = pl.col("digits")
    n_digits = digits.str.len_chars()
    rest = n_digits.replace_strict(_REST_OF_DATE, return_dtype=pl.String)
    day = (digits + rest).str.to_date("%Y%m%d", strict=False)
    ends = pl.when(n_digits == _MONTH_DIGITS).then(day.dt.month_end()).otherwise(day)
    value = pl.col("text").cast(pl.Float64, strict=False)
    typed_rows = rows.with_columns(
        period_on=ends,
        value=pl.when(value.is_finite()).then(value),
        factor=pl.col("column") + n_digits.replace_strict(_PERIODS, return_dtype=pl.String),
        unit=pl.lit(PERCENT),
    )
    is_bad = pl.col("period_on").is_null() | (pl.col("value").is_null())
    bad = typed_rows.filter(is_bad).select(
        file=pl.lit(file),
        line=pl.col(LINE),
        column=pl.col("column"),
        value=pl.col("digits") + " " + pl.col("text"),
        reason=pl.lit("is no finite number on a day that exists; correct it"),
    )
    is_told = pl.col("value").is_in(list(_MISSING))
    kept = typed_rows.filter(~is_bad & ~is_told)
    return Typed(kept, joined_rejects([*rejected, bad.cast(pl.Schema(REJECTED_SCHEMA))]))
