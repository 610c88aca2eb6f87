"""Worker processes: modest, of one thread, and gone with their parent."""

from __future__ import annotations

import os
import signal
from concurrent.futures.process import BrokenProcessPool

import pytest

from adapters.worker_process import NICENESS, begun_worker, worker_pool

_given: list[int] = []


def _begin(number: int) -> None:
    begun_worker()
    _given[:] = [number]


def _settled(_place: int) -> tuple[int, int, bool]:
    ignores = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return _given[0], os.nice(0), ignores


def _ended(_place: int) -> None:
    os._exit(3)


@pytest.mark.slow
def test_a_worker_begins_settled_and_its_end_is_told() -> None:
    """ENG-06: who interrupts or loses a worker hears of it, and nothing is left behind."""
    nice = os.nice(0)
    with worker_pool(1, _begin, 7) as pool:
        assert pool.submit(_settled, 0).result() == (7, nice + NICENESS, True)
        with pytest.raises(BrokenProcessPool, match="terminated abruptly"):
            pool.submit(_ended, 0).result()
