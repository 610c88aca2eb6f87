from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lobster import lobster_day
from adapters.lake.book_check import book_findings
from tests.adapters.feeds.files.lobster_writing import STEM, lobster_files


def found(tmp_path: Path, messages: str, books: str) -> list[tuple[int, str]]:
    path = tmp_path / f"{STEM}_message_10.csv"
    path.write_text(messages, encoding="utf-8")
    (tmp_path / f"{STEM}_orderbook_10.csv").write_text(books, encoding="utf-8")
    events, levels = lobster_day(path)
    return list(book_findings(events.facts, levels.facts).iter_rows())


def test_the_real_book_is_rebuilt_from_its_events_without_one_disagreement(tmp_path: Path, shared_data: Path) -> None:
    """b5: 999 events of AAPL's first 49 seconds of 2012-06-21, ten levels a side."""
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")
    events, levels = lobster_day(lobster_files(tmp_path, rows))

    assert book_findings(events.facts, levels.facts).is_empty()


@pytest.mark.parametrize("column", ["bid_shares", "ask_usd"])
def test_one_changed_cell_of_the_real_book_is_found_where_it_is(tmp_path: Path, shared_data: Path, column: str) -> None:
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")
    events, levels = lobster_day(lobster_files(tmp_path, rows))
    here = (pl.col("tick_no") == 500) & (pl.col("level") == 2)
    damaged = levels.facts.with_columns(pl.when(here).then(pl.col(column) + 1).otherwise(pl.col(column)))

    assert book_findings(events.facts, damaged)["tick_no"][0] == 500


def test_a_lost_event_is_found(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")
    events, levels = lobster_day(lobster_files(tmp_path, rows))
    kept = (pl.col("tick_no") != 300).or_(pl.col("kind") == "execute_hidden")

    findings = book_findings(events.facts.filter(kept), levels.facts.filter(pl.col("tick_no") != 300))

    assert findings["tick_no"].to_list() == [301]


def test_a_hidden_execution_changes_no_level(tmp_path: Path) -> None:
    messages = "34200.1,1,1,18,5853300,1\n34200.2,5,0,5,5856000,1\n"

    assert found(tmp_path, messages, "5859400,200,5853300,18\n" * 2) == []


def test_an_order_that_loses_more_than_it_has_is_found(tmp_path: Path) -> None:
    messages = "34200.1,1,1,18,5853300,1\n34200.2,4,1,20,5853300,1\n"
    books = "5859400,200,5853300,38\n5859400,200,5853300,18\n"

    assert found(tmp_path, messages, books) == [(2, "order 1 has 18 shares left and loses 20; check the file")]


def test_an_event_without_a_book_is_told(tmp_path: Path) -> None:
    messages = "34200.1,1,1,18,5853300,1\n34200.2,1,2,5,5853300,1\n"

    assert found(tmp_path, messages, "5859400,200,5853300,18\n")[0][0] == 2
