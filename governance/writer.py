"""The group-commit writer: one thread that runs everybody's appends, many to a commit.

    submit    work joins a bounded queue; when it stays full the work is refused (EdgeError), never lost
    take      the thread takes all that waits
    run       each piece in turn, in a savepoint of one transaction, so that it sees what those before it did
    commit    one durable commit for all of them
    answer    only then do the futures resolve: acknowledged means durable

A piece of work that raises loses only itself. When the commit fails, every future of the batch raises: nothing
of it was acknowledged, and nothing of it stays.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from governance.ports import LogStore, SavepointTransaction
from nodes.vocabulary.errors import EdgeError

MAX_WAITING = 4096
MAX_BATCH = 1024
PATIENCE_S = 10.0
_T = TypeVar("_T")


class _Attempt:
    """A block whose exception is kept for the one it belongs to, instead of ending the writer's thread."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        self.error = error
        return True


class _Item(Generic[_T]):
    """A piece of work and where its outcome goes."""

    __slots__ = ("_error", "_result", "future", "work")

    def __init__(self, work: Callable[[SavepointTransaction], _T]) -> None:
        self.work = work
        self.future: Future[_T] = Future()
        self._error: BaseException | None = None

    def run(self, transaction: SavepointTransaction) -> None:
        attempt = _Attempt()
        with attempt, transaction.savepoint():
            self._result = self.work(transaction)
        self._error = attempt.error

    def resolve(self, commit_error: BaseException | None) -> None:
        error = commit_error or self._error
        if error is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(error)


class Writer:
    """The one writer of a log in this process. Use as a context manager, or close it."""

    def __init__(
        self,
        store: LogStore,
        *,
        max_waiting: int = MAX_WAITING,
        max_batch: int = MAX_BATCH,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._max_waiting = max_waiting
        self._max_batch = max_batch
        self._patience_s = patience_s
        self._waiting: deque[_Item[Any]] = deque()
        lock = threading.Lock()
        self._has_work = threading.Condition(lock)
        self._has_room = threading.Condition(lock)
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name=f"writer of log {store.origin}", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[SavepointTransaction], _T]) -> Future[_T]:
        """Queue a piece of work; its future resolves after the commit that holds it.

        Waits while the queue is full, up to `patience_s`. Raises EdgeError when it stays full or the writer is
        closed; the work has then not run and will not.
        """
        item = _Item(work)
        with self._has_room:
            has_room = self._has_room.wait_for(self._is_open_to_more, self._patience_s)
            if self._is_closed:
                message = f"writer of log {self._store.origin!r} is closed; open the log again"
                raise EdgeError(message)
            if not has_room:
                message = (
                    f"{len(self._waiting)} appends wait for log {self._store.origin!r} and none got through in "
                    f"{self._patience_s} s; slow down, and look at the disk"
                )
                raise EdgeError(message)
            self._waiting.append(item)
            self._has_work.notify()
        return item.future

    def close(self) -> None:
        """Take no more work, finish what waits, and end the thread."""
        with self._has_work:
            self._is_closed = True
            self._has_work.notify_all()
            self._has_room.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _is_open_to_more(self) -> bool:
        return self._is_closed or len(self._waiting) < self._max_waiting

    def _serve(self) -> None:
        while batch := self._batch():
            self._commit([item for item in batch if item.future.set_running_or_notify_cancel()])

    def _batch(self) -> list[_Item[Any]]:
        """All that waits, up to the largest batch; empty once the writer is closed and nothing waits."""
        with self._has_work:
            self._has_work.wait_for(lambda: self._waiting or self._is_closed)
            n_items = min(len(self._waiting), self._max_batch)
            batch = [self._waiting.popleft() for _ in range(n_items)]
            self._has_room.notify(n_items)
        return batch

    def _commit(self, batch: list[_Item[Any]]) -> None:
        attempt = _Attempt()
        with attempt, self._store.transaction() as transaction:
            for item in batch:
                item.run(transaction)
        for item in batch:
            item.resolve(attempt.error)
