"""Processes that do a part of long work: spawned, one thread each, and gone when their parent is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from governance.environment import single_threaded

NICENESS = 5


@contextmanager
def worker_pool(n_workers: int, begin: Callable[..., None], *given: Any) -> Iterator[ProcessPoolExecutor]:  # noqa: ANN401  # whatever the work needs
    """Spawned processes for as long as the block lasts; work that nobody began is dropped with it.

    Args:
        n_workers: how many.
        begin: called in each before its first work; it calls `begun_worker` first.
        given: what it is called with.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n_workers, mp_context=context, initializer=begin, initargs=given)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def begun_worker() -> None:
    """Settle this process as a worker of its parent: modest, of one thread, and not left behind."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its workers
    os.nice(NICENESS)
    single_threaded()


def _end_with_parent() -> None:
    """A parent that was killed tells nobody, and its workers would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
