"""Simulations: the same counts on any number of workers, and what was counted is not counted again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from adapters.research.simulations import CHUNK, Simulation, counts
from nodes.kernels.significance.calibration import Experiment, spoken
from nodes.vocabulary.errors import EdgeError

TINY = Experiment("normal", 40, 2, 0.2, 1.0, 0.2, 2.0, 20, 1)
N_PANELS = CHUNK + 5
SIMULATION = Simulation("tiny", partial(spoken, TINY), N_PANELS)


def silent(_what: str, _done: int, _total: int) -> None:
    """Tells nobody."""


def third(index: int) -> tuple[bool, ...]:
    """Two findings of a number."""
    return index % 3 == 0, index >= CHUNK


def test_two_workers_count_what_one_counts() -> None:
    assert counts(SIMULATION, 2, silent) == counts(SIMULATION, 1, silent)


def test_every_repetition_counts_once_and_progress_is_told() -> None:
    said: list[int] = []
    found = counts(
        Simulation("third", third, 2 * CHUNK + 1), 1, lambda _, done, total: said.append(done * 1000 + total)
    )
    assert found == (CHUNK * 2 // 3 + 1, CHUNK + 1)
    assert said == [CHUNK * 1000 + 41, 2 * CHUNK * 1000 + 41, 41_041]


def test_stopped_simulation_goes_on_where_it_was(tmp_path: Path) -> None:
    kept, asked = tmp_path / "kept.jsonl", Simulation("third", third, 3 * CHUNK)
    whole = counts(asked, 1, silent, kept)
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join(lines[:2]))
    told: list[int] = []
    assert counts(asked, 1, lambda _, done, __: told.append(done), kept) == whole
    assert told == [3 * CHUNK]
    assert kept.read_bytes().splitlines(keepends=True) == lines


def test_counts_of_another_simulation_or_another_length_are_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    counts(Simulation("other", lambda _: (True, True), CHUNK), 1, silent, kept)
    counts(Simulation("third", third, 2 * CHUNK), 1, silent, kept)
    assert counts(Simulation("third", third, CHUNK), 1, silent, kept) == counts(
        Simulation("third", third, CHUNK), 1, silent
    )


def test_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("no counts\n", encoding="utf-8")
    with pytest.raises(EdgeError, match=r"cannot read what .* has counted: .*; name another file"):
        counts(Simulation("third", third, 2), 1, silent, kept)
    with pytest.raises(EdgeError, match=r"cannot keep counts in .*: .*; name a file that can be written"):
        counts(Simulation("third", third, 2), 1, silent, tmp_path / "none" / "kept.jsonl")
