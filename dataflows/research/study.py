"""Running a study: searches inside every fold, each fed with its own losses alone, fits wherever there is room.

A search and its fits are a stream; streams share nothing, so that what a study comes to does not depend on how many
work on it or in which order they finish. What was fitted before a crash is not fitted again: the search proposes the
same after the same losses, and the result is found under the fit's key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TypeAlias

from dataflows.research.design import ModelDesign, StudyDesign
from dataflows.research.fitting import StudyData
from dataflows.research.trials import (
    Fit,
    FitResult,
    Fitters,
    KeptFits,
    RecordedTrial,
    Search,
    Searches,
    chance_seed,
)

Told: TypeAlias = Callable[[int, int], None]
"""Is told how many fits are done and how many there are; what it raises ends the study."""


@dataclass(frozen=True)
class StudyWork:
    """What a study is run with.

    Attributes:
        design: of the study.
        data: samples and folds.
        trials: every trial, recorded.
        searches: makes the searches.
        fitters: fit.
        kept: results of fits, of this run and of one that was interrupted.
    """

    design: StudyDesign
    data: StudyData
    trials: Sequence[RecordedTrial]
    searches: Searches
    fitters: Fitters
    kept: KeptFits


@dataclass(frozen=True)
class DoneFit:
    """A fit and what it came to."""

    fit: Fit
    result: FitResult


@dataclass
class _Stream:
    """One search in one fold."""

    model: ModelDesign
    fold: int
    seed: int
    search: Search
    trials: list[RecordedTrial]
    done: list[DoneFit] = field(default_factory=list)

    def next_fit(self) -> Fit | None:
        if len(self.done) == len(self.trials):
            return None
        trial = self.trials[len(self.done)]
        return Fit(trial, self.fold, self.search.proposed(), chance_seed(self.seed, trial.place))

    def took(self, fit: Fit, result: FitResult) -> None:
        self.search.told(result.loss)
        self.done.append(DoneFit(fit, result))


def done_fits(work: StudyWork, told: Told) -> tuple[DoneFit, ...]:
    """Every fit of a study: by fold, then by model and trial."""
    streams = _streams(work)
    total = sum(len(stream.trials) for stream in streams)
    under_way: dict[Future[FitResult], tuple[_Stream, Fit]] = {}
    try:
        for stream in streams:
            _go_on(work, stream, under_way)
        told(_n_done(streams), total)
        while under_way:
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                stream, fit = under_way.pop(future)
                result = future.result()
                work.kept.keep(fit.key, result)
                stream.took(fit, result)
                told(_n_done(streams), total)
                _go_on(work, stream, under_way)
    finally:
        for future in under_way:
            future.cancel()
    return tuple(each for stream in streams for each in stream.done)


def _streams(work: StudyWork) -> list[_Stream]:
    found = []
    for fold in range(len(work.data.splits)):
        for place, model in enumerate(work.design.models):
            seed = chance_seed(work.design.seed, fold, place)
            search = work.searches(model, work.design.n_trials, seed)
            trials = [trial for trial in work.trials if trial.model == model.name]
            found.append(_Stream(model, fold, seed, search, trials))
    return found


def _go_on(work: StudyWork, stream: _Stream, under_way: dict[Future[FitResult], tuple[_Stream, Fit]]) -> None:
    """Take what is kept, then submit the first fit that is not."""
    while (fit := stream.next_fit()) is not None:
        known = work.kept.found(fit.key)
        if known is None:
            under_way[work.fitters.submit(fit)] = (stream, fit)
            return
        stream.took(fit, known)


def _n_done(streams: Sequence[_Stream]) -> int:
    return sum(len(stream.done) for stream in streams)
