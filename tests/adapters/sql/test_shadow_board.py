"""What shadows made of decisions, kept: each stretch once, with its counts (ENG-11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.sql.shadow_board import Compared, ShadowBoard, ShadowProgress
from governance.impact_rows import ImpactChunk, ImpactRow

LIVE, OWN = "11" * 32, "22" * 32


def row(sequence: int, symbol: str = "AAPL", verdict: str = "deny", shares: int = 0) -> ImpactRow:
    return ImpactRow(
        sequence, "ab" * 32, symbol, date(2013, 1, 2), LIVE, "pass", "act", 10, verdict, "deny", shares,
        ("notional",), (), ("too much",), None,
    )  # fmt: skip


def compared(start: int, *rows: ImpactRow, n_decisions: int = 5, own: int = 0) -> Compared:
    nothing: dict[str, int] = {}
    policies = {LIVE: n_decisions, **({OWN: own} if own else {})}
    chunk = ImpactChunk(
        n_decisions + own, nothing, nothing, policies, nothing, nothing, nothing, nothing, {"spread_bps": 1},
        {"no body": 2}, rows,
    )  # fmt: skip
    return Compared(start + 10, chunk, OWN)


def test_a_comparison_begins_behind_its_entry_and_goes_on_where_it_was(tmp_path: Path) -> None:
    starts: list[int] = []

    def compare(start: int) -> Compared:
        starts.append(start)
        return compared(start, row(start))

    with ShadowBoard(tmp_path / "shadows.db") as board:
        assert board.progress(7) is None
        board.compared(7, compare)
        found = board.compared(7, compare)
        assert board.progress(7) == found == board.all_progress()[7]
    assert starts == [8, 18]
    assert (found.n_compared, found.n_diverged, found.next_sequence) == (10, 2, 28)
    assert (found.flips, found.symbols, found.rules) == ({"pass>deny": 2}, {"AAPL": 2}, {"notional": 2})
    assert (found.unread, found.lacking) == ({"no body": 4}, {"spread_bps": 2})


def test_what_it_decided_itself_is_counted_apart(tmp_path: Path) -> None:
    with ShadowBoard(tmp_path / "shadows.db") as board:
        found = board.compared(7, lambda start: compared(start, own=3))
    assert (found.n_compared, found.n_own) == (5, 3)


def test_where_nothing_is_new_nothing_is_written(tmp_path: Path) -> None:
    with ShadowBoard(tmp_path / "shadows.db") as board:
        assert board.compared(7, lambda _start: None) == ShadowProgress(8)
        assert board.progress(7) is None


def test_a_stretch_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    def failing(_start: int) -> Compared:
        raise RuntimeError("no judge")

    with ShadowBoard(tmp_path / "shadows.db") as board:
        with pytest.raises(RuntimeError, match="no judge"):
            board.compared(7, failing)
        assert board.progress(7) is None


def test_divergences_are_listed_newest_first_by_symbol_and_by_page(tmp_path: Path) -> None:
    rows = (row(8), row(9, "IBM"), row(10))
    with ShadowBoard(tmp_path / "shadows.db") as board:
        board.compared(7, lambda start: compared(start, *rows))
        assert [each.sequence for each in board.divergences(7, 2)] == [10, 9]
        assert [each.sequence for each in board.divergences(7, 2, before=9)] == [8]
        assert board.divergences(7, 9, symbol="IBM") == (rows[1],)
        assert board.divergences(8, 9) == ()
