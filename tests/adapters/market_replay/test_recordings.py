"""Recordings are read from files of events, and what cannot be read says why."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.market_replay.recordings import recording
from nodes.kernels.simulator.events import BookName
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.lobster_writing import STEM

BOOK = BookName("XNAS", "AAPL")
TABLE = pl.DataFrame({"at_ns": [1, 2, 1], "kind": [9, 10, 10], "price_e4": [100, 100, 100], "shares": [5, 5, 5]})


@pytest.mark.parametrize("name", ["a.parquet", "a.csv"])
def test_a_table_of_events_is_read_and_screened(tmp_path: Path, name: str) -> None:
    write = TABLE.write_parquet if name.endswith("parquet") else TABLE.write_csv
    write(tmp_path / name)
    found = recording(tmp_path / name, BOOK)
    assert (len(found.events), found.counts) == (2, {"out-of-order": 1})


def test_a_lobster_file_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / f"{STEM}_message_1.csv"
    path.write_text("34200.1,1,1,18,5853300,1\nx,1,2,18,5853300,1\n", encoding="utf-8")
    path.with_name(f"{STEM}_orderbook_1.csv").write_text("5859400,200,5853300,18\n" * 2, encoding="utf-8")
    found = recording(path, BOOK)
    assert (len(found.events), found.counts) == (2, {"unreadable": 1})


def test_what_is_no_recording_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv is no file"):
        recording(tmp_path / "nowhere.csv", BOOK)
    (tmp_path / "a.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match=r"a\.parquet cannot be read"):
        recording(tmp_path / "a.parquet", BOOK)
    TABLE.drop("kind").with_columns(colour=pl.lit(1), shares=pl.lit(0.5)).write_parquet(tmp_path / "b.parquet")
    with pytest.raises(
        DataError, match=r"lacks the columns \['kind'\], has the strange ones \['colour'\], not whole are"
    ):
        recording(tmp_path / "b.parquet", BOOK)
