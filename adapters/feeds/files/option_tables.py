"""Tables of options in a file, each read as what its columns say that it is: quotes, trades, open interest, Greeks."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.option_trades import option_trades
from adapters.feeds.files.options import (
    VendorCheck,
    option_open_interest,
    option_quotes,
    option_table,
    vendor_greeks,
)
from adapters.feeds.files.parsed import Parsed
from nodes.vocabulary.errors import DataError

SOURCE = "option-table"
_CHECK = VendorCheck(rate_frac=0.0, tolerance_frac=0.25, max_wrong_frac=0.05)
"""Rates of a few per cent move a volatility by less than the tolerance, which is there to catch a wrong column."""


def option_file(path: Path, leases: pl.DataFrame, bar_s: int) -> Parsed:
    """Facts of one table.

    Args:
        path: parquet, or CSV whose first row names its columns.
        leases: which security a ticker named when.
        bar_s: seconds of a bar, where the table has times.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it is no such table.
    """
    table = option_table(path)
    try:
        return _facts(table, Batch(path.name, SOURCE, leases), bar_s)
    except pl.exceptions.PolarsError as error:
        message = f"{path.name} holds values that are not of their columns: {error}; restore the file"
        raise DataError(message) from error


def _facts(table: pl.DataFrame, batch: Batch, bar_s: int) -> Parsed:
    match table.columns:
        case columns if "implied_volatility" in columns:
            return vendor_greeks(table, batch, _CHECK).parsed
        case columns if "bid_close" in columns:
            return option_quotes(table, batch, bar_s if "ts" in columns else None)
        case columns if "open_interest" in columns:
            return option_open_interest(table, batch)
        case columns if "volume" in columns:
            return option_trades(table, batch, bar_s)
    message = f"{batch.file} has columns {', '.join(table.columns)}, of which none says what it is"
    raise DataError(f"{message}; name bid_close, volume, open_interest or implied_volatility")
