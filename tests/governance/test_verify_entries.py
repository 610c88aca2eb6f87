"""Verification of entries, block by block: which bytes are believed, and what the entries teach."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from governance.findings import Notebook
from governance.merkle import TILE_WIDTH, folded
from governance.ports import LogReader
from governance.rows import Record
from governance.verify_entries import Block, Learned, blocks
from nodes.vocabulary.errors import LogError
from tests.governance.examples import activation, append_decisions, decision, filled

_N_ENTRIES = TILE_WIDTH + 3


class Spoiled:
    """A reader through which some rows look otherwise, or cannot be read at all."""

    def __init__(self, reader: LogReader, rows: dict[int, Record | None]) -> None:
        self._reader = reader
        self._rows = rows

    def records(self, start: int, stop: int) -> Sequence[Record]:
        found = [self._rows.get(record.sequence, record) for record in self._reader.records(start, stop)]
        if None in found:
            message = "database disk image is malformed; restore it"
            raise LogError(message)
        return [record for record in found if record is not None]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def _walk(path: Path, spoil: Any = None) -> tuple[list[Block], Notebook, Learned]:
    """Every block of a small log, with one row changed by `spoil`."""
    folder = filled(path, _N_ENTRIES)
    notes, seen = Notebook(), Learned()
    with folder.store.reader() as reader:
        (record,) = reader.records(17, 18)
        changed = Spoiled(reader, {} if spoil is None else {17: spoil(record)})
        tail = folded(_tail(reader))
        return list(blocks(changed, _N_ENTRIES, tail, notes, seen)), notes, seen


def _tail(reader: LogReader) -> list[bytes]:
    head = reader.head()
    joined = head.frontier[-(head.size % TILE_WIDTH).bit_count() * 32 :]
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


def test_intact_entries_come_in_blocks_of_one_tile(tmp_path: Path) -> None:
    found, notes, seen = _walk(tmp_path)
    assert [(block.start, len(block.records)) for block in found] == [(0, TILE_WIDTH), (TILE_WIDTH, 3)]
    assert notes.findings == []
    assert notes.counts == {"entries": _N_ENTRIES}
    assert len(seen.bodies) == _N_ENTRIES


def test_a_row_that_cannot_be_read_leaves_the_others_of_its_block_readable(tmp_path: Path) -> None:
    found, notes, _ = _walk(tmp_path, lambda _record: None)
    assert [finding.place for finding in notes.findings] == ["entry 17"]
    assert found[0].records.count(None) == 1
    assert found[0].leaves[17] is None


def test_the_tree_says_whether_data_or_leaf_hash_was_changed(tmp_path: Path) -> None:
    _, by_data, _ = _walk(tmp_path / "data", lambda record: record._replace(data=decision(999).data))
    _, by_leaf, _ = _walk(tmp_path / "leaf", lambda record: record._replace(leaf_hash=bytes(32)))
    assert "its data does not hash to" in by_data.findings[0].what
    assert "leaf_hash is 0000" in by_leaf.findings[0].what
    assert len(by_data.findings) == len(by_leaf.findings) == 1


def test_a_block_keeps_the_leaf_that_the_tree_confirms(tmp_path: Path) -> None:
    whole, _, _ = _walk(tmp_path / "whole")
    spoiled, _, _ = _walk(tmp_path / "spoiled", lambda record: record._replace(data=b"rot"))
    assert spoiled[0].leaves == whole[0].leaves


def test_each_column_that_does_not_follow_from_the_data_is_named(tmp_path: Path) -> None:
    _, notes, _ = _walk(tmp_path, lambda record: record._replace(kind="fill", as_of_ns=1, decision_id=None))
    assert [finding.what.split()[1] for finding in notes.findings] == ["kind", "as_of_ns", "decision_id"]


def test_an_instant_before_that_of_an_earlier_entry_is_a_finding(tmp_path: Path) -> None:
    folder = filled(tmp_path, 0)
    append_decisions(folder, 3)
    seen = Learned(recorded_at_ns=2**62)
    notes = Notebook()
    with folder.store.reader() as reader:
        assert len(list(blocks(reader, 3, None, notes, seen))) == 1
    assert [finding.what.split()[0] for finding in notes.findings] == ["recorded_at"] * 3


def test_the_newest_activation_of_a_strategy_is_learned() -> None:
    seen = Learned()
    for sequence, policy_digest in enumerate((b"\x01" * 32, b"\x02" * 32)):
        seen.learn(sequence, activation("us-equities", policy_digest))
    assert seen.activations["us-equities"].policy_digest == b"\x02" * 32
    assert seen.activations["us-equities"].sequence == 1
