"""Where log lines go: gathered in memory, written by a thread of their own, many to a system call.

A thread that serves requests only appends to a queue, so that a full pipe or a slow terminal never delays a
decision. The queue is bounded: lines beyond it are dropped and counted, because what happened is in the decision
log; these lines only help to read it.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

MAX_WAITING_LINES = 50_000
FLUSH_S = 0.1
"""How long a line may wait in memory."""


class LineSink:
    """Writes whole lines to a file descriptor, about ten times a second. Close it, or use it as a context manager."""

    def __init__(self, descriptor: int, *, max_waiting: int = MAX_WAITING_LINES, flush_s: float = FLUSH_S) -> None:
        self._descriptor = descriptor
        self._max_waiting = max_waiting
        self._flush_s = flush_s
        self._waiting: deque[bytes] = deque()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._n_dropped = 0
        self._fill: Callable[[], None] = _nothing
        self._thread = threading.Thread(target=self._serve, name="log lines", daemon=True)
        self._thread.start()

    @property
    def n_dropped(self) -> int:
        """How many lines found no room since the start."""
        return self._n_dropped

    def write(self, line: bytes) -> None:
        """Take a line without its newline; never waits."""
        if len(self._waiting) >= self._max_waiting:
            self._n_dropped += 1
            return
        self._waiting.append(line)

    def before_flush(self, fill: Callable[[], None]) -> None:
        """Have lines made only when they are about to be written: `fill` writes those that it has not made yet."""
        self._fill = fill

    def flush(self) -> None:
        """Write all that waits, in this thread."""
        with self._writing:
            self._fill()
            lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if lines:
                lines.append(b"")
                self._write(b"\n".join(lines))

    def close(self) -> None:
        """Write all that waits and end the thread."""
        self._closing.set()
        self._thread.join()
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closing.wait(self._flush_s):
            self.flush()

    def _write(self, data: bytes) -> None:
        """Write until all is out; a reader that has gone away loses its lines, the server goes on."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                self._n_dropped += bytes(rest).count(b"\n")
                return


def _nothing() -> None:
    """What there is to make before a flush unless something else is said."""
