"""Who fits: this process, or several spawned ones. What comes out does not depend on which.

A worker process is spawned with the samples and keeps them; each piece of work is a recorded fit. One thread each: the
trainers are told so, and the libraries under them are held to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol, TypeVar

from adapters.models.drawing import named
from adapters.models.trainers import trainer
from adapters.worker_process import begun_worker, worker_pool
from dataflows.research.fitting import StudyData, final_model, fit_result, importances
from dataflows.research.ports import Trainer
from dataflows.research.samples import Kind
from dataflows.research.trials import Fit, FitResult
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import EdgeError

_T = TypeVar("_T")


class StudyFitters(Protocol):
    """What a study asks of those who fit."""

    def submit(self, fit: Fit) -> Future[FitResult]:
        """A fit on its way."""
        ...

    def importances(self, fit: Fit) -> Future[Array]:
        """By how much the loss grows without each feature, on the samples that the fit's fold tests."""
        ...

    def artefact(self, fit: Fit) -> Future[bytes]:
        """The model of a fit, exported."""
        ...


class Here:
    """Fits in this process, at once."""

    def __init__(self, data: StudyData) -> None:
        self._bench = _Bench(data)

    def submit(self, fit: Fit) -> Future[FitResult]:
        """A fit, done."""
        return _done(self._bench.result, fit)

    def importances(self, fit: Fit) -> Future[Array]:
        """Its importances, known."""
        return _done(self._bench.importances, fit)

    def artefact(self, fit: Fit) -> Future[bytes]:
        """Its model, exported."""
        return _done(self._bench.artefact, fit)


class Spawned:
    """Fits in spawned processes."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(self, fit: Fit) -> Future[FitResult]:
        """A fit on its way."""
        return self._sent(_fitted, fit)

    def importances(self, fit: Fit) -> Future[Array]:
        """Its importances, on their way."""
        return self._sent(_examined, fit)

    def artefact(self, fit: Fit) -> Future[bytes]:
        """Its model, on its way."""
        return self._sent(_exported, fit)

    def _sent(self, work: Callable[[Fit], _T], fit: Fit) -> Future[_T]:
        try:
            return self._pool.submit(work, fit)
        except BrokenProcessPool as error:
            raise worker_died(error) from error


def worker_died(error: Exception) -> EdgeError:
    """What is said when a worker process ends in the middle of its work."""
    message = f"a process that fits models ended: {error}; free memory, then resume the job: what was fitted is kept"
    return EdgeError(message)


@contextmanager
def fitters(data: StudyData, n_workers: int) -> Iterator[StudyFitters]:
    """Those who fit, for as long as the block lasts. Raises EdgeError when one of them dies.

    Args:
        data: samples and folds.
        n_workers: processes; with 1 the work is done in this one.
    """
    if n_workers == 1:
        yield Here(data)
        return
    try:
        with worker_pool(n_workers, _begin, data) as pool:
            yield Spawned(pool)
    except BrokenProcessPool as error:
        raise worker_died(error) from error


class _Bench:
    """The samples, and the trainers that were asked for."""

    def __init__(self, data: StudyData) -> None:
        self._data = data
        self._trainers: Mapping[str, Trainer] = _Trainers(data.samples.kind)

    def result(self, fit: Fit) -> FitResult:
        return fit_result(self._data, self._trainers, fit)

    def importances(self, fit: Fit) -> Array:
        return importances(self._data, self._trainers, fit)

    def artefact(self, fit: Fit) -> bytes:
        return named(final_model(self._data, self._trainers, fit).onnx(), self._data.samples.names)


class _Trainers(dict[str, Trainer]):
    """Trainers by name, each made when it is first asked for."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind

    def __missing__(self, name: str) -> Trainer:
        self[name] = trainer(name, self._kind)
        return self[name]


_benches: list[_Bench] = []
"""The one of a worker process."""


def _begin(data: StudyData) -> None:
    begun_worker()
    _benches[:] = [_Bench(data)]


def _fitted(fit: Fit) -> FitResult:
    return _benches[0].result(fit)


def _examined(fit: Fit) -> Array:
    return _benches[0].importances(fit)


def _exported(fit: Fit) -> bytes:
    return _benches[0].artefact(fit)


def _done(work: Callable[[Fit], _T], fit: Fit) -> Future[_T]:
    future: Future[_T] = Future()
    future.set_result(work(fit))
    return future
