"""Writing a batch: the head moves under its lock, and after a failed statement nothing more is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from adapters.sql.rows import SqlRows, Statements
from adapters.sql.session import Session
from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.changes import Changes
from governance.entries import Entry, EntryKind
from governance.rows import Head
from nodes.vocabulary.errors import EdgeError, LogError
from tests.governance.examples import NOON, ORIGIN, decision, with_body


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    """An empty log."""
    return sqlite_log(tmp_path / "log.db", ORIGIN)


@contextmanager
def _rows(log: SqlLog) -> Iterator[SqlRows]:
    connection = log._engine.raw_connection()
    yield SqlRows(Session(connection, log._engine.dialect, "log.db"), Statements(log._engine.dialect))
    connection.close()


def test_a_head_that_moved_under_its_lock_is_a_broken_log(log: SqlLog) -> None:
    words = "the head of log 'paper' moved from 7 under its lock; verify the log"
    with _rows(log) as rows, pytest.raises(LogError, match=words):
        rows.write(Changes(), Head(ORIGIN, 7, b"", 0), Head(ORIGIN, 8, b"", 0))


def _traced(log: SqlLog) -> list[str]:
    """The statements of every connection from now on."""
    statements: list[str] = []
    event.listen(log._engine, "checkout", lambda each, *_pool: each.set_trace_callback(statements.append))
    return statements


def test_a_transaction_that_changes_nothing_writes_nothing(log: SqlLog) -> None:
    statements = _traced(log)
    with log.transaction():
        pass
    assert [statement.split()[0] for statement in statements] == ["BEGIN", "SELECT", "COMMIT"]


def test_a_batch_takes_a_handful_of_statements_whatever_its_size(log: SqlLog) -> None:
    statements = _traced(log)
    with log.transaction() as transaction:
        for number in range(50):
            with_body(transaction, number)
    kinds = {" ".join(statement.split()[:3]) for statement in statements}
    assert len(kinds) <= 6


def test_nothing_is_written_after_a_statement_failed_although_the_work_swallowed_it(log: SqlLog) -> None:
    """SQLite may have rolled back by itself; what is written then would be committed statement by statement."""

    def deny_accounts(_action: int, table: str | None, *_rest: object) -> int:
        return sqlite3.SQLITE_DENY if table == "accounts" else sqlite3.SQLITE_OK

    event.listen(log._engine, "checkout", lambda each, *_pool: each.set_authorizer(deny_accounts))
    with pytest.raises(EdgeError, match="access to accounts"), log.transaction() as transaction:
        _swallow(transaction)
    with log.reader() as reader:
        assert reader.extent() == (0, -1)


def _swallow(transaction: object) -> None:
    with_body(transaction, 0)  # type: ignore[arg-type]  # a transaction
    with pytest.raises(EdgeError, match="access to accounts"):
        transaction.account("desk")  # type: ignore[attr-defined]  # a transaction
    with_body(transaction, 1)  # type: ignore[arg-type]  # a transaction


def test_only_bodies_that_are_stored_are_reported_as_stored(log: SqlLog) -> None:
    with log.transaction() as transaction:
        (ref,) = with_body(transaction, 0).entry.bodies
    with _rows(log) as rows:
        assert rows.stored_refs({ref, bytes(32)}) == {ref}


def test_an_entry_is_stored_with_every_column_that_follows_from_it(log: SqlLog) -> None:
    with log.transaction() as transaction:
        appended = transaction.append(decision(7))
    with log.reader() as reader:
        (record,) = reader.records(0, 1)
    assert record.entry_id == appended.entry_id == decision(7).entry_id
    assert (record.kind, record.decision_id, record.data) == ("decision", decision(7).decision_id, decision(7).data)


def test_a_body_that_is_dropped_is_gone_and_the_others_are_not(any_log: SqlLog) -> None:
    """SGN-08: in every database, and not without the entry that says so."""
    with any_log.transaction() as transaction:
        gone, kept = (with_body(transaction, number).entry.bodies[0] for number in range(2))
    at = NOON + timedelta(hours=1)
    said = Entry(EntryKind.RETENTION, ORIGIN, at, at, {"principal": "ops"})
    with pytest.raises(LogError, match="append a RETENTION entry just before it"), any_log.transaction() as transaction:
        transaction.drop_bodies([gone])
    with any_log.reader() as reader:
        assert reader.stored_body(gone) is not None
    with any_log.transaction() as transaction:
        transaction.append(said)
        transaction.drop_bodies([gone])
    with any_log.reader() as reader:
        assert (reader.stored_body(gone), reader.stored_body(kept) is not None) == (None, True)
