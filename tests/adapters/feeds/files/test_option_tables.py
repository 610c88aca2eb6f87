"""A table of options is read as what its columns say."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.option_tables import option_file
from nodes.vocabulary.errors import DataError

CONTRACT = "symbol,expiry,strike,right,ts"
ROW = "AAA,20140621,100.0,C,2014-06-06 09:30:00"


@pytest.mark.parametrize(
    ("columns", "cells", "domain"),
    [
        ("bid_close,ask_close,bid_size,ask_size", "1.0,1.2,3,4", "option_quotes"),
        ("open,high,low,close,volume", "1.0,1.3,0.9,1.2,5", "option_trades"),
        ("open_interest", "7", "option_open_interest"),
    ],
)
def test_what_a_table_is_follows_from_its_columns(tmp_path: Path, columns: str, cells: str, domain: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{CONTRACT},{columns}\n{ROW},{cells}\n", encoding="utf-8")

    parsed = option_file(path, no_leases(), 60)

    assert (parsed.domain.name, parsed.facts.height) == (domain, 1)


@pytest.mark.parametrize(
    ("file", "domain"),
    [
        ("e1_option_quotes_minute", "option_quotes"),
        ("e3_option_open_interest", "option_open_interest"),
        ("e4_option_quotes_daily_aapl", "option_quotes"),
        ("e5_option_universe_greeks", "option_vendor_greeks"),
    ],
)
def test_real_tables_are_told_apart(shared_data: Path, file: str, domain: str) -> None:
    parsed = option_file(shared_data / f"{file}.parquet", no_leases(), 60)

    assert parsed.domain.name == domain
    assert parsed.facts.height > 10 * parsed.rejected.height


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(DataError, match="has columns a, b, of which none says what it is"):
        option_file(path, no_leases(), 60)


def test_bytes_that_are_no_parquet_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1]}).write_csv(path)

    with pytest.raises(DataError, match="is no table"):
        option_file(path, no_leases(), 60)
