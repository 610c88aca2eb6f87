"""Everything that differs between databases, in one place: how to insert-or-keep, and what an error means.

All other SQL is Core and the same everywhere. The head is locked by SELECT ... FOR UPDATE, which PostgreSQL
takes as a row lock and SQLite ignores, since there BEGIN IMMEDIATE (`adapters.sql.sqlite`) locked already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, Table, and_, bindparam, or_, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nodes.vocabulary.errors import AssayError, EdgeError, LogError

UNAVAILABLE = "log-unavailable"
"""Reason of the errors after which a later try may succeed: nothing of the append was acknowledged."""

_MENDS = {
    "SQLITE_FULL": "the disk or its quota is full; free some space, then try again: nothing of this was written",
    "SQLITE_IOERR": "the disk refused; look at its health, space and limits, then try again: nothing was acknowledged",
    "SQLITE_READONLY": "the file cannot be written; give this user write access to it and its folder, then try again",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and this user may write there",
    "SQLITE_BUSY": "another process holds the log; wait for it or end it, then try again",
    "SQLITE_LOCKED": "another connection holds the log; wait for it or end it, then try again",
    "SQLITE_PERM": "access is refused; give this user write access to the file and its folder",
}
_POSTGRESQL_MENDS = {
    "08": "the server cannot be reached; look at it and at the network, then try again",
    "25006": "the log was opened for reading, or the server is a standby; write to the primary server",
    "28": "access is refused; check the user and the password of the database URL",
    "3D000": "create the database, or name one that is there in the database URL",
    "40": "another transaction was in the way; try again: nothing of this was written",
    "42501": "grant this user CREATE on the database and the rights to the log's schema",
    "53100": "the server's disk is full; free some space, then try again: nothing of this was written",
    "53": "the server is out of a resource; look at its limits, then try again: nothing of this was written",
    "55P03": "another process holds the log; wait for it or end it, then try again",
    "57014": "the server took too long; look at its load, then try again: nothing of this was written",
    "57": "the server is going down or coming up; wait for it, then try again",
    "58": "the server's disk refused; look at its health and space, then try again: nothing was acknowledged",
}
_LOST = ("08", "57P")
_UNKNOWN = (
    "the connection broke in the middle of the commit, so that this may have been written or not; ask again under the "
    "same key, which shows it"
)
_NO_LOG = ("42P01", "3F000")
_BROKEN_POSTGRESQL = ("XX001", "XX002")
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")


def insert_or_keep(dialect: Dialect, table: Table) -> Insert:
    """An INSERT that leaves a row of the same primary key as it is."""
    return _insert(dialect, table).on_conflict_do_nothing()


def insert_or_replace(dialect: Dialect, table: Table) -> Insert:
    """An INSERT that gives a row of the same primary key the new values."""
    statement = _insert(dialect, table)
    keys = list(table.primary_key)
    values = {column.name: statement.excluded[column.name] for column in table.columns if column not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def is_one_of(columns: Sequence[ColumnElement[Any]], n_keys: int) -> ColumnElement[bool]:
    """Whether the columns hold one of a number of keys, whose values are bound in the order of keys and columns.

    Said by OR: SQLite looks each term up in an index, while for a list of rows it goes through the whole table.
    """
    keys = [[each == bindparam(f"key_{key}_{part}") for part, each in enumerate(columns)] for key in range(n_keys)]
    return or_(*[and_(*key) for key in keys])


def reading_options(dialect_name: str) -> dict[str, str]:
    """Execution options under which a transaction of reads sees one snapshot (SQLite's always do)."""
    return {"isolation_level": "REPEATABLE READ"} if dialect_name == "postgresql" else {}


def hold_set_up(connection: Connection) -> None:
    """Let nobody else set up a log in this database until the transaction ends; SQLite's BEGIN IMMEDIATE does so."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('assay'))"))


def structure_faults(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its files and tables; PostgreSQL has checksums of its own."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [fault for fault in found if fault != "ok"]


def write_begin(dialect: Dialect) -> str | None:
    """What begins a transaction that appends; None where the driver begins by itself and the head's row is locked."""
    return "BEGIN IMMEDIATE" if dialect.name == "sqlite" else None


def is_kept(dialect: Dialect) -> bool:
    """Whether who appends keeps its connection from one append to the next.

    SQLite's holds the pages that it read, and forgets them when another connection has written. A server's may break
    while it is idle, which the pool finds out when it hands one over.
    """
    return dialect.name == "sqlite"


def _insert(dialect: Dialect, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Errors of the database and its driver leave this block as ours, with the mend.

    `place` names the database in messages.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(place, type(error).__name__, error.orig) from error
    except SQLAlchemyError as error:
        message = f"{place}: {error}; look at the database's own log"
        raise EdgeError(message, reason=UNAVAILABLE) from error


@contextmanager
def driver_translated(place: str, errors: type[Exception], *, is_commit: bool = False) -> Iterator[None]:
    """Errors of a driver that is used without SQLAlchemy leave this block, which may be a commit, with the mend."""
    try:
        yield
    except errors as error:
        if is_commit and _is_lost(error):
            message = f"{place}: {type(error).__name__}: {_one_line(error)}; {_UNKNOWN}"
            raise EdgeError(message, reason=UNAVAILABLE) from error
        raise _translation(place, type(error).__name__, error) from error


def _is_lost(error: Exception) -> bool:
    """Whether the connection to a server broke, so that nobody knows how far it came."""
    return not hasattr(error, "sqlite_errorname") and (getattr(error, "sqlstate", None) or "08").startswith(_LOST)


def _translation(place: str, kind: str, cause: BaseException | None) -> AssayError:
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(_BROKEN) or "decode to UTF-8" in str(cause):
        return LogError(f"{place}: {cause}; restore the database from a copy, then verify it")
    state = getattr(cause, "sqlstate", None) or ""
    if state in _BROKEN_POSTGRESQL:
        return LogError(f"{place}: {cause}; restore the database from a copy, then verify it")
    if str(cause).startswith("no such table") or state in _NO_LOG:
        return LogError(f"{place} is no decision log: {cause}; restore the database from a copy")
    for prefix, mend in _MENDS.items():
        if name.startswith(prefix):
            return EdgeError(f"{place}: {cause} ({name}); {mend}", reason=UNAVAILABLE)
    for prefix, mend in _POSTGRESQL_MENDS.items():
        if state.startswith(prefix):
            return EdgeError(f"{place}: {_one_line(cause)} ({state}); {mend}", reason=UNAVAILABLE)
    mend = "look at the database and its server, then try again"
    return EdgeError(f"{place}: {kind}: {_one_line(cause)}; {mend}", reason=UNAVAILABLE)


def _one_line(cause: BaseException | None) -> str:
    return " ".join(str(cause).split())
