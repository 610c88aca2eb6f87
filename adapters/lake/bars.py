"""Raw daily bars: the columns every source is brought to before anything is checked or derived.

A bar frame has symbol, session_on, open_usd, high_usd, low_usd, close_usd, volume_shares and, where the source has
one, adjusted_close_usd. Prices are as traded, in dollars of the day. The adjusted close embeds every later corporate
action, so it lives only until `adapters.lake.actions` has taken the ratio of neighbours from it.
"""

from __future__ import annotations

import io

import polars as pl

from adapters.lake.bundled import BundledFile
from nodes.vocabulary.errors import DataError

PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")
_STOCK_COLUMNS = {
    "Ticker": "symbol",
    "Date": "session_on",
    "Open": "open_usd",
    "High": "high_usd",
    "Low": "low_usd",
    "Close": "close_usd",
    "Volume": "volume_shares",
    "Adj Close": "adjusted_close_usd",
}
_BAR_SCHEMA: dict[str, type[pl.DataType]] = {
    "symbol": pl.String,
    "session_on": pl.Date,
    **dict.fromkeys(PRICES, pl.Float64),
    "volume_shares": pl.Int64,
    "adjusted_close_usd": pl.Float64,
}
_INDEX_COLUMNS = {"Date": "session_on", "Close": "close_usd"}


def stock_bars(file: BundledFile, text: bytes) -> pl.DataFrame:
    """The bars of a Quandl WIKI table, rows in the file's order. Raises DataError when it is not one."""
    table = _table(file, text, tuple(_STOCK_COLUMNS))
    return _typed(file, table.rename(_STOCK_COLUMNS), _BAR_SCHEMA, "%Y-%m-%d")


def index_bars(file: BundledFile, text: bytes) -> pl.DataFrame:
    """Session and closing level of an index. Raises DataError when the table has other columns."""
    table = _table(file, text, tuple(_INDEX_COLUMNS))
    schema: dict[str, type[pl.DataType]] = {"session_on": pl.Date, "close_usd": pl.Float64}
    return _typed(file, table.rename(_INDEX_COLUMNS), schema, "%m/%d/%Y")


def _table(file: BundledFile, text: bytes, columns: tuple[str, ...]) -> pl.DataFrame:
    try:
        table = pl.read_csv(io.BytesIO(text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        message = f"{file.name} is no CSV table: {error}; restore the file that the manifest names"
        raise DataError(message) from error
    absent = [column for column in columns if column not in table.columns]
    if absent:
        message = f"{file.name} has no column {absent}, only {table.columns}; restore the file that the manifest names"
        raise DataError(message)
    if table.height != file.rows:
        message = f"{file.name} has {table.height} rows, expected {file.rows}; restore the file that the manifest names"
        raise DataError(message)
    return table.select(columns)


def _typed(
    file: BundledFile, table: pl.DataFrame, schema: dict[str, type[pl.DataType]], date_format: str
) -> pl.DataFrame:
    try:
        dated = table.with_columns(pl.col("session_on").str.to_date(date_format))
        return dated.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except pl.exceptions.PolarsError as error:
        message = f"{file.name} holds a value of the wrong type: {error}; restore the file that the manifest names"
        raise DataError(message) from error
