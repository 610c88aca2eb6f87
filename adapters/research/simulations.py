"""Simulations in several processes: how often something is found in numbered repetitions, which workers share.

A repetition follows from its number alone, so the counts do not depend on how many workers there are. What was counted
is kept in a file when one is named: a simulation that was stopped goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from governance.environment import single_threaded
from governance.findings import Progress
from nodes.vocabulary.errors import EdgeError

CHUNK = 20
"""Repetitions that a worker takes at a time."""
Findings = Callable[[int], tuple[bool, ...]]


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chunk that was counted: a line of the file.

    Attributes:
        of: what was simulated.
        begun: number of the first repetition.
        ended: number after the last.
        counts: how often each finding was made.
    """

    of: str
    begun: int
    ended: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Simulation:
    """What is simulated.

    Attributes:
        name: all of it in words: lines of a file that say another name are not counted.
        found: the findings of a repetition; a function that another process can import.
        n_repetitions: how many.
    """

    name: str
    found: Findings
    n_repetitions: int


def counts(simulation: Simulation, n_workers: int, told: Progress, kept: Path | None = None) -> tuple[int, ...]:
    """How often each finding is made in repetitions 0 to n - 1.

    Args:
        simulation: of what.
        n_workers: processes; with 1 the work is done in this one.
        told: told how far it is.
        kept: the file of what was counted before; it is added to.

    Raises:
        EdgeError: a worker died, or the file cannot be read or written.
    """
    total = simulation.n_repetitions
    chunks = [(begun, min(begun + CHUNK, total)) for begun in range(0, total, CHUNK)]
    done = {(each.begun, each.ended): each.counts for each in _read(kept) if each.of == simulation.name}
    done = {chunk: done[chunk] for chunk in chunks if chunk in done}
    for chunk, found in _worked(simulation, [chunk for chunk in chunks if chunk not in done], n_workers):
        done[chunk] = found
        _keep(kept, Counted(simulation.name, *chunk, found))
        told("repetitions", sum(ended - begun for begun, ended in done), total)
    return tuple(sum(column) for column in zip(*done.values(), strict=True))


def _worked(
    simulation: Simulation, chunks: list[tuple[int, int]], n_workers: int
) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    """The chunks, as they are done."""
    work = partial(_chunk_counts, simulation.found)
    if n_workers == 1:
        yield from ((chunk, work(chunk)) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(n_workers, multiprocessing.get_context("spawn"), _begin)
    try:
        sent = {pool.submit(work, chunk): chunk for chunk in chunks}
        yield from ((sent[done], done.result()) for done in as_completed(sent))
    except BrokenProcessPool as error:
        raise EdgeError(f"a process that simulates ended: {error}; free memory, then run it again") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its workers
    single_threaded()


def _chunk_counts(found: Findings, chunk: tuple[int, int]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*(found(index) for index in range(*chunk)), strict=True))


def _read(kept: Path | None) -> Iterable[Counted]:
    if kept is None or not kept.exists():
        return []
    try:
        return [msgspec.json.decode(line, type=Counted) for line in kept.read_bytes().splitlines()]
    except (OSError, msgspec.MsgspecError) as error:
        raise EdgeError(f"cannot read what {kept} has counted: {error}; name another file") from error


def _keep(kept: Path | None, counted: Counted) -> None:
    """Whole lines only: a line that was cut off by a crash would be a fault at the next start."""
    if kept is None:
        return
    try:
        with kept.open("ab") as file:
            file.write(msgspec.json.encode(counted) + b"\n")
    except OSError as error:
        raise EdgeError(f"cannot keep counts in {kept}: {error.strerror}; name a file that can be written") from error
