"""A pool whose threads never keep a process from ending."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import CancelledError

import pytest

from adapters.upstreams.threads import DaemonThreads
from tests.architecture.code import ROOT

HANGS = """
import threading
from adapters.upstreams.threads import DaemonThreads
begun = threading.Event()
def hang():
    begun.set()
    threading.Event().wait()
DaemonThreads(1, "asking").submit(hang)
begun.wait()
print("ended")
"""


def test_work_is_done_by_so_many_threads_at_most_and_free_ones_are_used_again() -> None:
    threads, names, gate = DaemonThreads(2, "asking"), set[int](), threading.Event()

    def work() -> int:
        names.add(threading.get_ident())
        gate.wait(5)
        return 7

    futures = [threads.submit(work) for _ in range(5)]
    gate.set()
    assert [future.result(5) for future in futures] == [7] * 5
    futures = [threads.submit(work) for _ in range(5)]
    assert [future.result(5) for future in futures] == [7] * 5
    assert len(names) <= 2
    threads.close()


def test_what_work_raises_is_the_outcome() -> None:
    threads = DaemonThreads(1, "asking")
    with pytest.raises(ZeroDivisionError, match="division"):
        threads.submit(lambda: 1 // 0).result(5)
    assert threads.submit(lambda: 7).result(5) == 7
    threads.close()


class Answer:
    """Something that is large."""


def test_a_free_thread_keeps_no_answer() -> None:
    threads = DaemonThreads(1, "asking")
    answer = weakref.ref(threads.submit(Answer).result(5))
    until_s = time.monotonic() + 5
    while answer() is not None and time.monotonic() < until_s:
        time.sleep(0.001)
    assert answer() is None
    threads.close()


def test_after_the_close_nothing_is_begun() -> None:
    threads = DaemonThreads(1, "asking")
    threads.close()
    with pytest.raises(CancelledError, match=r"^$"):
        threads.submit(lambda: 7).result(5)


def test_a_process_ends_while_one_of_them_waits_for_ever() -> None:
    """A server that was told to end does not wait for a lake that hangs."""
    done = subprocess.run(  # noqa: S603  # this Python, this text
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=30, check=True, cwd=ROOT
    )
    assert done.stdout == "ended\n"
