"""Trials and the fits that they are made of: nothing is fitted in a study but what its ledger holds already.

A trial is one way to arrive at a model: the n-th proposal of the search over one kind of model. In each fold it is
fitted with what the search proposes there, which depends on that fold's training part alone. The ledger counts trials;
a `Fit` can only be made from a trial that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dataflows.research.design import ModelDesign, Range, StudyDesign
from dataflows.research.ports import Settings
from nodes.kernels.arrays import Array
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import DataError


class RecordedRow(Protocol):
    """A trial as the ledger holds it."""

    @property
    def number(self) -> int:
        """Its place in the ledger, from 1."""
        ...

    @property
    def trial_digest(self) -> bytes:
        """Its identity."""
        ...


class LedgerState(Protocol):
    """How a ledger stands."""

    @property
    def n_trials(self) -> int:
        """How many trials it holds."""
        ...


class Ledger(Protocol):
    """The trials of a family, of this study and of all before it."""

    def all_recorded(self, study: str, settings: Iterable[Mapping[str, Any]]) -> Sequence[RecordedRow]:
        """Trials written down durably; a trial that was written down before keeps its row."""
        ...

    @property
    def state(self) -> LedgerState:
        """How it stands."""
        ...


@dataclass(frozen=True)
class RecordedTrial:
    """A trial that the ledger holds: `recorded_trials` makes them.

    Attributes:
        model: kind of model.
        place: which proposal of the search, from 0.
        number: its number in the ledger.
        trial_digest: its identity there.
    """

    model: str
    place: int
    number: int
    trial_digest: bytes


@dataclass(frozen=True)
class Fit:
    """One trial in one fold.

    Attributes:
        trial: the recorded trial.
        fold: whose training part is learnt from; the number of folds for the whole of the samples.
        settings: hyper-parameters that the search proposed.
        seed: of all chance in it.
    """

    trial: RecordedTrial
    fold: int
    settings: Settings
    seed: int

    @property
    def key(self) -> bytes:
        """What its result is kept under: equal for equal work on equal samples."""
        content = {"fold": self.fold, "settings": dict(self.settings), "seed": self.seed}
        return digest("fit", self.trial.trial_digest, encode(content))


@dataclass(frozen=True, eq=False)
class FitResult:
    """What a fit came to.

    Attributes:
        loss: mean loss over the inner folds of the training part, by which settings are chosen.
        predictions: of the fold's tested samples, in their order.
        centre: mean of the training targets: their prior, for classes.
        spread: standard deviation of the training targets.
    """

    loss: float
    predictions: Array
    centre: float
    spread: float


class Search(Protocol):
    """A search for good settings of one kind of model, fed with losses one after the other."""

    def proposed(self) -> Settings:
        """What to try next, given what was told so far."""
        ...

    def told(self, loss: float) -> None:
        """The loss of what was proposed last."""
        ...


class Searches(Protocol):
    """Makes searches."""

    def __call__(self, model: ModelDesign, n_trials: int, seed: int) -> Search:
        """A search that follows from its arguments and from what it is told, and from nothing else."""
        ...


class Fitters(Protocol):
    """Those who fit, in this process or in others."""

    def submit(self, fit: Fit) -> Future[FitResult]:
        """A fit on its way."""
        ...


class KeptFits(Protocol):
    """Results that survive a crash."""

    def found(self, key: bytes) -> FitResult | None:
        """What a fit came to before."""
        ...

    def keep(self, key: bytes, result: FitResult) -> None:
        """Keep a result, durably."""
        ...


def recorded_trials(ledger: Ledger, study: str, design: StudyDesign, data_digest: bytes) -> tuple[RecordedTrial, ...]:
    """Every trial of a study, written down before the first is fitted.

    Args:
        ledger: of the family.
        study: name of the run.
        design: of the study.
        data_digest: of the samples.
    """
    wanted = [(model, place) for model in design.models for place in range(design.n_trials)]
    rows = ledger.all_recorded(study, [_told(design, data_digest, *each) for each in wanted])
    if len(rows) != len(wanted):
        message = (
            f"ledger recorded {len(rows)} of {len(wanted)} trials of study {study!r}; record each before it is fitted"
        )
        raise DataError(message)
    return tuple(
        RecordedTrial(model.name, place, row.number, row.trial_digest)
        for (model, place), row in zip(wanted, rows, strict=True)
    )


def chance_seed(*parts: int) -> int:
    """A seed that follows from some numbers: near ones give unrelated seeds."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint32)[0])


def _told(design: StudyDesign, data_digest: bytes, model: ModelDesign, place: int) -> dict[str, Any]:
    space = {
        name: (each.low, each.high, each.is_log) if isinstance(each, Range) else each.values
        for name, each in model.space.items()
    }
    return {
        "model": model.name,
        "place": place,
        "space": space,
        "n_trials": design.n_trials,
        "seed": design.seed,
        "data_digest": data_digest,
        "policy_digest": design.digest,
    }
