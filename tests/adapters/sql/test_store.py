"""The store: one log a database, faults of the disk told and survived, threads that take turns."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from adapters.sql.sqlite import sqlite_log, sqlite_log_to_read
from adapters.sql.store import SqlLog
from governance.ports import Transaction
from governance.rows import Appended
from governance.writer import Writer
from nodes.vocabulary.errors import EdgeError
from tests.governance.examples import ORIGIN, decision, with_body


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    """A log of three entries."""
    log = sqlite_log(tmp_path / "log.db", ORIGIN)
    _append(log, 3)
    return log


def _append(log: SqlLog, n_entries: int) -> None:
    with log.transaction() as transaction:
        for _ in range(n_entries):
            with_body(transaction, transaction.size)


class _Pragma:
    """A pragma that every connection gets before it begins a transaction."""

    def __init__(self, log: SqlLog, setting: str) -> None:
        self.setting = setting
        log.close()  # or the log would go on with the connection that it appended with before
        event.listen(log._engine, "checkout", self._set)

    def _set(self, connection: Any, *_pool: Any) -> None:
        connection.execute(f"PRAGMA {self.setting}").fetchall()


def _size(log: SqlLog) -> int:
    with log.reader() as reader:
        return reader.head().size


def test_a_database_holds_one_log(log: SqlLog, tmp_path: Path) -> None:
    assert log.origin == ORIGIN
    with pytest.raises(EdgeError, match=r"log\.db holds the log of paper, not 'live'; open its own"):
        sqlite_log(tmp_path / "log.db", "live")


def test_a_log_that_is_opened_again_goes_on_where_it_was(log: SqlLog, tmp_path: Path) -> None:
    log.close()
    again = sqlite_log(tmp_path / "log.db", ORIGIN)
    _append(again, 2)
    assert _size(again) == 5


def test_a_log_that_was_closed_and_is_used_again_takes_a_connection_of_its_own(log: SqlLog) -> None:
    log.close()
    _append(log, 2)
    log.close()
    assert _size(log) == 5


def test_an_append_after_one_that_failed_begins_anew(log: SqlLog) -> None:
    with pytest.raises(ZeroDivisionError, match="division"), log.transaction():
        1 / 0  # noqa: B018  # any error of the block
    _append(log, 2)
    assert _size(log) == 5


def test_a_full_disk_refuses_the_append_keeps_what_was_and_takes_more_once_freed(log: SqlLog) -> None:
    pragma = _Pragma(log, "max_page_count=40")
    with pytest.raises(EdgeError, match=r"database or disk is full \(SQLITE_FULL\).*free some space, then try again"):
        _append(log, 2000)
    assert _size(log) == 3
    pragma.setting = "max_page_count=100000"
    _append(log, 2000)
    assert _size(log) == 2003


def test_the_writer_tells_everyone_of_a_full_disk_and_goes_on_once_it_is_freed(log: SqlLog) -> None:
    def work(transaction: Transaction) -> Appended:
        return with_body(transaction, transaction.size)

    pragma = _Pragma(log, "max_page_count=40")
    with Writer(log) as writer:
        futures = [writer.submit(work) for _ in range(1500)]
        errors = [future.exception() for future in futures]
        acknowledged = [future.result().sequence for future, error in zip(futures, errors, strict=True) if not error]
        assert any(errors)
        assert all(isinstance(error, EdgeError) and "free some space" in str(error) for error in errors if error)
        assert acknowledged == list(range(3, _size(log)))
        pragma.setting = "max_page_count=100000"
        assert writer.submit(work).result().sequence == 3 + len(acknowledged)


def test_a_database_that_turns_read_only_refuses_the_append_and_keeps_what_was(log: SqlLog) -> None:
    pragma = _Pragma(log, "query_only=ON")
    with pytest.raises(
        EdgeError, match=r"readonly database \(SQLITE_READONLY\); the file cannot be written; give this"
    ):
        _append(log, 1)
    pragma.setting = "query_only=OFF"
    _append(log, 1)
    assert _size(log) == 4


def test_a_log_opened_to_read_refuses_an_append(log: SqlLog, tmp_path: Path) -> None:
    reading = sqlite_log_to_read(tmp_path / "log.db", ORIGIN)
    with pytest.raises(EdgeError, match=r"readonly database \(SQLITE_READONLY\); the file cannot be written"):
        _append(reading, 1)
    assert _size(reading) == _size(log) == 3


def test_a_log_that_is_locked_by_another_process_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sql.sqlite.BUSY_TIMEOUT_S", 0.05)
    log = sqlite_log(tmp_path / "log.db", ORIGIN)
    with create_engine(f"sqlite:///{tmp_path / 'log.db'}").connect() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        with pytest.raises(EdgeError, match=r"database is locked \(SQLITE_BUSY\); another process holds the log; wait"):
            _append(log, 1)
    _append(log, 1)


def test_threads_take_turns_without_a_gap(log: SqlLog) -> None:
    def append(_number: int) -> int:
        with log.transaction() as transaction:
            return transaction.append(decision(60)).sequence

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(append, range(120))) == list(range(3, 123))


def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_itself(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(9))
        with pytest.raises(EdgeError, match="a transaction is open in this thread already; append through that one"):
            _append(log, 1)
    assert _size(log) == 4


def test_what_an_append_wrote_is_let_go_of_without_a_search_for_garbage(log: SqlLog) -> None:
    """A transaction that kept itself alive would hold thousands of rows, and finding them would hold up every order."""
    gc.disable()
    try:
        with log.transaction() as transaction:
            with_body(transaction, transaction.size)
            open_append = weakref.ref(transaction)
        del transaction
        assert open_append() is None
    finally:
        gc.enable()


def test_readers_are_not_held_up_by_an_open_append(log: SqlLog) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(9))
        assert _size(log) == 3
    assert _size(log) == 4


def test_an_append_waits_for_no_reader_however_many_are_open(log: SqlLog) -> None:
    with ExitStack() as readers:
        for _ in range(40):
            readers.enter_context(log.reader())
        _append(log, 1)
    assert _size(log) == 4
