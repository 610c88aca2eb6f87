"""A log in SQL: `governance.ports.LogStore` over an engine of any dialect that `adapters.sql.dialect` knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, Engine, PoolProxiedConnection, insert, select

from adapters.sql.dialect import driver_translated, hold_set_up, is_kept, reading_options, translated, write_begin
from adapters.sql.migration import upgrade
from adapters.sql.reader import SqlReader
from adapters.sql.rows import SqlRows, Statements
from adapters.sql.session import Session
from adapters.sql.tables import ENTRIES, LOG_HEAD
from adapters.sql.turns import Turns
from governance.log import LogTransaction
from governance.memory import LogMemory
from nodes.vocabulary.errors import EdgeError

WRITES = "log_writes"
"""Execution option of a connection whose transactions take the write lock at once."""


class SqlLog:
    """A log: one writer at a time, any number of readers."""

    def __init__(self, engine: Engine, origin: str, place: str, turns: Turns = nullcontext) -> None:
        self._engine = engine
        self._origin = origin
        self._place = place
        self._turns = turns
        self._memory = LogMemory()
        self._statements = Statements(engine.dialect)
        # One writer is all the database admits; threads of this process queue here rather than poll its lock.
        self._lock = threading.Lock()
        self._appending_thread: int | None = None
        self._kept: PoolProxiedConnection | None = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._origin

    def create(self) -> None:
        """Bring the tables up to date and give a new log its head. Raises EdgeError for a log of another origin."""
        # In turn from the first connection on: SQLite turns a file to WAL without waiting for another that does so too.
        with translated(self._place), self._turns(), self._writing() as connection:
            hold_set_up(connection)
            upgrade(connection)
            found = connection.execute(select(LOG_HEAD.c.origin)).scalars().all()
            has_entries = connection.execute(select(ENTRIES.c.sequence).limit(1)).first() is not None
            if not found and not has_entries:
                head = {"origin": self._origin, "size": 0, "frontier": b"", "recorded_at_ns": 0}
                connection.execute(insert(LOG_HEAD), head)
        self._check_origin(found or [self._origin])

    @contextmanager
    def transaction(self) -> Iterator[LogTransaction]:
        """An append: committed, durably, when the block ends; rolled back when it raises.

        Raises EdgeError when this thread is inside one already, which would wait for itself for ever.
        """
        if self._appending_thread == threading.get_ident():
            message = f"{self._place}: a transaction is open in this thread already; append through that one"
            raise EdgeError(message)
        with self._lock, self._turns():
            self._appending_thread = threading.get_ident()
            try:
                with self._session() as session:
                    transaction = LogTransaction(SqlRows(session, self._statements), self._memory)
                    yield transaction
                    transaction.finish()
            finally:
                self._appending_thread = None
            transaction.committed()

    @contextmanager
    def reader(self) -> Iterator[SqlReader]:
        """A consistent view."""
        with translated(self._place), self._engine.connect() as connection:
            reading = connection.execution_options(**reading_options(connection.dialect.name))
            with reading.begin():
                reader = SqlReader(reading, self._place)
                reader.pin()
                yield reader

    def close(self) -> None:
        """Let go of the database's connections."""
        with self._lock:
            kept, self._kept = self._kept, None
            if kept is not None:
                kept.close()
        self._engine.dispose()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A write transaction on a connection of the driver; the pool rolls back what was not committed."""
        dialect, is_committed = self._engine.dialect, False
        connection, self._kept = self._kept, None
        if connection is None:
            # A driver that cannot connect says so in its own words here.
            with translated(self._place), driver_translated(self._place, dialect.loaded_dbapi.Error):
                connection = self._engine.raw_connection()
        try:
            session = Session(connection, dialect, self._place)
            session.begin(write_begin(dialect))
            yield session
            session.commit()
            is_committed = True
        finally:
            if is_committed and is_kept(dialect):
                self._kept = connection
            else:
                connection.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            writing = connection.execution_options(**{WRITES: True})
            with writing.begin():
                yield writing

    def _check_origin(self, found: Sequence[str]) -> None:
        if list(found) != [self._origin]:
            message = f"{self._place} holds the log of {', '.join(found)}, not {self._origin!r}; open its own"
            raise EdgeError(message)
