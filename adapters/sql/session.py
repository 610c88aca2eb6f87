"""Statements over the driver's own cursor: compiled by SQLAlchemy once, their parameters by position.

An append of a few orders is a dozen small statements. Built and run one by one through SQLAlchemy they cost
milliseconds of processor time, many times what the database takes for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.sql.elements import ClauseElement

from adapters.sql.dialect import driver_translated

MAX_GROWN = 64
"""Most keys of one statement."""


class Prepared(NamedTuple):
    """A statement as a driver takes it.

    Attributes:
        sql: its text in the dialect's words.
        names: its parameters in the order of their places.
    """

    sql: str
    names: tuple[str, ...]


class Grown:
    """A statement that looks up any number of keys, made for one number of them at a time and kept."""

    def __init__(self, made: Callable[[int], Prepared]) -> None:
        self._made = made
        self._known: dict[int, str] = {}

    def sql(self, n_keys: int) -> str:
        """Its text for a number of keys."""
        found = self._known.get(n_keys)
        if found is None:
            found = self._known[n_keys] = self._made(n_keys).sql
        return found


def prepared(statement: ClauseElement, dialect: Dialect, columns: Sequence[str] | None = None) -> Prepared:
    """A statement for a dialect whose driver takes parameters by position; `columns` are those of an INSERT."""
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    return Prepared(str(compiled), tuple(compiled.positiontup or ()))  # type: ignore[attr-defined]  # of SQLCompiler


class Session:
    """One transaction over a connection of the driver; every error leaves it as one of ours."""

    def __init__(self, connection: Any, dialect: Dialect, place: str) -> None:  # noqa: ANN401  # DBAPI has no types
        self._connection = connection
        self._cursor = connection.cursor()
        self._errors = dialect.loaded_dbapi.Error
        self._place = place

    def begin(self, statement: str | None) -> None:
        """Begin as the database needs it; a driver that begins by itself needs nothing."""
        if statement is not None:
            with self._translated():
                self._cursor.execute(statement)

    def commit(self) -> None:
        """Commit, durably. When the answer is lost on its way, the error says that the outcome is unknown."""
        with driver_translated(self._place, self._errors, is_commit=True):
            self._connection.commit()

    def rows(self, statement: Prepared, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # any column's value
        """All that is selected; fetched here, since a driver may find a row unreadable only then."""
        try:
            self._cursor.execute(statement.sql, [values[name] for name in statement.names])
            found: list[tuple[Any, ...]] = self._cursor.fetchall()
        except self._errors:
            with self._translated():
                raise
        return found

    def n_changed(self, statement: Prepared, **values: Any) -> int:  # noqa: ANN401  # any column's value
        """Execute an UPDATE; how many rows it met."""
        with self._translated():
            self._cursor.execute(statement.sql, [values[name] for name in statement.names])
        n_rows: int = self._cursor.rowcount
        return n_rows

    def insert(self, statement: Prepared, rows: Sequence[tuple[Any, ...]]) -> None:
        """Execute an INSERT of all columns of its table with many rows, each in the order of the columns.

        Row by row: one statement of many rows took twice the processor time, measured on batches of twenty orders.
        """
        with self._translated():
            self._cursor.executemany(statement.sql, rows)

    def found(self, statement: Grown, keys: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """All rows that are selected by some keys; the last key is repeated up to the next power of two of them."""
        found: list[tuple[Any, ...]] = []
        try:
            for at in range(0, len(keys), MAX_GROWN):
                some = keys[at : at + MAX_GROWN]
                n_keys = 1 << (len(some) - 1).bit_length()
                values = [*chain.from_iterable(some), *(list(some[-1]) * (n_keys - len(some)))]
                self._cursor.execute(statement.sql(n_keys), values)
                found += self._cursor.fetchall()
        except self._errors:
            with self._translated():
                raise
        return found

    def _translated(self) -> AbstractContextManager[None]:
        return driver_translated(self._place, self._errors)
