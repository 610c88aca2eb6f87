"""The statements that append to a log: `governance.ports.Rows` inside one write transaction.

A batch costs a handful of statements whatever its size: each table takes all its rows in one executemany, and what is
to be looked up by key is looked up together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Insert, Table, bindparam, delete, func, insert, select, update

from adapters.sql.dialect import insert_or_keep, insert_or_replace, is_one_of
from adapters.sql.reader import only_head, order_of_row
from adapters.sql.registry_rows import RegistryStatements, SqlRegistryRows, registry_inserts
from adapters.sql.session import Grown, Prepared, Session, prepared
from adapters.sql.tables import (
    ACCOUNT_PARTS,
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
from governance.accounts import AccountPart, AccountRow
from governance.changes import Changes
from governance.rows import (
    Activation,
    Answer,
    CheckpointRow,
    Head,
    OrderState,
    OutboundOrder,
    seal,
)
from nodes.vocabulary.errors import AssayError, LogError


class Statements:
    """Every statement of an append, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        def selected(table: Table, *keys: str) -> Prepared:
            columns = [column for column in table.columns if column.name != "seal"]
            where = [table.columns[key] == bindparam(key) for key in keys]
            return prepared(select(*columns).where(*where), dialect)

        self.head = prepared(select(LOG_HEAD).with_for_update(), dialect)
        self.body = selected(BODIES, "ref")
        self.activation = selected(ACTIVATIONS, "strategy")
        self.account = selected(ACCOUNTS, "account_id")
        parts = select(ACCOUNT_PARTS).where(ACCOUNT_PARTS.c.account_id == bindparam("account_id"))
        self.account_parts = prepared(parts.order_by(ACCOUNT_PARTS.c.place), dialect)
        stale = delete(ACCOUNT_PARTS).where(ACCOUNT_PARTS.c.account_id == bindparam("account_id"))
        self.remove_parts = prepared(stale.where(ACCOUNT_PARTS.c.place >= bindparam("place")), dialect)
        self.drop_body = prepared(delete(BODIES).where(BODIES.c.ref == bindparam("ref")), dialect)
        self.answers = Grown(partial(_looked_up, dialect, ANSWERS, (ANSWERS.c.account_id, ANSWERS.c.key)))
        self.orders = Grown(partial(_looked_up, dialect, OUTBOX, (OUTBOX.c.cl_ord_id,)))
        columns = (CHECKPOINTS.c.size, CHECKPOINTS.c.root, CHECKPOINTS.c.note)
        newest = select(func.max(CHECKPOINTS.c.size)).scalar_subquery()
        self.newest_checkpoint = prepared(select(*columns).where(CHECKPOINTS.c.size == newest), dialect)
        moved = update(LOG_HEAD).where(LOG_HEAD.c.origin == bindparam("log"), LOG_HEAD.c.size == bindparam("old_size"))
        values: dict[str, Any] = {name: bindparam(name) for name in ("size", "frontier", "recorded_at_ns")}
        self.move_head = prepared(moved.values(values), dialect)
        self.registry = RegistryStatements(dialect)
        self.inserts = tuple(
            (prepared(statement, dialect, statement.table.columns.keys()), rows)
            for statement, rows in (*_inserts(dialect), *registry_inserts(dialect))
        )


def _looked_up(dialect: Dialect, table: Table, keys: Sequence[ColumnElement[Any]], n_rows: int) -> Prepared:
    """The rows of a table, seals apart, that have one of a number of keys."""
    columns = [column for column in table.columns if column.name != "seal"]
    return prepared(select(*columns).where(is_one_of(keys, n_rows)), dialect)


def _inserts(dialect: Dialect) -> Iterator[tuple[Insert, Callable[[Changes], Sequence[tuple[Any, ...]]]]]:
    """In the order of writing: an INSERT, and what of some changes it writes."""
    yield insert(ENTRIES), lambda changes: changes.records
    yield insert(TREE_NODES), lambda changes: changes.nodes
    yield insert_or_keep(dialect, BODIES), lambda changes: list(changes.bodies.items())
    yield insert_or_replace(dialect, ACTIVATIONS), lambda changes: list(changes.activations.values())
    yield insert(ACCOUNT_PARTS), lambda changes: [part for each in changes.accounts.values() for part in each.parts]
    yield insert_or_replace(dialect, ACCOUNTS), _account_rows
    yield insert(ANSWERS), lambda changes: _sealed("answers", changes.answers)
    yield insert_or_replace(dialect, OUTBOX), lambda changes: _sealed("outbox", changes.orders)
    yield insert_or_replace(dialect, CHECKPOINTS), lambda changes: _sealed("checkpoints", changes.checkpoints)


