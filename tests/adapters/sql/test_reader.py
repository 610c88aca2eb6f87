"""Reading a log: by sequence, id, kind and decision, and one view for as long as it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.entries import EntryKind
from governance.merkle import TILE_WIDTH
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.instants import instant_ns
from tests.governance.examples import NOON, ORIGIN, activation, decision, with_body


@pytest.fixture
def log(any_log: SqlLog) -> SqlLog:
    """Decisions 0 to 9, each filled, and one activation."""
    log = any_log
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
        transaction.activate("us-equities", bytes(32), None)
        for number in range(10):
            transaction.append(decision(number))
            transaction.append(replace(decision(number), kind=EntryKind.FILL))
    return log


def test_entries_are_read_in_order_from_start_to_stop(log: SqlLog) -> None:
    with log.reader() as reader:
        assert [record.sequence for record in reader.records(3, 6)] == [3, 4, 5]
        assert reader.records(21, 30) == []
        assert reader.extent() == (21, 20)


def test_an_entry_that_concerns_no_decision_is_found_by_its_id(log: SqlLog) -> None:
    """Those that do are found by their decision: nothing stands on them by their own id."""
    wanted = activation("us-equities", bytes(32))
    with log.reader() as reader:
        found = reader.record_of_entry(wanted.entry_id)
        assert found is not None
        assert (found.sequence, found.entry) == (0, wanted)
        assert reader.record_of_entry(decision(4).entry_id) is None
        assert reader.record_of_entry(bytes(32)) is None


@pytest.mark.parametrize(
    ("prefix", "n_found"), [("0" * 63 + "7", 1), ("0" * 63, 10), ("", 10), ("f", 0), ("0" * 64, 1)]
)
def test_decisions_are_found_by_the_first_digits_of_their_id(log: SqlLog, prefix: str, n_found: int) -> None:
    with log.reader() as reader:
        found = reader.decisions(prefix)
    assert len(found) == n_found
    assert all(record.kind == "decision" for record in found)


@pytest.mark.parametrize("prefix", ["xyz", "0" * 65, "sha256:00"])
def test_what_begins_no_decision_id_is_refused(log: SqlLog, prefix: str) -> None:
    with log.reader() as reader, pytest.raises(DataError, match=f"'{prefix}' begins no decision id; write its first"):
        reader.decisions(prefix)


def test_the_history_of_a_decision_is_the_decision_and_what_came_of_it(log: SqlLog) -> None:
    with log.reader() as reader:
        found = reader.history((4).to_bytes(32, "big"))
    assert [record.kind for record in found] == ["decision", "fill"]


def test_the_newest_entries_of_a_kind_come_newest_first(log: SqlLog) -> None:
    with log.reader() as reader:
        newest = reader.newest(EntryKind.FILL, 2)
        before = reader.newest(EntryKind.FILL, 2, before=newest[-1].sequence)
    assert [record.sequence for record in (*newest, *before)] == [20, 18, 16, 14]


def test_all_entries_of_a_kind_come_in_order_page_by_page(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sql.reader._PAGE", 3)
    with log.reader() as reader:
        assert [record.sequence for record in reader.of_kind(EntryKind.DECISION)] == list(range(1, 21, 2))


def test_a_view_sees_nothing_that_was_committed_after_it_was_opened(log: SqlLog) -> None:
    with log.reader() as reader:
        with log.transaction() as transaction:
            transaction.append(decision(10))
        assert reader.head().size == 21
        assert reader.records(21, 22) == []
    with log.reader() as reader:
        assert reader.head().size == 22


def test_stored_hashes_are_leaves_and_the_roots_of_full_tiles(tmp_path: Path) -> None:
    log = sqlite_log(tmp_path / "large.db", ORIGIN)
    with log.transaction() as transaction:
        leaves = [transaction.append(decision(number)).leaf_hash for number in range(TILE_WIDTH + 2)]
    with log.reader() as reader:
        assert reader.hashes(0, 255, 258) == leaves[255:]
        assert len(reader.hashes(1, 0, 9)) == reader.n_tree_nodes() == 1


def test_a_body_is_read_with_its_content_checked(log: SqlLog) -> None:
    with log.transaction() as transaction:
        ref = with_body(transaction, 50).entry.bodies[0]
    with log.reader() as reader:
        assert reader.body(ref) == b"trace 50 " * 20
        with pytest.raises(LogError, match=r"is not stored; .* restore the log from a copy"):
            reader.body(bytes(32))


def test_activations_are_listed(log: SqlLog) -> None:
    with log.reader() as reader:
        (found,) = reader.activations()
    assert (found.strategy, found.policy_digest, found.sequence) == ("us-equities", bytes(32), 0)


def test_entries_of_a_kind_are_placed_by_the_instant_that_they_are_of(any_log: SqlLog) -> None:
    """ENG-06: an impact asks for the decisions of some days, or for the newest of them."""
    with any_log.transaction() as transaction:
        for number in range(6):
            transaction.append(replace(decision(number), as_of=NOON - timedelta(days=6 - number)))
            transaction.append(replace(decision(number), kind=EntryKind.FILL))
    since_ns, until_ns = (instant_ns(NOON - timedelta(days=days)) for days in (5, 2))
    with any_log.reader() as reader:
        assert reader.places(EntryKind.DECISION, 0, 2**62) == [0, 2, 4, 6, 8, 10]
        assert reader.places(EntryKind.DECISION, since_ns, until_ns) == [2, 4, 6]
        assert reader.places(EntryKind.DECISION, since_ns, until_ns, 2) == [4, 6]
        found = reader.data_of_kind(EntryKind.DECISION, 2, 6)
        assert found == [(place, reader.records(place, place + 1)[0].data) for place in (2, 4)]


def test_many_bodies_are_read_at_once_and_those_that_are_gone_left_out(any_log: SqlLog) -> None:
    with any_log.transaction() as transaction:
        refs = [with_body(transaction, number).entry.bodies[0] for number in range(3)]
    with any_log.reader() as reader:
        assert reader.contents([*refs, bytes(32)]) == {ref: reader.body(ref) for ref in refs}
        assert reader.contents([]) == {}
