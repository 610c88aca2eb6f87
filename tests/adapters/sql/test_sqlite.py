"""SQLite as a log needs it: WAL, synced at every commit, locked from the first statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from adapters.sql.sqlite import sqlite_log, sqlite_log_to_read
from adapters.sql.store import SqlLog
from nodes.vocabulary.errors import EdgeError
from tests.governance.examples import ORIGIN, decision


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    """An empty log."""
    return sqlite_log(tmp_path / "log.db", ORIGIN)


def _setting(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("cell_size_check", 1),
        ("trusted_schema", 0),
        ("busy_timeout", 30000),
    ],
)
def test_every_connection_is_set_up_for_a_log(log: SqlLog, name: str, value: object) -> None:
    assert _setting(log._engine, name) == value


def test_an_append_takes_the_lock_at_once_and_a_reader_takes_none(log: SqlLog) -> None:
    begun: list[str] = []
    event.listen(log._engine, "checkout", lambda each, *_pool: each.set_trace_callback(begun.append))
    with log.transaction() as transaction:
        transaction.append(decision(0))
    with log.reader() as reader:
        reader.head()
    assert [each.strip() for each in begun if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"no/log\.db-door: No such file or directory; make its folder"):
        sqlite_log(tmp_path / "no" / "log.db", ORIGIN)


def test_a_log_that_is_not_there_cannot_be_read_and_is_not_made(tmp_path: Path) -> None:
    log = sqlite_log_to_read(tmp_path / "log.db", ORIGIN)
    with pytest.raises(EdgeError, match="unable to open database file"), log.reader():
        pass
    assert not (tmp_path / "log.db").exists()


def test_a_path_with_signs_of_its_own_in_a_uri_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a log?mode=memory#1 %20.db"
    log = sqlite_log(path, ORIGIN)
    with log.transaction() as transaction:
        transaction.append(decision(0))
    assert path.exists()
