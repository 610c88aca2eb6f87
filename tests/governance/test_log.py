"""The rules of an append: order, bodies, clock, activations, answers and orders, each whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.entries import MAX_ENTRY_BYTES, Entry, EntryKind, cl_ord_id
from governance.merkle import leaf_hash
from governance.ports import Transaction
from governance.rows import Answer, CheckpointRow, OrderState, OutboundOrder
from nodes.vocabulary.errors import EdgeError, LogError, PolicyError
from tests.governance.examples import NOON, ORIGIN, activation, decision, with_body

_ONE, _TWO = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
def log(any_log: SqlLog) -> SqlLog:
    """An empty log."""
    return any_log


def _order(key: str) -> OutboundOrder:
    return OutboundOrder(cl_ord_id("desk", key), "desk", _ONE, 1, b"buy")


def _lost_work(transaction: Transaction, number: int) -> None:
    with_body(transaction, number)
    transaction.save_account("desk", b"state")
    raise KeyError("lost")


def test_sequences_count_from_zero_without_a_gap_over_transactions(log: SqlLog) -> None:
    found = []
    for first in (0, 3):
        with log.transaction() as transaction:
            found += [transaction.append(decision(number)).sequence for number in range(first, first + 3)]
            assert transaction.size == first + 3
    assert found == list(range(6))


def test_an_append_answers_with_what_was_recorded(log: SqlLog) -> None:
    with log.transaction() as transaction:
        appended = transaction.append(decision(1))
    assert appended.entry == decision(1)
    assert appended.leaf_hash == leaf_hash(decision(1).data)
    with log.reader() as reader:
        assert reader.records(0, 9)[0].entry == decision(1)


def test_what_was_appended_about_a_decision_is_seen_before_the_commit(log: SqlLog) -> None:
    with log.transaction() as transaction:
        for number in (1, 2):
            transaction.append(decision(number))
        assert transaction.appended(bytes(31) + b"\x02") == (decision(2),)
    with log.transaction() as transaction:
        assert transaction.appended(bytes(31) + b"\x02") == ()


def test_nothing_of_a_transaction_that_raises_stays(log: SqlLog) -> None:
    with pytest.raises(KeyError, match="lost"), log.transaction() as transaction:
        _lost_work(transaction, 0)
    with log.reader() as reader:
        assert (reader.head().size, reader.extent(), reader.account("desk")) == (0, (0, -1), None)
        assert list(reader.stored_bodies(b"", 9)) == []


def test_nothing_of_a_savepoint_that_raises_stays_and_the_rest_does(log: SqlLog) -> None:
    with log.transaction() as transaction:
        with_body(transaction, 0)
        with pytest.raises(KeyError, match="lost"), transaction.savepoint():
            _lost_work(transaction, 50)
        assert transaction.account("desk") is None
        assert with_body(transaction, 1).sequence == 1
    with log.reader() as reader:
        assert [record.entry.facts["order_shares"] for record in reader.records(0, 9)] == [0, 1]
        assert len(reader.stored_bodies(b"", 9)) == 2


def test_a_later_savepoint_sees_what_an_earlier_one_did(log: SqlLog) -> None:
    with log.transaction() as transaction:
        with transaction.savepoint():
            transaction.append(decision(0))
            transaction.save_account("desk", b"bought")
        with transaction.savepoint():
            assert transaction.account("desk") == b"bought"


def test_an_entry_of_another_log_is_refused(log: SqlLog) -> None:
    with log.transaction() as transaction, pytest.raises(LogError, match="origin 'live' given to log 'paper'; append"):
        transaction.append(replace(decision(0), origin="live"))


def test_an_entry_too_large_for_a_bundle_is_refused(log: SqlLog) -> None:
    entry = replace(decision(0), facts={"bulk": b"x" * MAX_ENTRY_BYTES})
    with log.transaction() as transaction, pytest.raises(LogError, match=r"entry of \d+ bytes, at most 65535 fit"):
        transaction.append(entry)


def test_an_entry_that_names_a_body_which_is_not_stored_is_refused(log: SqlLog) -> None:
    with log.transaction() as transaction, pytest.raises(LogError, match=f"names body {_ONE.hex()}, which is not"):
        transaction.append(decision(0, (_ONE,)))


def test_a_body_that_no_entry_names_is_refused(log: SqlLog) -> None:
    with pytest.raises(LogError, match="was put but no entry names it; add its ref"), log.transaction() as transaction:
        transaction.put_body(b"orphan")


def test_a_body_that_no_entry_names_fails_only_its_own_savepoint(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
        with pytest.raises(LogError, match="no entry names it"), transaction.savepoint():
            transaction.put_body(b"orphan")
    with log.reader() as reader:
        assert reader.head().size == 1


def test_a_body_is_readable_in_the_transaction_that_puts_it_and_ever_after(log: SqlLog) -> None:
    with log.transaction() as transaction:
        ref = transaction.put_body(b"trace")
        assert transaction.body(ref) == b"trace"
        transaction.append(decision(0, (ref,)))
    with log.transaction() as transaction:
        assert transaction.body(ref) == b"trace"


def test_a_body_that_is_not_stored_cannot_be_read(log: SqlLog) -> None:
    with log.transaction() as transaction, pytest.raises(LogError, match="is not stored; put it before"):
        transaction.body(_ONE)


def test_the_same_content_is_stored_once_whoever_remembers_it(tmp_path: Path) -> None:
    refs = set()
    for number in range(2):
        log = sqlite_log(tmp_path / "log.db", ORIGIN)  # remembers nothing
        for again in range(2):
            with log.transaction() as transaction:
                ref = transaction.put_body(b"policy")
                transaction.append(decision(2 * number + again, (ref,)))
                refs.add(ref)
    with log.reader() as reader:
        assert {ref for ref, _ in reader.stored_bodies(b"", 9)} == refs
    assert len(refs) == 1


def test_a_clock_that_steps_back_a_little_is_held_at_the_last_instant(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(100))
        held = transaction.append(decision(40))
    assert held.entry.recorded_at == NOON + timedelta(seconds=100)
    assert held.entry.as_of == NOON
    with log.reader() as reader:
        assert reader.records(1, 2)[0].entry == held.entry


def test_a_clock_is_held_over_transactions_and_forgotten_with_a_savepoint(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(10))
        with pytest.raises(KeyError, match="lost"), transaction.savepoint():
            _lost_work(transaction, 60)
    with log.transaction() as transaction:
        held = transaction.append(decision(5))
    assert held.entry.recorded_at == NOON + timedelta(seconds=10)


def test_a_clock_that_steps_back_too_far_is_refused(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
        words = r"clock says 2026-11-20T11:57:59Z, but log 'paper' has an entry recorded at 2026-11-20T12:00:00Z; set"
        with pytest.raises(EdgeError, match=words):
            transaction.append(decision(0, at=NOON - timedelta(seconds=121)))


def test_a_policy_becomes_active_by_an_entry_that_names_what_it_supersedes(log: SqlLog) -> None:
    with log.transaction() as transaction:
        assert transaction.active_policy("us-equities") is None
        transaction.append(activation("us-equities", _ONE))
        transaction.activate("us-equities", _ONE, None)
        assert transaction.active_policy("us-equities") == _ONE
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", _TWO))
        transaction.activate("us-equities", _TWO, _ONE)
    with log.transaction() as transaction:
        assert transaction.active_policy("us-equities") == _TWO
        assert transaction.active_policy("other") is None


@pytest.mark.parametrize("supersedes", [None, _TWO])
def test_an_activation_over_another_policy_than_the_active_one_is_refused(
    log: SqlLog, supersedes: bytes | None
) -> None:
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", _ONE))
        transaction.activate("us-equities", _ONE, None)
        transaction.append(activation("us-equities", _TWO))
        words = r"us-equities: supersedes is (no policy|sha256:02.*), but sha256:01.* is active; start from"
        with pytest.raises(PolicyError, match=words):
            transaction.activate("us-equities", _TWO, supersedes)


@pytest.mark.parametrize("entry", [None, decision(0), activation("other", _ONE), activation("us-equities", _TWO)])
def test_an_activation_without_its_entry_is_refused(log: SqlLog, entry: Entry | None) -> None:
    with log.transaction() as transaction:
        if entry is not None:
            transaction.append(entry)
        with pytest.raises(LogError, match="for 'us-equities' has no entry; append an ACTIVATION entry"):
            transaction.activate("us-equities", _ONE, None)


def test_an_account_is_kept_and_replaced(log: SqlLog) -> None:
    for content in (b"first", b"second"):
        with log.transaction() as transaction:
            transaction.append(decision(0))
            transaction.save_account("desk", content)
            assert transaction.account("desk") == content
    with log.reader() as reader:
        account = reader.account("desk")
    assert account is not None
    assert account.content == b"second"


def test_a_state_that_no_entry_says_is_refused(log: SqlLog) -> None:
    """Who finds the head where it was left may take it that no account has changed."""
    with pytest.raises(LogError, match="state of account 'desk' was saved without"), log.transaction() as transaction:
        transaction.save_account("desk", b"state")


def test_an_answer_is_found_again_and_given_once(log: SqlLog) -> None:
    answer = Answer("desk", "key-1", _ONE, _TWO, b"act")
    with log.transaction() as transaction:
        assert transaction.answer("desk", "key-1") is None
        transaction.save_answer(answer)
        assert transaction.answer("desk", "key-1") == answer
    with log.transaction() as transaction:
        assert transaction.answer("desk", "key-1") == answer
        assert transaction.answer("desk", "key-2") is None
        with pytest.raises(LogError, match="key 'key-1' of account 'desk' was answered before; give"):
            transaction.save_answer(answer)


def test_an_order_leaves_once_under_its_cl_ord_id(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.send(_order("key-1"))
        with pytest.raises(LogError, match=f"ClOrdID '{cl_ord_id('desk', 'key-1')}' was sent before"):
            transaction.send(_order("key-1"))
    with log.transaction() as transaction:
        with pytest.raises(LogError, match="was sent before"):
            transaction.send(_order("key-1"))
        transaction.send(_order("key-2"))
    with log.reader() as reader:
        assert set(reader.outbox(OrderState.PENDING)) == {_order("key-1"), _order("key-2")}


def test_an_order_is_marked_as_it_goes(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.send(_order("key-1"))
        transaction.mark_order(_order("key-1").cl_ord_id, OrderState.SENT)
    with log.transaction() as transaction:
        transaction.mark_order(_order("key-1").cl_ord_id, OrderState.DONE)
    with log.reader() as reader:
        assert reader.outbox(OrderState.PENDING) == []
        assert reader.outbox(OrderState.DONE) == [_order("key-1")._replace(state=OrderState.DONE)]


def test_an_order_that_was_never_sent_cannot_be_marked(log: SqlLog) -> None:
    with log.transaction() as transaction, pytest.raises(LogError, match="'X' was never put into the outbox; send"):
        transaction.mark_order("X", OrderState.SENT)


def test_a_checkpoint_over_entries_that_are_not_committed_is_refused(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
        with pytest.raises(LogError, match="checkpoint of size 1, 0 entries are committed; sign a committed size"):
            transaction.add_checkpoint(CheckpointRow(1, _ONE, b"note"))


@pytest.mark.parametrize(("size", "root"), [(0, _ONE), (1, _TWO)])
def test_a_checkpoint_that_goes_back_is_refused(log: SqlLog, size: int, root: bytes) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
    with log.transaction() as transaction:
        transaction.add_checkpoint(CheckpointRow(1, _ONE, b"note"))
    with log.transaction() as transaction, pytest.raises(LogError, match=f"size {size} comes after one of 1; sign"):
        transaction.add_checkpoint(CheckpointRow(size, root, b"note"))


def test_every_kind_of_entry_can_be_appended(log: SqlLog) -> None:
    with log.transaction() as transaction:
        for number, kind in enumerate(EntryKind):
            transaction.append(replace(decision(number), kind=kind))
    with log.reader() as reader:
        assert [record.entry.kind for record in reader.records(0, 99)] == list(EntryKind)
