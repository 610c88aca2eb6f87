"""Bundled tables become typed bars; tables of another shape are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from adapters.lake.bars import index_bars, stock_bars
from adapters.lake.bundled import bundled_files
from nodes.vocabulary.errors import DataError

HEAD = b"Ticker,Date,Open,High,Low,Close,Volume,Adj Close\n"
ONE = replace(bundled_files()["us-stocks"], rows=1)


def test_stock_bars_keep_the_raw_prices_and_name_their_units() -> None:
    table = stock_bars(ONE, HEAD + b"AAPL,2005-02-28,44.68,45.14,43.96,44.86,23271200,6.4\n")
    assert table.row(0) == ("AAPL", date(2005, 2, 28), 44.68, 45.14, 43.96, 44.86, 23271200, 6.4)


def test_index_bars_read_american_dates() -> None:
    file = replace(bundled_files()["sp500-index"], rows=1)
    table = index_bars(file, b"Date,Open,High,Low,Close,Adj Close,Volume\r\n1/4/1999,1,2,0.5,1228.099976,1228,877\r\n")
    assert table.schema == {"session_on": pl.Date, "close_usd": pl.Float64}
    assert table.row(0) == (date(1999, 1, 4), 1228.099976)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (HEAD, "has 0 rows, expected 1"),
        (b"Ticker,Date\nAAPL,2005-02-28\n", "has no column .*'Open'"),
        (b"", "is no CSV table"),
        (HEAD + b"AAPL,2005-02-28,cheap,45,43,44,1,6\n", "value of the wrong type.*cheap"),
        (HEAD + b"AAPL,28.02.2005,44,45,43,44,1,6\n", "value of the wrong type.*28.02.2005"),
    ],
)
def test_a_table_of_another_shape_is_refused(text: bytes, match: str) -> None:
    with pytest.raises(DataError, match=match):
        stock_bars(ONE, text)
