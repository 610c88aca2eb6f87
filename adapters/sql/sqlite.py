"""A log in an SQLite file: WAL, synchronous=FULL, BEGIN IMMEDIATE.

FULL makes SQLite sync the write-ahead log before a commit returns, so that acknowledged means durable; NORMAL
does not, and exists here for the test that shows what a power loss then takes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

from adapters.sql.store import WRITES, SqlLog
from adapters.sql.turns import FileTurns

BUSY_TIMEOUT_S = 30.0
_CACHED_STATEMENTS = 256
_CACHE_KIB = 65_536
"""Pages that an append changes are those of indexes, all over the file: SQLite's own 2 MiB would read them again and
again."""


class Synchronous(Enum):
    """How hard SQLite tries to keep a commit through a power loss."""

    FULL = "FULL"
    NORMAL = "NORMAL"


def sqlite_log(path: Path, origin: str) -> SqlLog:
    """The log in a file, created on first use."""
    turns = FileTurns(path, BUSY_TIMEOUT_S)
    log = SqlLog(sqlite_engine(_connections(path, "rwc")), origin, str(path), turns)
    log.create()
    return log


def sqlite_log_to_read(path: Path, origin: str) -> SqlLog:
    """The log in a file, for reading only: an append is refused."""
    return SqlLog(sqlite_engine(_connections(path, "ro"), is_read_only=True), origin, str(path))


def sqlite_engine(
    creator: Callable[[], Any],
    *,
    synchronous: Synchronous = Synchronous.FULL,
    is_read_only: bool = False,
) -> Engine:
    """An engine over connections from `creator`, each set up for a log."""
    # However many read at once, the writer never waits for one of them to give a connection back.
    engine = create_engine("sqlite://", creator=creator, poolclass=QueuePool, max_overflow=-1)
    pragmas = [f"busy_timeout={int(BUSY_TIMEOUT_S * 1000)}", "cell_size_check=ON", "trusted_schema=OFF"]
    pragmas.append(f"cache_size=-{_CACHE_KIB}")
    if not is_read_only:
        pragmas += ["journal_mode=WAL", f"synchronous={synchronous.value}"]

    def set_up(connection: Any, _record: Any) -> None:  # noqa: ANN401  # whatever the creator's driver gives
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Begin as the work needs: the driver's own BEGIN is off (isolation_level None)."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _connections(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    uri = f"{path.resolve().as_uri()}?mode={mode}"

    def connection() -> sqlite3.Connection:
        return sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_CACHED_STATEMENTS,
        )

    return connection
