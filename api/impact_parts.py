"""Joins impacts with the world: the log of a home, processes that judge it, the lake, a log for the path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

import numpy as np

from adapters.worker_process import begun_worker, worker_pool
from api.bootstrap import chosen_lake, open_desk
from api.log_parts import log_to_read
from api.settings import Settings
from api.use_cases.desk import RESEARCH
from api.use_cases.impact_jobs import ImpactWork, Judges, chunk_bytes
from api.use_cases.impact_path import compared_books, recorded_book
from api.use_cases.jobs import JobDesk
from api.use_cases.main_job import sessions_run
from api.use_cases.policies import Candidate, candidate
from api.use_cases.risk_book import history
from governance.impact import ImpactJudge
from governance.impact_report import LaterReturn, PathImpact
from governance.ports import LogReader, LogStore
from nodes.vocabulary.errors import EdgeError

FOLDER = "impacts"
_POLICY = "policy.yaml"
_FEW_CHUNKS = 4
"""Fewer are judged sooner here than processes begin."""
_PLACES = 8


def impact_work(settings: Settings, n_workers: int | None = None) -> ImpactWork:
    """What does impact jobs on the log of a home.

    Args:
        settings: of the home.
        n_workers: processes; by default as many as there are cores.
    """
    n_processes = n_workers or os.cpu_count() or 1
    return ImpactWork(
        store=partial(_store, settings),
        judges=partial(_judges, settings, n_processes),
        later=partial(later_returns, settings),
        path=partial(_path, settings),
    )


@contextmanager
def _store(settings: Settings) -> Iterator[LogStore]:
    with log_to_read(settings) as folder:
        yield folder.store


@contextmanager
def _judges(settings: Settings, n_workers: int, tested: Candidate, n_chunks: int) -> Iterator[Judges]:
    """Judges in this process, or in several. Raises EdgeError when one of them dies."""
    if n_workers == 1 or n_chunks < _FEW_CHUNKS:
        with _store(settings) as store:
            yield _Here(store, ImpactJudge(tested.generation))
        return
    try:
        with worker_pool(min(n_workers, n_chunks), _begin, settings, tested.text, tested.parsed.file) as pool:
            yield _Spawned(lambda number, places: pool.submit(_judged, number, places))
    except BrokenProcessPool as error:
        message = (
            f"a process that judges decisions ended: {error}; free memory, then run it again: what is done is kept"
        )
        raise EdgeError(message) from error


@dataclass(frozen=True)
class _Here:
    """Judges in this process."""

    store: LogStore
    judge: ImpactJudge

    def chunks(self, places: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[tuple[int, bytes]]:
        with self.store.reader() as reader:
            for number, each in places:
                yield number, chunk_bytes(self.judge.chunk(reader, each))


@dataclass(frozen=True)
class _Spawned:
    """Judges in processes."""

    submit: Callable[[int, tuple[int, ...]], Future[tuple[int, bytes]]]

    def chunks(self, places: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[tuple[int, bytes]]:
        for done in as_completed([self.submit(number, each) for number, each in places]):
            yield done.result()


_benches: list[tuple[LogStore, ImpactJudge]] = []
"""The one of a worker process."""
_open = ExitStack()
"""What a worker process keeps open until it ends."""


def _begin(settings: Settings, text: bytes, file: str) -> None:
    begun_worker()
    _benches[:] = [(_open.enter_context(_store(settings)), ImpactJudge(candidate(text, file).generation))]


def _judged(number: int, places: tuple[int, ...]) -> tuple[int, bytes]:
    store, judge = _benches[0]
    with store.reader() as reader:
        return number, chunk_bytes(judge.chunk(reader, places))


def later_returns(settings: Settings, horizon_sessions: int) -> LaterReturn:
    """What each share of the lake returned over so many sessions after one; None where a bar of them is missing."""
    known = history(chosen_lake(settings))
    grown = np.cumprod(1.0 + np.nan_to_num(known.returns), axis=0)
    n_missing = np.cumsum(np.isnan(known.returns), axis=0)

    def later(symbol: str, session_on: date) -> Decimal | None:
        column, row = known.places.get(symbol), known.row(session_on)
        if column is None or row is None or row + horizon_sessions >= len(known.days):
            return None
        end = row + horizon_sessions
        if n_missing[end, column] > n_missing[row, column]:
            return None
        return Decimal(repr(round(float(grown[end, column] / grown[row, column]) - 1.0, _PLACES)))

    return later


def _path(
    settings: Settings, desk: JobDesk, tested: Candidate, reader: LogReader, until: date | None, /
) -> PathImpact | None:
    """The book under a candidate, in a log that stays; one that was begun before goes on where it stopped."""
    before = recorded_book(reader, until)
    if before is None:
        return None
    days = tuple(before.equities)
    home = settings.home / FOLDER / desk.job.job_id
    home.mkdir(parents=True, exist_ok=True)
    file = home / _POLICY
    file.write_bytes(tested.text)
    origin = f"{RESEARCH}impact-{desk.job.job_id}"
    own = replace(
        settings,
        home=home,
        origin=origin,
        database_url=None,
        account_id=before.account_id,
        opening_cash_usd=before.equities[days[0]],
    )
    with open_desk(own, file) as opened:
        sessions_run(opened.desk, opened.desk.lake.sessions(days[0], days[-1]), desk.progress)
        opened.folder.checkpoint()
        with opened.folder.store.reader() as after_reader:
            after = recorded_book(after_reader)
    return None if after is None else compared_books(origin, opened.desk.assumptions.digest, before, after)
