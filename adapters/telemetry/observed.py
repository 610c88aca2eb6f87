"""A log store that times its appends: how long each waited for the lock, ran its pieces and committed.

Everything is measured a batch at a time, so that the cost to one order is a fraction of a microsecond.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from adapters.telemetry.metrics import OrderTimes
from governance.ports import LogReader, LogStore, SavepointTransaction


class ObservedStore:
    """A `governance.ports.LogStore` that reports every append to the metrics and leaves the rest as it is."""

    def __init__(self, store: LogStore, times: OrderTimes) -> None:
        self._store = store
        self._times = times

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._store.origin

    @contextmanager
    def transaction(self) -> Iterator[SavepointTransaction]:
        """An append, timed."""
        asked_at = began_at = ran_at = time.perf_counter()
        n_entries, is_durable = 0, False
        try:
            with self._store.transaction() as transaction:
                began_at, old_size = time.perf_counter(), transaction.size
                yield transaction
                ran_at, n_entries = time.perf_counter(), transaction.size - old_size
            is_durable = True
        finally:
            if is_durable:
                now = time.perf_counter()
                self._times.committed(n_entries, began_at - asked_at, ran_at - began_at, now - ran_at)
            else:
                self._times.failed()

    def reader(self) -> AbstractContextManager[LogReader]:
        """A consistent view."""
        return self._store.reader()
