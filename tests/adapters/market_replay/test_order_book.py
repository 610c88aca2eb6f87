"""The simulator's book is the recording's own, level by level, after every event."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from adapters.market_replay.order_book import BookRecording, lobster_recording
from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.events import BookName, EventKind, screened
from nodes.kernels.simulator.matching import OwnOrders
from nodes.kernels.simulator.queue import risk_averse
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.lobster_writing import STEM, lobster_files
from tests.nodes.kernels.simulator.test_book import Nobody

AAPL = BookName("XNAS", "AAPL")


def written(folder: Path, messages: str, books: str) -> BookRecording:
    path = folder / f"{STEM}_message_2.csv"
    path.write_text(messages, encoding="utf-8")
    (folder / f"{STEM}_orderbook_2.csv").write_text(books, encoding="utf-8")
    return lobster_recording(path, AAPL)


def snapshots(found: BookRecording, n_levels: int) -> tuple[list[tuple[object, object]], Counter[str]]:
    """Bids and offers after each event of the recording, and what the book counted."""
    counts: Counter[str] = Counter()
    own = OwnOrders(risk_averse, 0.0, 1.0, Nobody())
    book = Book(own, counts)
    own.at(book)
    shown: list[tuple[object, object]] = []
    rows = list(zip(*found.events.columns(), strict=True))
    for place, (_, kind, _, *rest) in enumerate(rows):
        book.apply[kind](*rest)
        is_last = place + 1 == len(rows) or rows[place + 1][1] != EventKind.LEVEL
        if is_last:
            shown.append((book.levels(1, n_levels), book.levels(-1, n_levels)))
    return shown, counts


@pytest.mark.shared_data
def test_the_real_book_is_rebuilt_to_the_share_on_all_ten_levels(tmp_path: Path, shared_data: Path) -> None:
    """b5: 999 events of AAPL's first 49 seconds of 2012-06-21; every level of every row equals the file's."""
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")
    found = lobster_recording(lobster_files(tmp_path, rows), AAPL)
    shown, counts = snapshots(found, 10)
    want = [
        tuple(
            [(round(row[f"{side}_px_{level}"] * 1e4), row[f"{side}_sz_{level}"]) for level in range(1, 11)]
            for side in ("bid", "ask")
        )
        for row in rows.iter_rows(named=True)
    ]
    assert shown[-len(want) :] == want
    assert len(want) == 999
    assert set(counts) <= {"order-lost-from-sight"}
    assert (screened(found.events).n_dropped, found.n_rejected, found.n_learnt) == (0, 0, 320)


def test_the_first_event_is_undone_to_find_the_book_before_it(tmp_path: Path) -> None:
    found = written(tmp_path, "34200.1,4,7,20,5853300,1\n", "5859400,200,5853300,18,9999999999,0,-9999999999,0\n")
    levels = found.events.chosen(found.events.kind == EventKind.LEVEL)
    assert sorted(zip(levels.side.tolist(), levels.price_e4.tolist(), levels.shares.tolist(), strict=True)) == [
        (-1, 5_859_400, 200),
        (1, 5_853_300, 38),
    ]


def test_a_level_that_comes_into_view_is_learnt_and_one_that_left_unseen_is_cleared(tmp_path: Path) -> None:
    messages = (
        "34200.1,1,1,10,5853300,1\n34200.2,1,2,10,5853400,1\n34200.3,3,2,10,5853400,1\n34200.4,3,1,10,5853300,1\n"
    )
    bids = [
        "5853300,10,5853200,5",
        "5853400,10,5853300,10",
        "5853300,10,5853000,7",
        "5853000,7,5852900,3",
    ]
    books = "".join(
        f"5859400,200,{first},9999999999,0,{second}\n"
        for first, second in ((",".join(row.split(",")[:2]), ",".join(row.split(",")[2:])) for row in bids)
    )
    found = written(tmp_path, messages, books)
    shown, counts = snapshots(found, 2)
    assert [bids for bids, _ in shown[1:]] == [
        [(5_853_300, 10), (5_853_200, 5)],
        [(5_853_400, 10), (5_853_300, 10)],
        [(5_853_300, 10), (5_853_000, 7)],
        [(5_853_000, 7), (5_852_900, 3)],
    ]
    assert counts == {}


def test_a_halt_and_a_cross_keep_their_words(tmp_path: Path) -> None:
    messages = "34200.1,7,0,0,-1,-1\n34200.2,6,-1,500,5853300,-1\n34200.3,7,0,0,1,-1\n"
    found = written(tmp_path, messages, "5859400,200,5853300,18,9999999999,0,-9999999999,0\n" * 3)
    told = found.events.chosen(found.events.kind != EventKind.LEVEL)
    assert told.kind.tolist() == [EventKind.STATUS, EventKind.CROSS, EventKind.STATUS]
    assert (told.price_e4.tolist(), told.shares.tolist()) == ([-1, 5_853_300, 1], [0, 500, 0])


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no event could be read"):
        written(tmp_path, "34200.1,9,7,20,5853300,1\n", "5859400,200,5853300,18,9999999999,0,-9999999999,0\n")
