"""Verification of bodies and working state: deleted, added and unreadable rows, and rows of another mind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from governance.entries import Entry, EntryKind, cl_ord_id
from governance.findings import Notebook
from governance.ports import LogReader
from governance.rows import Answer, OutboundOrder, account_digest
from governance.verify_entries import Learned, blocks
from governance.verify_state import check_bodies, check_state
from nodes.vocabulary.errors import LogError
from tests.governance.examples import NOON, ORIGIN, filled

_N_ENTRIES = 300


class Unreadable:
    """A reader whose bodies cannot be read in pages, and one of them not at all."""

    def __init__(self, reader: LogReader, lost: bytes) -> None:
        self._reader = reader
        self._lost = lost

    def stored_bodies(self, after: bytes, n_bodies: int) -> Sequence[tuple[bytes, bytes]]:
        if after:
            message = "database disk image is malformed; restore it"
            raise LogError(message)
        return self._reader.stored_bodies(after, n_bodies)

    def stored_body(self, ref: bytes) -> bytes | None:
        if ref == self._lost:
            message = "database disk image is malformed; restore it"
            raise LogError(message)
        return self._reader.stored_body(ref)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def _learned(reader: LogReader) -> Learned:
    seen = Learned()
    assert list(blocks(reader, reader.head().size, None, Notebook(), seen))
    return seen


def _silent(_what: str, _n_done: int, _n_all: int) -> None:
    pass


def test_bodies_that_cannot_be_read_in_pages_are_read_one_by_one(tmp_path: Path) -> None:
    notes = Notebook()
    with filled(tmp_path, _N_ENTRIES).store.reader() as reader:
        seen = _learned(reader)
        lost = max(seen.bodies)
        check_bodies(Unreadable(reader, lost), seen, notes, _silent)
    assert notes.counts["bodies"] == _N_ENTRIES - 1
    assert notes.findings[0].place.startswith("bodies after ")
    assert [finding.place for finding in notes.findings[1:]] == [f"body {lost.hex()}"]


def test_a_body_that_no_entry_names_any_more_is_a_finding(tmp_path: Path) -> None:
    notes = Notebook()
    with filled(tmp_path, 3).store.reader() as reader:
        seen = _learned(reader)
        ref = min(seen.bodies)
        del seen.bodies[ref]
        check_bodies(reader, seen, notes, _silent)
    assert [str(finding) for finding in notes.findings] == [
        f"body {ref.hex()}: no entry names it; remove the added row"
    ]


def test_progress_over_bodies_ends_at_their_number(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with filled(tmp_path, _N_ENTRIES).store.reader() as reader:
        check_bodies(reader, _learned(reader), Notebook(), lambda *each: told.append(each))
    assert told == [("bodies", 256, 300), ("bodies", 300, 300)]


def test_an_answer_and_an_order_of_a_decision_that_is_in_no_entry_are_findings(tmp_path: Path) -> None:
    folder = filled(tmp_path, 1)
    with folder.store.transaction() as transaction:
        transaction.save_answer(Answer("desk", "key", bytes(32), b"\x09" * 32, b"act"))
        transaction.send(OutboundOrder(cl_ord_id("desk", "key"), "desk", b"\x09" * 32, b"buy"))
    notes = Notebook()
    with folder.store.reader() as reader:
        check_state(reader, _learned(reader), notes)
    assert [finding.place for finding in notes.findings] == ["answers 'desk'", f"outbox '{cl_ord_id('desk', 'key')}'"]
    assert all(f"names decision {'09' * 32}, which is in no entry" in finding.what for finding in notes.findings)


_DECISION = b"\x07" * 32


def _entry(kind: EntryKind = EntryKind.DECISION, **facts: Any) -> Entry:
    common = {"decision_id": _DECISION, "account_id": "desk", "key": "key-1"}
    return Entry(kind, ORIGIN, NOON, NOON, common | facts)


def _state_findings(path: Path, *written: Entry, has_rows: bool = True, account: bytes = b"new") -> list[str]:
    """What is found of a log with these entries and, unless left out, the rows of an account, an answer, an order."""
    folder = filled(path, 1)
    with folder.store.transaction() as transaction:
        for entry in written:
            transaction.append(entry)
        if has_rows:
            transaction.save_account("desk", account)
            transaction.save_answer(Answer("desk", "key-1", bytes(32), _DECISION, b"act"))
            transaction.send(OutboundOrder(cl_ord_id("desk", "key-1"), "desk", _DECISION, b"buy"))
    notes = Notebook()
    with folder.store.reader() as reader:
        check_state(reader, _learned(reader), notes)
    return [str(finding) for finding in notes.findings]


def test_rows_that_a_decision_asks_for_are_enough(tmp_path: Path) -> None:
    decided = _entry(action="act", account_digest=account_digest(b"new"))
    assert _state_findings(tmp_path, decided) == []


def test_a_deleted_account_answer_and_order_are_each_missed(tmp_path: Path) -> None:
    found = _state_findings(tmp_path, _entry(action="act"), has_rows=False)
    assert found == [
        "accounts 'desk': is missing, entries name it; restore it from a copy",
        f"answers 'desk', 'key-1': is missing, decision {'07' * 32} was made under it; restore it from a copy",
        f"outbox '{cl_ord_id('desk', 'key-1')}': is missing, decision {'07' * 32} let it out; restore it from a copy",
    ]


def test_a_denied_and_a_refused_decision_have_no_order_to_miss(tmp_path: Path) -> None:
    denied = _state_findings(tmp_path / "denied", _entry(action="deny"), has_rows=False)
    refused = _state_findings(tmp_path / "refused", _entry(action="act"), _entry(EntryKind.REFUSAL), has_rows=False)
    assert not any("outbox" in each for each in denied + refused)


def test_an_account_that_was_taken_back_to_an_earlier_state_is_found(tmp_path: Path) -> None:
    """Its row was sealed well at the time: only the entries know that it is not the newest."""
    earlier = _entry(action="deny", account_digest=account_digest(b"old"))
    later = _entry(EntryKind.KILL_SWITCH, account_digest=account_digest(b"new"))
    assert _state_findings(tmp_path / "new", earlier, later) == []
    (found,) = _state_findings(tmp_path / "old", earlier, later, account=b"old")
    assert found.startswith("accounts 'desk': its state is not ")
