"""Lists of shares to borrow as they were known: the newest one, its newest revision, and nothing of older ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.lake.borrow_lists import BorrowLine, BorrowLists, borrow_lists
from adapters.lake.facts.store import FactStore
from tests.api.sample_lake import SYMBOL, sample_store

NOON = datetime(2020, 6, 4, 12, tzinfo=UTC)


def row(symbol: str, day: int, available: int, known_h: int, sequence: int = 1, **changes: Any) -> dict[str, Any]:
    at = NOON + timedelta(hours=known_h)
    known = {"event_at": NOON, "known_at": at, "sequence": sequence, "is_retracted": False}
    line = {"symbol": symbol, "day_on": date(2020, 6, day), "available_shares": available, "fee_rate_frac": 0.01}
    return line | known | changes


def lists(*rows: dict[str, Any]) -> BorrowLists:
    frame = pl.DataFrame(list(rows))
    return BorrowLists(frame, frame.group_by("day_on").agg(pl.col("known_at").min()))


@pytest.mark.parametrize(("hours", "available"), [(-1, None), (0, 100), (1, 90), (2, None), (3, None), (4, 70)])
def test_the_newest_list_that_was_known_counts_and_what_it_leaves_out_is_on_none(
    hours: int, available: int | None
) -> None:
    """Known at noon, corrected an hour later, followed by a list without A, which gets it only two hours later."""
    found = lists(row("A", 4, 100, 0), row("A", 4, 90, 1, 2), row("B", 5, 50, 2), row("A", 5, 70, 4, 3))
    line = found.line("A", NOON + timedelta(hours=hours))
    assert line == (None if available is None else BorrowLine(available, 0.01, NOON))


def test_a_line_that_was_taken_back_is_none() -> None:
    found = lists(row("A", 4, 100, 0), row("A", 4, 100, 1, 2, is_retracted=True))
    assert found.line("A", NOON) is not None
    assert found.line("A", NOON + timedelta(hours=1)) is None


def test_the_lists_of_a_lake_are_read_with_their_revisions(tmp_path: Path) -> None:
    store = sample_store(tmp_path)
    known_at = datetime(2026, 1, 1, tzinfo=UTC)
    found = borrow_lists(store, (SYMBOL,), known_at)
    assert found is not None
    line = found.line(SYMBOL, known_at)
    assert line is not None
    assert (line.available_shares, line.fee_frac) == (9000, 0.01)
    assert found.line("NOBODY", known_at) is None


def test_a_lake_without_any_list_has_none(tmp_path: Path) -> None:
    assert borrow_lists(FactStore(tmp_path, lambda: NOON), (SYMBOL,), NOON) is None
