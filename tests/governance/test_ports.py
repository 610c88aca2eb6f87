"""Ports: what adapters give is what governance asks for, as the type checker and Python see it."""

from __future__ import annotations

from pathlib import Path

from adapters.files.published import PublishedFiles
from adapters.sql.reader import SqlReader
from adapters.sql.rows import SqlRows
from adapters.sql.sqlite import sqlite_log
from governance.ports import LogReader, LogStore, Publication, Rows, SavepointTransaction, Transaction
from tests.governance.examples import ORIGIN


def _store(found: LogStore) -> LogStore:
    return found


def _publication(found: Publication) -> Publication:
    return found


def _members(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_a_log_in_sqlite_is_a_log_store(tmp_path: Path) -> None:
    store = _store(sqlite_log(tmp_path / "log.db", ORIGIN))
    with store.transaction() as transaction, transaction.savepoint():
        assert transaction.size == 0
        assert all(hasattr(transaction, name) for name in _members(Transaction) | _members(SavepointTransaction))
    with store.reader() as reader:
        assert reader.head().origin == store.origin


def test_a_folder_of_files_is_a_publication(tmp_path: Path) -> None:
    assert _publication(PublishedFiles(tmp_path)).paths() == []


def test_what_reads_and_writes_sql_has_every_method_that_the_ports_name() -> None:
    assert [name for name in _members(LogReader) if not hasattr(SqlReader, name)] == []
    assert [name for name in _members(Rows) if not hasattr(SqlRows, name)] == []
