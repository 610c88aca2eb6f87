from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from adapters.feeds.files.archives import zipped_table
from adapters.feeds.files.lean_layout import equity_folder, price_files
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.feeds.files.lean_writing import zipped


def test_the_files_of_a_folder_say_ticker_resolution_kind_and_day(tmp_path: Path) -> None:
    usa = tmp_path / "equity" / "usa"
    zipped(usa / "daily" / "aapl.zip", "aapl.csv", [])
    zipped(usa / "minute" / "ibm" / "20131007_quote.zip", "x.csv", [])
    zipped(usa / "minute" / "ibm" / "20131007_openinterest.zip", "x.csv", [])

    found = [(file.ticker, file.resolution, file.kind, file.on) for file in price_files(equity_folder(tmp_path))]

    assert found == [("AAPL", "daily", "trade", None), ("IBM", "minute", "quote", date(2013, 10, 7))]


def test_a_folder_without_shares_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"holds no equity/usa/daily"):
        equity_folder(tmp_path)


def test_a_zip_holds_one_table(tmp_path: Path) -> None:
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "2")

    assert zipped_table(zipped(tmp_path / "one.zip", "a.csv", ["1,2"])) == b"1,2\n"
    with pytest.raises(DataError, match="expected one table"):
        zipped_table(two)


@pytest.mark.parametrize("damage", [b"", b"no zip at all", b"PK\x03\x04 broken"])
def test_a_damaged_zip_is_refused(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(damage)

    with pytest.raises(DataError, match="is no sound zip"):
        zipped_table(path)


def test_a_zip_whose_content_was_changed_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", "a.csv", ["1,2,3,4,5,6"] * 50)
    data = bytearray(path.read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(DataError, match="is no sound zip"):
        zipped_table(path)
