"""Turns between processes that append to one SQLite file.

SQLite waits for its write lock by sleeping and trying again, up to a tenth of a second at a time, and whoever tries
at the right moment gets it: a busy process can keep another out for seconds. So processes first take turns at two
locks of the operating system, each a file of its own. The one that holds the door is next and waits for the turn;
whoever had the turn and wants it again has to pass the door, so nobody is overtaken twice by the same process. The
locks end with the process that held them, however it ended.

The database's own lock still decides: a program that does not know of these files is waited for as ever.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from nodes.vocabulary.errors import EdgeError

Turns = Callable[[], AbstractContextManager[None]]
"""What makes a block that is entered in turn."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.0001, 0.001


class FileTurns:
    """Turns among all that name the same file, in this process and in others; one thread at a time may call it."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._door = _FileLock(path.with_name(f"{path.name}-door"), patience_s)
        self._turn = _FileLock(path.with_name(f"{path.name}-turn"), patience_s)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for the turn, up to the patience, and hold it for the block; raises EdgeError when it does not come."""
        self._door.take()
        try:
            self._turn.take()
        finally:
            self._door.give()
        try:
            yield
        finally:
            self._turn.give()


class _FileLock:
    """A lock that the operating system keeps for an open file; the file is made on first use and stays empty."""

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path = path
        self._patience_s = patience_s
        self._descriptor: int | None = None

    def take(self) -> None:
        """Wait for the lock: try again and again, since a wait in the kernel could not be ended."""
        until_s, wait_s = time.monotonic() + self._patience_s, _FIRST_WAIT_S
        while not self._is_taken():
            if time.monotonic() > until_s:
                message = f"{self._path}: another process has held the log all the while; wait for it or end it"
                raise EdgeError(message, reason="log-unavailable")
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def give(self) -> None:
        """Let the lock go."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _is_taken(self) -> bool:
        try:
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            message = f"{self._path}: {error.strerror}; make its folder and give this user write access to it"
            raise EdgeError(message, reason="log-unavailable") from error
        return True

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
