"""The statements that append to a log: `governance.ports.Rows` over one connection inside one write transaction.

A batch costs a handful of statements whatever its size: each table takes all its rows in one executemany.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Executable, Insert, Row, Table, insert, select, update

from adapters.sql.dialect import execute_many, insert_or_keep, insert_or_replace, translated
from adapters.sql.reader import SqlReader
from adapters.sql.tables import (
    ACCOUNTS,
    ACTIVATIONS,
    ANSWERS,
    BODIES,
    CHECKPOINTS,
    ENTRIES,
    LOG_HEAD,
    OUTBOX,
    TREE_NODES,
)
from governance.changes import Changes
from governance.rows import Head, OrderState, seal
from nodes.vocabulary.errors import AssayError, LogError


class SqlRows(SqlReader):
    """The rows of a log under the head's lock.

    After a statement failed nothing more is written: a database may have rolled the transaction back by itself
    (SQLite does, on a full disk), and what followed would then be committed piece by piece.
    """

    _failure: AssayError | None = None

    def head(self) -> Head:
        """The head, locked until the transaction ends."""
        return self._head(select(LOG_HEAD).with_for_update())

    def stored_refs(self, refs: Collection[bytes]) -> set[bytes]:
        """Those of some refs that are stored."""
        return {row.ref for row in self._rows(select(BODIES.c.ref).where(BODIES.c.ref.in_(refs)))}

    def write(self, changes: Changes, old: Head, new: Head) -> None:
        """Write everything; the head moves from old to new or nothing does."""
        if self._failure is not None:
            raise self._failure
        connection = self._connection
        self._write(insert(ENTRIES), changes.records)
        self._write(insert(TREE_NODES), changes.nodes)
        self._write(insert_or_keep(connection, BODIES), list(changes.bodies.items()))
        self._write(insert_or_replace(connection, ACTIVATIONS), list(changes.activations.values()))
        self._write(insert_or_replace(connection, ACCOUNTS), _sealed(ACCOUNTS, changes.accounts.values()))
        self._write(insert(ANSWERS), _sealed(ANSWERS, changes.answers.values()))
        self._write(insert_or_replace(connection, OUTBOX), _sealed(OUTBOX, (changes.orders | changes.marked).values()))
        self._write(insert_or_replace(connection, CHECKPOINTS), _sealed(CHECKPOINTS, changes.checkpoints.values()))
        if new != old:
            self._move_head(old, new)

    def _rows(self, wanted: Executable) -> Sequence[Row[Any]]:
        with self._noted():
            return super()._rows(wanted)

    def _write(self, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            with self._noted(), translated(self._place):
                execute_many(self._connection, statement, rows)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except AssayError as error:
            self._failure = error
            raise

    def _move_head(self, old: Head, new: Head) -> None:
        move = update(LOG_HEAD).where(LOG_HEAD.c.origin == old.origin, LOG_HEAD.c.size == old.size)
        values = {"size": new.size, "frontier": new.frontier, "recorded_at_ns": new.recorded_at_ns}
        with self._noted(), translated(self._place):
            moved = self._connection.execute(move.values(values))
        if moved.rowcount != 1:
            message = f"the head of log {old.origin!r} moved from {old.size} under its lock; verify the log"
            raise LogError(message)


def _sealed(table: Table, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    stored = [tuple(value.value if isinstance(value, OrderState) else value for value in row) for row in rows]
    return [(*row, seal(table.name, row)) for row in stored]
