"""The statements that append to a log: `governance.ports.Rows` over one connection inside one write transaction.

A batch costs a handful of statements whatever its size: each table takes all its rows in one executemany.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Insert, insert, select, update

from adapters.sql.dialect import insert_or_keep, insert_or_replace
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
from governance.rows import Account, Answer, CheckpointRow, Head, OutboundOrder, seal
from nodes.vocabulary.errors import LogError


class SqlRows(SqlReader):
    """The rows of a log under the head's lock."""

    def head(self) -> Head:
        """The head, locked until the transaction ends."""
        return self._head(select(LOG_HEAD).with_for_update())

    def stored_refs(self, refs: Collection[bytes]) -> set[bytes]:
        """Those of some refs that are stored."""
        return set(self._connection.execute(select(BODIES.c.ref).where(BODIES.c.ref.in_(refs))).scalars())

    def write(self, changes: Changes, old: Head, new: Head) -> None:
        """Write everything; the head moves from old to new or nothing does."""
        connection = self._connection
        self._write(insert(ENTRIES), changes.records)
        self._write(insert(TREE_NODES), changes.nodes)
        self._write(insert_or_keep(connection, BODIES), list(changes.bodies.items()))
        self._write(insert_or_replace(connection, ACTIVATIONS), list(changes.activations.values()))
        self._write(insert_or_replace(connection, ACCOUNTS), _sealed(changes.accounts.values()))
        self._write(insert(ANSWERS), _sealed(changes.answers.values()))
        self._write(insert_or_replace(connection, OUTBOX), _sealed((changes.orders | changes.marked).values()))
        self._write(insert_or_replace(connection, CHECKPOINTS), _sealed(changes.checkpoints.values()))
        if new != old:
            self._move_head(old, new)

    def _write(self, statement: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            names = statement.table.columns.keys()
            self._connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])

    def _move_head(self, old: Head, new: Head) -> None:
        moved = self._connection.execute(
            update(LOG_HEAD)
            .where(LOG_HEAD.c.origin == old.origin, LOG_HEAD.c.size == old.size)
            .values(size=new.size, frontier=new.frontier, recorded_at_ns=new.recorded_at_ns),
        )
        if moved.rowcount != 1:
            message = f"the head of log {old.origin!r} moved from {old.size} under its lock; verify the log"
            raise LogError(message)


def _sealed(rows: Collection[Account | Answer | OutboundOrder | CheckpointRow]) -> list[tuple[Any, ...]]:
    return [(*_columns(row), seal(row)) for row in rows]


def _columns(row: Account | Answer | OutboundOrder | CheckpointRow) -> tuple[Any, ...]:
    return (*row[:-1], row.state.value) if isinstance(row, OutboundOrder) else tuple(row)
