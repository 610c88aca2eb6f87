"""A log store that times its appends, and remembers how the last of them went.

Everything is measured a batch at a time, so that the cost to one order is a fraction of a microsecond. What the last
append came to is what is known of whether the log can be written: only an append can tell a full disk from a free one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from adapters.telemetry.metrics import OrderTimes
from governance.ports import LogReader, LogStore, SavepointTransaction

STUCK_S = 5.0
"""An append under way for longer than this waits for a lock or a disk that does not answer."""
FORGIVEN_S = 5.0
"""How long a failed append speaks against the log; after that the next one is let through to find out."""


class AppendWatch:
    """How the appends of this process go."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._failed_s: float | None = None

    def began(self) -> None:
        """An append is under way."""
        self._began_s = time.monotonic()

    def ended(self, *, is_durable: bool) -> None:
        """It became durable, or it did not."""
        self._began_s = None
        self._failed_s = None if is_durable else time.monotonic()

    @property
    def complaint(self) -> str:
        """What speaks against writing to the log now; "" when nothing does."""
        now_s, began_s, failed_s = time.monotonic(), self._began_s, self._failed_s
        if began_s is not None and now_s - began_s > STUCK_S:
            return f"an append has been waiting for the lock or the disk for {now_s - began_s:.0f} s"
        if failed_s is not None and now_s - failed_s < FORGIVEN_S:
            return f"the last append failed {now_s - failed_s:.1f} s ago; nothing of it was acknowledged"
        return ""


class ObservedStore:
    """A `governance.ports.LogStore` that reports every append and leaves the rest as it is.

    Args:
        store: the log.
        times: where appends are timed.
        watch: remembers how they go.
    """

    def __init__(self, store: LogStore, times: OrderTimes, watch: AppendWatch) -> None:
        self._store = store
        self._times = times
        self._watch = watch

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._store.origin

    @contextmanager
    def transaction(self) -> Iterator[SavepointTransaction]:
        """An append, timed."""
        asked_at = began_at = ran_at = time.perf_counter()
        n_entries, is_durable = 0, False
        self._watch.began()
        try:
            with self._store.transaction() as transaction:
                began_at, old_size = time.perf_counter(), transaction.size
                yield transaction
                ran_at, n_entries = time.perf_counter(), transaction.size - old_size
            is_durable = True
        finally:
            self._watch.ended(is_durable=is_durable)
            if is_durable:
                now = time.perf_counter()
                self._times.committed(n_entries, began_at - asked_at, ran_at - began_at, now - ran_at)
            else:
                self._times.failed()

    def reader(self) -> AbstractContextManager[LogReader]:
        """A consistent view."""
        return self._store.reader()
