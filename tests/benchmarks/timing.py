"""How long things take, side by side: contestants take turns, so that a busy moment of the machine hits them all."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Effort:
    """How much to measure.

    Attributes:
        n_rounds: how often each contestant has its turn.
        batch_s: how long a turn lasts, about.
    """

    n_rounds: int = 25
    batch_s: float = 0.02


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured, in words.
        measured: the figure with its unit.
        beside: what it is compared with, and that one's figure; "" when nothing.
        ratio: the comparison; "" when nothing.
        target: what DESIGN section 7 asks for; "" when nothing.
        is_met: whether the target is met; None without one.
    """

    what: str
    measured: str
    beside: str = ""
    ratio: str = ""
    target: str = ""
    is_met: bool | None = None


def side_by_side(contestants: Mapping[str, Callable[[], object]], effort: Effort) -> dict[str, float]:
    """Median microseconds of one call of each contestant."""
    calls = {name: _calls_in(work, effort.batch_s) for name, work in contestants.items()}
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(effort.n_rounds):
        for name, work in contestants.items():
            spent[name].append(_batch_us(work, calls[name]))
    return {name: statistics.median(times) for name, times in spent.items()}


def _calls_in(work: Callable[[], object], batch_s: float) -> int:
    """How many calls fill a batch; the calls made to find out warm the contestant up."""
    n_calls = 1
    while (took_us := _batch_us(work, n_calls) * n_calls) < batch_s * 1e6 / 4:
        n_calls *= 4
    return max(1, round(n_calls * batch_s * 1e6 / took_us))


def _batch_us(work: Callable[[], object], n_calls: int) -> float:
    """Microseconds of one call, over a batch."""
    from_ns = time.perf_counter_ns()
    for _ in range(n_calls):
        work()
    return (time.perf_counter_ns() - from_ns) / n_calls / 1000


def pace(effort: Effort) -> Row:
    """How fast the machine is now: the speed of shared machines moves, and every figure of a run moves with it."""
    spent_us = side_by_side({"loop": _loop}, effort)["loop"]
    return Row("pace of this machine: a Python loop of 10,000 additions", figure_us(spent_us))


def _loop() -> int:
    total = 0
    for number in range(10_000):
        total += number
    return total


def fdatasync_us(folder: Path, n_syncs: int) -> float:
    """Median microseconds of one fdatasync of this machine's disk after a write of 4 KiB."""
    spent = []
    handle = os.open(folder / "fdatasync", os.O_CREAT | os.O_WRONLY)
    try:
        for _ in range(n_syncs):
            os.write(handle, b"x" * 4096)
            from_ns = time.perf_counter_ns()
            os.fdatasync(handle)
            spent.append((time.perf_counter_ns() - from_ns) / 1000)
    finally:
        os.close(handle)
    return statistics.median(spent)


def figure_us(microseconds: float) -> str:
    """A duration with the unit that reads best."""
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.2f} s"
    if microseconds >= 1000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds:.2f} us" if microseconds < 10 else f"{microseconds:.1f} us"
