"""Everything that differs between databases, in one place: how to insert-or-keep, and what an error means.

All other SQL is Core and the same everywhere. The head is locked by SELECT ... FOR UPDATE, which PostgreSQL
takes as a row lock and SQLite ignores, since there BEGIN IMMEDIATE (`adapters.sql.sqlite`) locked already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nodes.vocabulary.errors import AssayError, EdgeError, LogError

_MENDS = {
    "SQLITE_FULL": "the disk or its quota is full; free some space, then try again: nothing of this was written",
    "SQLITE_IOERR": "the disk refused; look at its health, space and limits, then try again: nothing was acknowledged",
    "SQLITE_READONLY": "the file cannot be written; give this user write access to it and its folder, then try again",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and this user may write there",
    "SQLITE_BUSY": "another process holds the log; wait for it or end it, then try again",
    "SQLITE_LOCKED": "another connection holds the log; wait for it or end it, then try again",
    "SQLITE_PERM": "access is refused; give this user write access to the file and its folder",
}
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT")


def insert_or_keep(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves a row of the same primary key as it is."""
    return _insert(connection, table).on_conflict_do_nothing()


def insert_or_replace(connection: Connection, table: Table) -> Insert:
    """An INSERT that gives a row of the same primary key the new values."""
    statement = _insert(connection, table)
    keys = list(table.primary_key)
    values = {column.name: statement.excluded[column.name] for column in table.columns if column not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def execute_many(connection: Connection, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
    """Execute an INSERT of all columns of its table with many rows, each in the order of the columns.

    Drivers that take parameters by position get the rows as they are: at thousands of rows a second, making and
    unmaking a dict for each is a tenth of the cost of an append.
    """
    names = statement.table.columns.keys()
    compiled = statement.compile(dialect=connection.dialect, column_keys=names)
    if compiled.positional and compiled.positiontup == names:
        connection.exec_driver_sql(str(compiled), list(rows))
    else:
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def reading_options(dialect_name: str) -> dict[str, str]:
    """Execution options under which a transaction of reads sees one snapshot (SQLite's always do)."""
    return {"isolation_level": "REPEATABLE READ"} if dialect_name == "postgresql" else {}


def structure_faults(connection: Connection) -> list[str]:
    """What the database itself finds wrong with its files and tables; PostgreSQL has checksums of its own."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [fault for fault in found if fault != "ok"]


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "postgresql":
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
        raise _translation(place, error, error.orig) from error
    except SQLAlchemyError as error:
        message = f"{place}: {error}; look at the database's own log"
        raise EdgeError(message) from error


def _translation(place: str, error: DBAPIError, cause: BaseException | None) -> AssayError:
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(_BROKEN) or "decode to UTF-8" in str(cause):
        return LogError(f"{place}: {cause}; restore the database from a copy, then verify it")
    if str(cause).startswith("no such table"):
        return LogError(f"{place} is no decision log: {cause}; restore the database from a copy")
    for prefix, mend in _MENDS.items():
        if name.startswith(prefix):
            return EdgeError(f"{place}: {cause} ({name}); {mend}")
    return EdgeError(f"{place}: {type(error).__name__}: {cause}; look at the database and its server, then try again")
