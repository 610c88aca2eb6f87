"""The group-commit writer: one thread that runs everybody's appends, many to a commit.

    submit    work joins a bounded queue; when it stays full the work is refused (EdgeError), never lost
    take      the thread takes all that waits; under load it lets a few more come first
    run       each piece in turn, in a savepoint of one transaction, so that it sees what those before it did
    commit    one durable commit for all of them
    answer    only then do the futures resolve: acknowledged means durable

A piece of work that raises loses only itself, and may be put back until what it lacks was made ready. When the commit
fails, every future of the batch raises: nothing of it was acknowledged, and nothing of it stays; the next batch is
tried as if nothing had happened. How outcomes reach their askers: `governance.waiting`.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Self, TypeVar

from governance.ports import LogStore
from governance.waiting import Attempt, Item, Loop, LoopFuture, LoopItem, Place, PutBack, ThreadItem, Work, deliver
from nodes.vocabulary.errors import EdgeError

MAX_WAITING = 4096
MAX_BATCH = 1024
PATIENCE_S = 10.0
FEW = 8
LINGER_S = 0.002
"""While several asked at once the last time, fewer than `FEW` wait so long for more to come: a commit costs about the
same for one as for many. Who asks alone does not wait."""
_NEVER = sys.maxsize
_T = TypeVar("_T")


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
        self._waiting: deque[Item] = deque()
        self._put_back: set[Item] = set()
        self._listeners: list[Callable[[int], None]] = []
        lock = threading.Lock()
        self._has_work = threading.Condition(lock)
        self._has_room = threading.Condition(lock)
        self._wakes_at = _NEVER
        self._n_last = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name=f"writer of log {store.origin}", daemon=True)
        self._thread.start()

    @property
    def n_waiting(self) -> int:
        """How many pieces of work wait, those that were put back included."""
        return len(self._waiting) + len(self._put_back)

    def submit(self, work: Work[_T], put_back: PutBack | None = None, place: Place | None = None) -> Future[_T]:
        """Queue a piece of work; its future resolves after the commit that holds it.

        Waits while the queue is full, up to `patience_s`; an event loop calls `submit_to` instead. When the work
        raises, `put_back` is asked what to wait for before it is run again; see `governance.waiting.PutBack`. What is
        kept under `place` is read for all the work of a commit at once.

        Raises:
            EdgeError: the queue stays full or the writer is closed; the work has then not run and will not.
        """
        item: ThreadItem[_T] = ThreadItem(work, put_back, place)
        with self._has_room:
            if not self._is_open_to_more():
                self._has_room.wait_for(self._is_open_to_more, self._patience_s)
            self._enqueue(item)
        return item.future

    def submit_to(
        self, loop: Loop, work: Work[_T], put_back: PutBack | None = None, place: Place | None = None
    ) -> LoopFuture[_T]:
        """Queue a piece of work from an event loop; its future resolves there after the commit that holds it.

        Never waits. The futures of one commit resolve together, by one call into the loop. A future that is cancelled
        before the work ran takes it out of the queue; after that it changes nothing.

        Raises:
            EdgeError: the queue is full or the writer is closed; the work has then not run and will not.
        """
        item: LoopItem[_T] = LoopItem(loop, work, put_back, place)
        with self._has_work:
            self._enqueue(item)
        return item.future

    def on_commit(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """Call a listener with the log's size after each commit of this writer that appended; returns what ends that.

        It is called in the writer's thread and must return at once. A listener that raises is not called again.
        Commits of other processes are not heard of.
        """
        with self._has_work:
            self._listeners = [*self._listeners, listener]
        return partial(self._forget, listener)

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

    def _enqueue(self, item: Item) -> None:
        if self._is_closed:
            message = f"writer of log {self._store.origin!r} is closed; open the log again"
            raise EdgeError(message, reason="draining")
        if len(self._waiting) >= self._max_waiting:
            message = (
                f"{len(self._waiting)} appends wait for log {self._store.origin!r}, at most {self._max_waiting} may; "
                "slow down, and look at the disk"
            )
            raise EdgeError(message, reason="queue-full")
        self._waiting.append(item)
        if len(self._waiting) >= self._wakes_at:
            self._has_work.notify()

    def _serve(self) -> None:
        while batch := self._batch():
            wanted = [item for item in batch if item.begin()]
            if wanted:
                self._commit(wanted)

    def _batch(self) -> list[Item]:
        """All that waits, up to the largest batch; empty once the writer is closed and nothing is to come."""
        with self._has_work:
            while not self._waiting and (self._put_back or not self._is_closed):
                self._wait(1)
            if self._n_last > 1 and len(self._waiting) < FEW and not self._is_closed:
                self._wait(FEW, LINGER_S)
            self._n_last = n_items = min(len(self._waiting), self._max_batch)
            batch = [self._waiting.popleft() for _ in range(n_items)]
            self._has_room.notify(n_items)
        return batch

    def _wait(self, n_items: int, most_s: float | None = None) -> None:
        """Wait, holding the condition, until so many pieces of work wait, or something else is to be looked at."""
        self._wakes_at = n_items
        self._has_work.wait(most_s)
        self._wakes_at = _NEVER

    def _commit(self, batch: Sequence[Item]) -> None:
        attempt, size_before, size = Attempt(), 0, 0
        with attempt, self._store.transaction() as transaction:
            size_before = transaction.size
            transaction.expect([item.place for item in batch if item.place is not None])
            for item in batch:
                item.run(transaction)
            size = transaction.size
        if attempt.error is not None:
            for item in batch:
                item.error = attempt.error
            deliver(batch)
            return
        deliver([item for item in batch if not self._was_put_back(item)])
        if size > size_before:
            self._tell(size)

    def _tell(self, size: int) -> None:
        for listener in self._listeners:
            attempt = Attempt()
            with attempt:
                listener(size)
            if attempt.error is not None:
                self._forget(listener)

    def _forget(self, listener: Callable[[int], None]) -> None:
        with self._has_work:
            self._listeners = [each for each in self._listeners if each is not listener]

    def _was_put_back(self, item: Item) -> bool:
        """Whether a piece of work that raised waits for what its submitter named, to be run again after that."""
        error = item.error
        if item.put_back is None or not isinstance(error, Exception):
            return False
        attempt, ready = Attempt(), None
        with attempt:
            ready = item.put_back(error)
        item.error = attempt.error or error
        if ready is None:
            return False
        with self._has_work:
            self._put_back.add(item)
        ready.add_done_callback(partial(self._again, item))
        return True

    def _again(self, item: Item, ready: Future[Any]) -> None:
        """What the work waited for is there: it goes first. When that failed, so did the work."""
        error = None if ready.cancelled() else ready.exception()
        with self._has_work:
            self._put_back.discard(item)
            if error is None:
                self._waiting.appendleft(item)
            self._has_work.notify()
        if error is not None:
            item.error = error
            deliver([item])
