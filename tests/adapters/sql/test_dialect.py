"""What differs between databases: inserts that meet a row, bulk inserts, and what a driver's error means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Insert, create_engine, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from adapters.sql.dialect import (
    driver_translated,
    insert_or_keep,
    insert_or_replace,
    reading_options,
    structure_faults,
    translated,
    write_begin,
)
from adapters.sql.tables import ACCOUNTS, BODIES, METADATA
from nodes.vocabulary.errors import AssayError, EdgeError, LogError


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty database in memory."""
    with create_engine("sqlite://").connect() as connection:
        METADATA.create_all(connection)
        yield connection


_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


def _error(name: str, text: str) -> OperationalError:
    cause = sqlite3.OperationalError(text)
    cause.sqlite_errorname = name
    return OperationalError("INSERT", {}, cause)


def _insert(connection: Connection, statement: Insert, *row: bytes | str | int) -> None:
    connection.execute(statement, dict(zip(statement.table.columns.keys(), row, strict=True)))


def test_a_row_that_is_there_is_kept(connection: Connection) -> None:
    for stored in (b"first", b"second"):
        _insert(connection, insert_or_keep(connection.dialect, BODIES), b"ref", stored)
    assert connection.execute(select(BODIES.c.stored)).scalars().all() == [b"first"]


def test_a_row_that_is_there_is_replaced(connection: Connection) -> None:
    for content in (b"first", b"second"):
        _insert(connection, insert_or_replace(connection.dialect, ACCOUNTS), "desk", content, 0, b"", b"seal")
    assert connection.execute(select(ACCOUNTS.c.content)).scalars().all() == [b"second"]


def test_the_same_inserts_are_written_for_postgresql() -> None:
    keep = str(insert_or_keep(_POSTGRESQL, BODIES).compile(dialect=_POSTGRESQL))
    replace = str(insert_or_replace(_POSTGRESQL, ACCOUNTS).compile(dialect=_POSTGRESQL))
    assert keep.endswith("ON CONFLICT DO NOTHING")
    assert "ON CONFLICT (account_id) DO UPDATE SET content = excluded.content, n_parts = excluded.n_parts" in replace


def test_only_sqlite_must_be_told_to_lock_before_it_writes() -> None:
    assert write_begin(sqlite_dialect.dialect()) == "BEGIN IMMEDIATE"
    assert write_begin(_POSTGRESQL) is None


def test_only_postgresql_must_be_told_to_read_one_snapshot() -> None:
    assert reading_options("sqlite") == {}
    assert reading_options("postgresql") == {"isolation_level": "REPEATABLE READ"}


def test_a_sound_database_has_no_structural_fault(connection: Connection) -> None:
    assert structure_faults(connection) == []


@pytest.mark.parametrize(
    ("name", "text", "family", "words"),
    [
        ("SQLITE_FULL", "database or disk is full", EdgeError, "free some space, then try again: nothing of this"),
        ("SQLITE_IOERR_WRITE", "disk I/O error", EdgeError, "look at its health, space and limits"),
        ("SQLITE_READONLY", "attempt to write a readonly database", EdgeError, "give this user write access"),
        ("SQLITE_CANTOPEN", "unable to open database file", EdgeError, "check that its folder exists"),
        ("SQLITE_BUSY", "database is locked", EdgeError, "another process holds the log; wait for it or end it"),
        ("SQLITE_CORRUPT", "database disk image is malformed", LogError, "restore the database from a copy"),
        ("SQLITE_NOTADB", "file is not a database", LogError, "restore the database from a copy, then verify it"),
        ("", "Could not decode to UTF-8 column 'kind'", LogError, "restore the database from a copy"),
        ("", "something else", EdgeError, "OperationalError: something else; look at the database and its server"),
    ],
)
def test_an_error_of_the_driver_becomes_ours_with_its_mend(
    name: str, text: str, family: type[AssayError], words: str
) -> None:
    with pytest.raises(family, match=rf"log\.db: .*{words}"), translated("log.db"):
        raise _error(name, text)


def test_an_error_of_sqlalchemy_itself_becomes_ours() -> None:
    with (
        pytest.raises(EdgeError, match=r"log\.db: no such driver; look at the database's own log"),
        translated("log.db"),
    ):
        raise SQLAlchemyError("no such driver")


def test_an_error_of_a_driver_used_without_sqlalchemy_becomes_ours_and_says_that_a_later_try_may_succeed() -> None:
    with pytest.raises(EdgeError, match="disk is full") as caught, driver_translated("log.db", sqlite3.Error):
        raise _error("SQLITE_FULL", "database or disk is full").orig or AssertionError
    assert caught.value.reason == "log-unavailable"


def _lost() -> psycopg.OperationalError:
    return psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize("error", [_lost(), psycopg.errors.AdminShutdown("terminating connection")])
def test_a_connection_that_breaks_while_it_commits_leaves_the_outcome_unknown(error: psycopg.Error) -> None:
    with (
        pytest.raises(EdgeError, match="may have been written or not; ask again under the same key") as raised,
        driver_translated("log", psycopg.Error, is_commit=True),
    ):
        raise error
    assert raised.value.reason == "log-unavailable"


def test_a_connection_that_breaks_before_the_commit_leaves_nothing_in_doubt() -> None:
    with (
        pytest.raises(EdgeError, match="; look at the database and its server"),
        driver_translated("log", psycopg.Error),
    ):
        raise _lost()


def test_a_commit_that_the_disk_refuses_leaves_nothing_in_doubt() -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    with (
        pytest.raises(EdgeError, match="nothing of this was written"),
        driver_translated("log.db", sqlite3.Error, is_commit=True),
    ):
        raise full
