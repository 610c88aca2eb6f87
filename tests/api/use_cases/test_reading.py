from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.log_folder import log_folder, log_folder_to_read
from api.use_cases.reading import (
    checkpoints_page,
    entries_page,
    known_kind,
    log_state,
    newest_checkpoint,
    proof_of_consistency,
    proof_of_inclusion,
    record_at,
    size_as_of,
    tile_file,
)
from governance.entries import EntryKind
from governance.merkle import Frontier
from governance.ports import LogReader
from governance.proofs import check_consistency, check_inclusion
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns
from tests.api.use_cases.homes import copied_home


@pytest.fixture(scope="module")
def reader(ran: Path) -> Iterator[LogReader]:
    with log_folder_to_read(ran).store.reader() as found:
        yield found


def recorded_at(reader: LogReader, sequence: int) -> datetime:
    return instant_from_ns(record_at(reader, sequence).recorded_at_ns)


def test_the_size_as_of_an_instant_counts_what_was_recorded_by_then(reader: LogReader) -> None:
    size = reader.head().size
    records = reader.records(0, size)
    for record in records:
        at = instant_from_ns(record.recorded_at_ns) + timedelta(microseconds=1)
        assert size_as_of(reader, at) == sum(other.recorded_at_ns <= record.recorded_at_ns + 1000 for other in records)
    assert size_as_of(reader, None) == size_as_of(reader, recorded_at(reader, size - 1) + timedelta(days=1)) == size
    assert size_as_of(reader, recorded_at(reader, 0) - timedelta(days=1)) == 0


def test_the_state_is_that_of_the_head(reader: LogReader) -> None:
    head, state = reader.head(), log_state(reader)
    assert (state.origin, state.size) == (head.origin, head.size)
    assert state.root == Frontier.from_bytes(head.size, head.frontier).root
    assert state.key is not None
    assert state.key.name == head.origin


def test_the_state_before_the_first_entry_is_that_of_an_empty_log(reader: LogReader) -> None:
    state = log_state(reader, recorded_at(reader, 0) - timedelta(days=1))
    assert (state.size, state.recorded_at, state.key, state.checkpoint) == (0, None, None, None)
    assert state.root == Frontier().root


def test_pages_of_entries_lead_through_the_log(reader: LogReader) -> None:
    seen, start = [], 0
    while True:
        page = entries_page(reader, start, 7)
        seen += [record.sequence for record in page.records]
        if page.next_sequence is None:
            break
        start = page.next_sequence
    assert seen == list(range(reader.head().size))


def test_a_page_passes_over_other_kinds_and_says_where_to_go_on(reader: LogReader) -> None:
    page = entries_page(reader, 0, 2, {"plan"})
    assert [record.kind for record in page.records] == ["plan", "plan"]
    assert page.next_sequence == page.records[-1].sequence + 1
    assert entries_page(reader, 0, 5, {"correction"}).next_sequence is None


def test_a_page_looks_at_a_limited_stretch(reader: LogReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.use_cases.reading.MAX_SCANNED", 3)
    page = entries_page(reader, 0, 5, {"correction"})
    assert (page.records, page.next_sequence) == ((), 3)


def test_proofs_of_every_entry_hold(reader: LogReader) -> None:
    size = reader.head().size
    for sequence in range(size):
        proof = proof_of_inclusion(reader, sequence)
        check_inclusion(proof.record.leaf_hash, sequence, size, proof.path, proof.root)
        grown = proof_of_consistency(reader, sequence + 1)
        check_consistency(sequence + 1, size, grown.hashes, grown.old_root, grown.new_root)


@pytest.mark.parametrize(
    ("sequence", "size", "reason"), [(5, 5, "invalid"), (5, 9999, "invalid"), (9999, None, "not-found")]
)
def test_what_no_tree_holds_has_no_proof(reader: LogReader, sequence: int, size: int | None, reason: str) -> None:
    with pytest.raises(EdgeError, match=r"no (tree|entry)") as refused:
        proof_of_inclusion(reader, sequence, size)
    assert refused.value.reason == reason


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (1, 9999)])
def test_no_proof_leads_back_or_beyond(reader: LogReader, old: int, new: int) -> None:
    with pytest.raises(EdgeError, match="ask for 0 < from <= to"):
        proof_of_consistency(reader, old, new)


def test_a_proof_is_against_the_newest_checkpoint_that_covers_the_entry(ran: Path, tmp_path: Path) -> None:
    folder = log_folder(copied_home(ran, tmp_path / "home"), "research/us-equities")
    row = folder.checkpoint()
    with folder.store.reader() as reader:
        proof = proof_of_inclusion(reader, 1)
        assert proof.checkpoint == row == newest_checkpoint(reader)
        assert proof_of_inclusion(reader, 1, row.size - 1).checkpoint is None
        assert newest_checkpoint(reader, row.size - 1) is None
        assert checkpoints_page(reader, 5) == (row,)
        assert checkpoints_page(reader, 5, row.size) == ()
    folder.store.close()


def test_a_tile_is_what_its_path_says(reader: LogReader) -> None:
    size = reader.head().size
    leaves = b"".join(record.leaf_hash for record in reader.records(0, size))
    assert tile_file(reader, f"tile/0/000.p/{size}").content == leaves
    assert tile_file(reader, "tile/0/000.p/3").content == leaves[:96]
    with pytest.raises(EdgeError, match="no tile 'tile/0/000' in a log of"):
        tile_file(reader, "tile/0/000")


def test_kinds_are_the_words_of_the_log() -> None:
    assert all(known_kind(kind.value) == kind.value for kind in EntryKind)
    with pytest.raises(EdgeError, match="no entry is of kind 'fil'"):
        known_kind("fil")
