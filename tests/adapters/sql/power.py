"""A disk that loses power: an apsw VFS that knows which writes were synced, and a DBAPI over it for SQLAlchemy.

Writes go to the real file, so that the log runs as ever, and are noted beside it. `Disk.after_power_loss` gives
the files as a machine could find them when it starts again: all that was synced, and of what was not, nothing or
any part (sectors of 512 bytes reach a disk in any order).
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import apsw
import apsw.ext

_SECTOR_BYTES = 512
_ERROR_NAMES = {
    "FullError": "SQLITE_FULL",
    "IOError": "SQLITE_IOERR",
    "ReadOnlyError": "SQLITE_READONLY",
    "BusyError": "SQLITE_BUSY",
}


class _Image:
    """One file: what is on the platter, and the writes that are not yet."""

    def __init__(self) -> None:
        self.durable = bytearray()
        self.pending: list[tuple[int, bytes | None]] = []

    def sync(self) -> None:
        for write in self.pending:
            _apply(self.durable, *write)
        self.pending.clear()

    def survivor(self, rng: random.Random | None) -> bytes:
        found = bytearray(self.durable)
        for offset, data in self.pending if rng else ():
            if data is None:
                _apply(found, offset, None)
                continue
            for at in range(0, len(data), _SECTOR_BYTES):
                if rng and rng.random() < 0.5:
                    _apply(found, offset + at, data[at : at + _SECTOR_BYTES])
        return bytes(found)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk:
    """The files of one VFS, and a hook that is told of every write and sync before it counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.images: dict[str, _Image] = {}
        self.n_steps = 0
        self.on_step: Callable[[int], None] = lambda _n_steps: None
        self._vfs = _Vfs(self)

    def step(self) -> None:
        self.n_steps += 1
        self.on_step(self.n_steps)

    def after_power_loss(self, rng: random.Random | None = None) -> dict[str, bytes]:
        """The files by name; without `rng` nothing unsynced survives, with it any part does."""
        return {Path(path).name: image.survivor(rng) for path, image in self.images.items()}

    def connections(self, path: Path) -> Callable[[], Connection]:
        """What makes connections to a database on this disk."""
        return lambda: Connection(apsw.Connection(str(path), vfs=self.name))


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802  # apsw's name
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001  # apsw's signature
        self._disk.images.pop(filename, None)
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._disk = disk
        self._image = disk.images.setdefault(path, _Image())

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # apsw's name
        self._disk.step()
        self._image.pending.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # apsw's name
        self._image.pending.append((newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802  # apsw's name
        self._disk.step()
        self._image.sync()
        super().xSync(flags)


class Connection:
    """An apsw connection as SQLAlchemy's SQLite dialect uses one."""

    isolation_level = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._descriptions: dict[str, Any] = {}

    def create_function(self, name: str, n_arguments: int, function: Any, *, deterministic: bool = False) -> None:
        self._connection.create_scalar_function(name, function, n_arguments, deterministic=deterministic)

    def cursor(self) -> Cursor:
        return Cursor(self._connection, self._descriptions)

    def execute(self, statement: str) -> Cursor:
        return self.cursor().execute(statement)

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _end(self, statement: str) -> None:
        if self._connection.in_transaction:
            self.execute(statement)


class Cursor:
    """A cursor that fetches everything at once."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection, descriptions: dict[str, Any]) -> None:
        self._connection = connection
        self._descriptions = descriptions
        self._rows: list[Any] = []
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self._run(statement, lambda cursor: list(cursor.execute(statement, tuple(parameters))))

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Cursor:
        return self._run(statement, lambda cursor: list(cursor.executemany(statement, parameters)))

    def fetchone(self) -> Any | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []

    def _run(self, statement: str, rows: Callable[[apsw.Cursor], list[Any]]) -> Cursor:
        try:
            self.description = self._described(statement)
            self._rows = rows(self._connection.cursor())
        except apsw.Error as error:
            raise _translated(error) from error
        self.rowcount = self._connection.changes()
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def _described(self, statement: str) -> Any:
        if statement not in self._descriptions:
            found = apsw.ext.query_info(self._connection, statement).description
            self._descriptions[statement] = [(name, *[None] * 6) for name, _ in found] or None
        return self._descriptions[statement]


def _translated(error: apsw.Error) -> sqlite3.Error:
    translated = sqlite3.OperationalError(str(error))
    translated.sqlite_errorname = _ERROR_NAMES.get(type(error).__name__, "")
    return translated
