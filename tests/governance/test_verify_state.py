"""Verification of bodies and working state: deleted, added and unreadable rows, and rows of another mind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from governance.entries import Entry, EntryKind, cl_ord_id
from governance.findings import Notebook
from governance.ports import LogReader
from governance.rows import Answer, OutboundOrder, account_digest
from governance.verify_entries import Learned, blocks
from governance.verify_state import check_bodies, check_state
from nodes.vocabulary.canonical import decode, encode
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
        transaction.send(OutboundOrder(cl_ord_id("desk", "key"), "desk", b"\x09" * 32, 1, b"buy"))
    notes = Notebook()
    with folder.store.reader() as reader:
        check_state(reader, _learned(reader), notes)
    answer, order = notes.findings
    assert str(answer).startswith(f"answers 'desk', 'key': names decision {'09' * 32}, which no entry says was made")
    assert str(order).startswith(f"outbox '{cl_ord_id('desk', 'key')}': is of account 'desk' and decision {'09' * 32}")


_DECISION = b"\x07" * 32


def _entry(kind: EntryKind = EntryKind.DECISION, **facts: Any) -> Entry:
    common = {"decision_id": _DECISION, "account_id": "desk", "key": "key-1"}
    return Entry(kind, ORIGIN, NOON, NOON, common | facts)


_TOLD = encode({"decision_id": _DECISION, "symbol": "AAPL", "order_shares": 5, "limit_price_usd": Decimal("10.5")})
_ANSWER = Answer("desk", "key-1", bytes(32), _DECISION, _TOLD)
_ORDER = OutboundOrder(cl_ord_id("desk", "key-1"), "desk", _DECISION, 5, _TOLD)


def _rows(decided: Entry) -> tuple[Answer | OutboundOrder, ...]:
    """The answer of a decision and, if it lets one out, its order."""
    told = encode(decided.facts)
    answer, order = _ANSWER._replace(body=told), _ORDER._replace(order=told)
    return (answer, order) if decided.facts["action"] == "act" else (answer,)


def _state_findings(
    path: Path,
    *written: Entry,
    has_rows: bool = True,
    account: bytes = b"new",
    rows: Sequence[Answer | OutboundOrder] | None = None,
) -> list[str]:
    """What is found of a log with these entries and, unless left out, the rows of an account, an answer, an order."""
    folder = filled(path, 1)
    with folder.store.transaction() as transaction:
        for entry in written:
            transaction.append(entry)
        if has_rows:
            transaction.save_account("desk", account)
            for row in _rows(written[0]) if rows is None else rows:
                write = transaction.save_answer if isinstance(row, Answer) else transaction.send
                write(row)  # type: ignore[arg-type]  # each its own
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


_FACTS = {**decode(_TOLD), "action": "act", "request_digest": bytes(32), "account_digest": account_digest(b"new")}
_OTHER = encode({**decode(_TOLD), "order_shares": 500})
_FOREIGN = encode({**decode(_TOLD), "order_key": "key-2"})
_SHORT = encode({"decision_id": _DECISION})


def test_an_answer_and_an_order_that_say_what_their_entry_says_are_true(tmp_path: Path) -> None:
    assert _state_findings(tmp_path, _entry(**_FACTS)) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (_ANSWER._replace(body=_OTHER), "answers 'desk', 'key-1': it does not say what the entry says of"),
        (_ANSWER._replace(body=_SHORT), "answers 'desk', 'key-1': it does not say symbol, order_shares, limit_price"),
        (_ANSWER._replace(body=b"junk"), "answers 'desk', 'key-1': its bytes say nothing, decision 0707"),
        (_ANSWER._replace(request_digest=b"\x01" * 32), "answers 'desk', 'key-1': request_digest is 0101"),
        (_ANSWER._replace(decision_id=b"\x01" * 32), "answers 'desk', 'key-1': names decision 0101"),
        (_ANSWER._replace(key="key-2"), "answers 'desk', 'key-2': names decision 0707"),
        (_ORDER._replace(order=_OTHER), "outbox 'OID': it does not say what the entry says of"),
        (_ORDER._replace(order=b"junk"), "outbox 'OID': its bytes say nothing, decision 0707"),
        (_ORDER._replace(order=_FOREIGN), "outbox 'OID': it names key 'key-2', which is that of another order"),
        (_ORDER._replace(order_shares=50), "outbox 'OID': it does not say what its columns say of order_shares"),
        (_ORDER._replace(account_id="other"), "outbox 'OID': is of account 'other' and decision 0707"),
        (_ORDER._replace(decision_id=b"\x01" * 32), "outbox 'OID': is of account 'desk' and decision 0101"),
        (_ORDER._replace(cl_ord_id="OTHER"), "outbox 'OTHER': is of account 'desk' and decision 0707"),
    ],
)
def test_a_row_that_was_forged_together_with_its_seal_is_found(
    tmp_path: Path, row: Answer | OutboundOrder, words: str
) -> None:
    """The store seals whatever it is given, as a forger with write access would."""
    facts = {name: value for name, value in _FACTS.items() if name != "action" or isinstance(row, OutboundOrder)}
    found = _state_findings(tmp_path, _entry(**facts), rows=(row,))
    assert any(each.startswith(words.replace("OID", _ORDER.cl_ord_id)) for each in found)