class SqlRows:
    """The rows of a log under the head's lock.

    After a statement failed nothing more is written: a database may have rolled the transaction back by itself
    (SQLite does, on a full disk), and what followed would then be committed piece by piece.
    """

    def __init__(self, session: Session, statements: Statements) -> None:
        self._session = session
        self._statements = statements
        self._failure: AssayError | None = None

    @property
    def registry(self) -> SqlRegistryRows:
        """The rows of the model registry.

        Made when asked for: kept here, the two would keep each other and all changes alive until garbage is collected.
        """
        return SqlRegistryRows(self._found, self._statements.registry)

    def head(self) -> Head:
        """The head, locked until the transaction ends."""
        return only_head(self._found(self._statements.head))

    def stored_body(self, ref: bytes) -> bytes | None:
        """The stored bytes of a body."""
        found = self._found(self._statements.body, ref=ref)
        return found[0][1] if found else None

    def stored_refs(self, refs: Collection[bytes]) -> set[bytes]:
        """Those of some refs that are stored."""
        return {ref for ref in refs if self._found(self._statements.body, ref=ref)}

    def activation(self, strategy: str) -> Activation | None:
        """What one strategy runs."""
        found = self._found(self._statements.activation, strategy=strategy)
        return Activation._make(found[0]) if found else None

    def account(self, account_id: str) -> AccountRow | None:
        """The account's row."""
        found = self._found(self._statements.account, account_id=account_id)
        return AccountRow._make(found[0]) if found else None

    def account_parts(self, account_id: str) -> Sequence[AccountPart]:
        """The parts of an account that are rows of their own."""
        return [AccountPart._make(row) for row in self._found(self._statements.account_parts, account_id=account_id)]

    def answers(self, places: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Answer]:
        """Those answers that there are, of some accounts and keys."""
        with self._noted():
            found = self._session.found(self._statements.answers, places)
        return {(row[0], row[1]): Answer._make(row) for row in found}

    def orders(self, cl_ord_ids: Sequence[str]) -> Mapping[str, OutboundOrder]:
        """Those outbound orders that there are, of some ClOrdIDs."""
        with self._noted():
            found = self._session.found(self._statements.orders, [(each,) for each in cl_ord_ids])
        return {row[0]: order_of_row(row) for row in found}

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint of the largest size."""
        found = self._found(self._statements.newest_checkpoint)
        return CheckpointRow._make(found[0]) if found else None

    def write(self, changes: Changes, old: Head, new: Head) -> None:
        """Write everything; the head moves from old to new or nothing does."""
        if self._failure is not None:
            raise self._failure
        for change in changes.accounts.values():
            if change.n_stale:
                place = {"account_id": change.row.account_id, "place": change.n_kept}
                with self._noted():
                    self._session.n_changed(self._statements.remove_parts, **place)
        for statement, rows_of in self._statements.inserts:
            rows = rows_of(changes)
            if rows:
                with self._noted():
                    self._session.insert(statement, rows)
        for ref in changes.dropped:
            with self._noted():
                self._session.n_changed(self._statements.drop_body, ref=ref)
        if new != old:
            self._move_head(old, new)

    def _found(self, statement: Prepared, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # any column's value
        try:
            return self._session.rows(statement, **values)
        except AssayError as error:
            self._failure = error
            raise

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except AssayError as error:
            self._failure = error
            raise

    def _move_head(self, old: Head, new: Head) -> None:
        values = {"size": new.size, "frontier": new.frontier, "recorded_at_ns": new.recorded_at_ns}
        with self._noted():
            n_moved = self._session.n_changed(self._statements.move_head, log=old.origin, old_size=old.size, **values)
        if n_moved != 1:
            message = f"the head of log {old.origin!r} moved from {old.size} under its lock; verify the log"
            raise LogError(message)


def _account_rows(changes: Changes) -> list[tuple[Any, ...]]:
    return [(*change.row, seal("accounts", tuple(change.row))) for change in changes.accounts.values()]


def _sealed(table: str, rows: Mapping[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    stored = [tuple(value.value if value.__class__ is OrderState else value for value in row) for row in rows.values()]
    return [(*row, seal(table, row)) for row in stored]
