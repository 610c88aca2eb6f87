from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lobster import lobster_day
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.lobster_writing import STEM, lobster_files


def write(tmp_path: Path, messages: str, books: str | None = None) -> Path:
    path = tmp_path / f"{STEM}_message_10.csv"
    path.write_text(messages, encoding="utf-8")
    if books is not None:
        (tmp_path / f"{STEM}_orderbook_10.csv").write_text(books, encoding="utf-8")
    return path


def test_no_nanosecond_of_a_real_event_is_lost(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")

    events, levels = lobster_day(lobster_files(tmp_path, rows))

    local = events.facts["known_at"].dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    assert local.equals(rows["ts"].cast(pl.Datetime("ns")), check_names=False)
    assert (events.rejected.height, levels.rejected.height, levels.facts.height) == (0, 0, 10 * rows.height)


def test_an_empty_level_is_null_and_not_a_price_of_a_million(tmp_path: Path) -> None:
    _, levels = lobster_day(write(tmp_path, "34200.1,1,7,18,5853300,1\n", "9999999999,0,5853300,18\n"))

    assert levels.facts.select("level", "bid_usd", "bid_shares", "ask_usd", "ask_shares").rows() == [
        (1, 585.33, 18, None, None)
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("34200.1,9,7,18,5853300,1", "no event type"),
        ("noon,1,7,18,5853300,1", "seconds after midnight"),
        ("34200.1,1,7,0,5853300,1", "no size"),
        ("34200.1,1,7,18,5853300,0", "direction 0"),
        ("34200.1,1,7,18", "4 fields, expected 6"),
    ],
)
def test_an_event_that_cannot_be_is_set_aside_and_its_book_with_it(tmp_path: Path, row: str, reason: str) -> None:
    good = "34200.2,1,8,5,5853300,1"
    events, levels = lobster_day(write(tmp_path, f"{row}\n{good}\n", "5859400,200,5853300,18\n" * 2))

    assert events.facts["order_id"].to_list() == [8]
    assert levels.facts["tick_no"].to_list() == [2]
    assert reason in events.rejected["reason"][0]


def test_a_message_file_without_its_book_says_so(tmp_path: Path) -> None:
    events, levels = lobster_day(write(tmp_path, "34200.1,1,7,18,5853300,1\n"))

    assert events.facts.height == 1
    assert "book file beside the message file is missing" in levels.rejected["reason"][0]


def test_a_halt_needs_neither_size_nor_side(tmp_path: Path) -> None:
    events, _ = lobster_day(write(tmp_path, "34200.1,7,0,0,-1,-1\n", "5859400,200,5853300,18\n"))

    assert events.facts["kind"].to_list() == ["halt"]


def test_a_file_of_another_name_is_refused_for_only_the_name_has_the_day(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not named like AAPL_2012-06-21"):
        lobster_day(tmp_path / "messages.csv")
