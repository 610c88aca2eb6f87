"""A small SQLite file of its own beside the log: made where it is not there, written durably, shared by processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, MetaData

from adapters.sql.dialect import translated
from adapters.sql.sqlite import BUSY_TIMEOUT_S, sqlite_engine
from adapters.sql.store import WRITES


class SqlFile:
    """A file and its tables.

    Args:
        path: of the file; its folder is made where it is not there.
        tables: made where they are not there.
    """

    def __init__(self, path: Path, tables: MetaData) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._engine = sqlite_engine(self._connection)
        with self._writing() as connection:
            tables.create_all(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _connection(self) -> sqlite3.Connection:
        # Autocommit: transactions begin where sqlite_engine says so.
        return sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(str(self._path)), self._engine.connect() as connection:
            writing = connection.execution_options(**{WRITES: True})
            with writing.begin():
                yield writing

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(str(self._path)), self._engine.connect() as connection, connection.begin():
            yield connection
