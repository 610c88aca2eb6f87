"""Threads in which upstreams are asked: so many at most, and none that keeps the process from ending.

The standard library's pool joins its threads when the interpreter ends. One that waits for an upstream which never
answers would hold up a server that was told to end, until somebody kills it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from governance.waiting import Attempt

_T = TypeVar("_T")


class DaemonThreads:
    """A pool of daemon threads, started as they are needed.

    Args:
        count: how many there are at most.
        name: what they are called.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count, self._name = count, name
        self._asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._n_threads = self._n_free = 0
        self._is_closed = False

    def submit(self, work: Callable[[], _T]) -> Future[_T]:
        """Have work done, when a thread is free. After the close it is cancelled at once."""
        future: Future[_T] = Future()
        with self._lock:
            if self._is_closed:
                future.cancel()
                future.set_running_or_notify_cancel()
                return future
            self._asked.put((future, work))
            if self._n_free > 0:
                self._n_free -= 1
            elif self._n_threads < self._count:
                self._n_threads += 1
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        return future

    def close(self) -> None:
        """Let the threads end when they are done with what they do."""
        with self._lock:
            self._is_closed = True
            for _ in range(self._n_threads):
                self._asked.put(None)

    def _serve(self) -> None:
        while (asked := self._asked.get()) is not None:
            future, work = asked
            if future.set_running_or_notify_cancel():
                self._done(future, work)
            del asked, future, work  # an answer is not to be kept by the thread that brought it

    def _done(self, future: Future[Any], work: Callable[[], Any]) -> None:
        attempt = Attempt()
        with attempt:
            result = work()
        with self._lock:
            self._n_free += 1
        if attempt.error is None:
            future.set_result(result)
        else:
            future.set_exception(attempt.error)
