"""A small study for tests: a made-up market in which one feature knows something, or nothing, of what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from dataflows.research.design import ModelDesign, StudyDesign, study_design
from dataflows.research.fitting import StudyData, fit_result, study_data
from dataflows.research.ports import Settings
from dataflows.research.samples import Samples
from dataflows.research.sampling import Market, SampleTable
from dataflows.research.study import DoneFit, StudyWork, done_fits
from dataflows.research.trials import Fit, FitResult, recorded_trials
from nodes.kernels.arrays import Array
from nodes.kernels.spans import Spans
from policies.parse import parsed_policy

HORIZON = 5
POLICY = """
policy: small-study
version: 1
strategy: us-equities
supersedes: null
owner: research
effective_from: 2026-11-02T14:30:00Z
why: A study for tests.
sources: [made up]
params:
  feature_names: [week_reversal_frac, month_reversal_frac]
  week_sessions: 5
  month_sessions: 10
  volatility_sessions: 10
  label: triple-barrier
  label_horizon_sessions: 5
  upper_barrier_score: 1.0
  lower_barrier_score: 1.0
  sample_step_sessions: 5
  folds: walk-forward
  n_folds: 2
  n_test_groups: 1
  n_inner_folds: 2
  embargo_sessions: 2
  models: [linear]
  linear_l2: [0.1, 10.0, log]
  n_trials: 2
  study_seed: 3
  book: neutral
  trade_delay_sessions: 1
  trade_cost_bps: 1.0
  borrow_fee_frac: 0.0
  n_bootstraps: 200
  bootstrap_block_sessions: 5
  n_blocks: 4
rules: []
"""


def small_design(**changes: str) -> StudyDesign:
    """The design of the small policy, with some parameters written otherwise."""
    return study_design(parsed_policy(small_policy(**changes).encode(), "small.yaml"))


def small_policy(**changes: str) -> str:
    lines = POLICY.strip().splitlines()
    for name, value in changes.items():
        place = next(at for at, line in enumerate(lines) if line.strip().startswith(f"{name}:"))
        lines[place] = f"  {name}: {value}"
    return "\n".join(lines) + "\n"


def small_table(edge: float = 0.0, seed: int = 0, n_sessions: int = 420, n_shares: int = 4) -> SampleTable:
    """Samples whose first feature moves the following sessions by `edge` daily deviations."""
    draws = np.random.default_rng(seed)
    days = [date(2020, 1, 1) + timedelta(days=place) for place in range(n_sessions)]
    signal = draws.standard_normal((n_sessions, n_shares))
    returns = draws.standard_normal((n_sessions, n_shares)) * 0.01
    starts = np.arange(0, n_sessions - HORIZON - 2, HORIZON)
    for start in starts.tolist():
        returns[start + 2 : start + 2 + HORIZON] += edge * 0.01 * signal[start]
    rows = [(start, share) for start in starts.tolist() for share in range(n_shares)]
    begin, shares = np.array(rows, np.int64).T
    earned = np.array([np.prod(1.0 + returns[at + 2 : at + 2 + HORIZON, share]) - 1.0 for at, share in rows])
    symbols = tuple(f"S{place}" for place in range(n_shares))
    samples = Samples(
        keys=pl.DataFrame({"symbol": [symbols[share] for share in shares], "session_on": [days[at] for at in begin]}),
        features=np.column_stack((signal[begin, shares], draws.standard_normal(len(rows)))),
        names=("signal", "noise"),
        target=(earned > 0.0).astype(np.float64),
        kind="class",
        spans=Spans(begin, begin + 1 + HORIZON),
        weights=np.ones(len(rows)),
        returns=earned,
    )
    return SampleTable(samples, Market(pl.Series(days), symbols, returns), shares.copy(), 0, 0)


class Row(NamedTuple):
    number: int
    trial_digest: bytes


@dataclass
class Stand:
    n_trials: int


@dataclass
class MemoryLedger:
    """A ledger for tests, which remembers what it was told and when."""

    rows: dict[str, Row] = field(default_factory=dict)

    def all_recorded(self, study: str, settings: Iterable[Mapping[str, Any]]) -> Sequence[Row]:
        found = []
        for each in settings:
            key = repr(sorted(each.items()))
            self.rows.setdefault(key, Row(len(self.rows) + 1, f"{study}-{len(self.rows)}".encode()))
            found.append(self.rows[key])
        return found

    @property
    def state(self) -> Stand:
        return Stand(len(self.rows))


class MemoryFits(dict[bytes, FitResult]):
    """Kept fits in memory."""

    def found(self, key: bytes) -> FitResult | None:
        return self.get(key)

    def keep(self, key: bytes, result: FitResult) -> None:
        self[key] = result


@dataclass(frozen=True)
class Leaning:
    """Leans on the first feature, by as much as it is told."""

    slope: float

    def predicted(self, x: Array) -> Array:
        return np.asarray(1.0 / (1.0 + np.exp(-self.slope * x[:, 0])), np.float64)

    def onnx(self) -> bytes:
        return f"slope {self.slope}".encode()


@dataclass
class LeaningTrainer:
    """Fits the sign of the first feature's correlation with the target, and counts how often it was asked."""

    name: str = "linear"
    n_fitted: int = 0

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> Leaning:
        assert len(weights) == len(y)
        assert seed >= 0
        self.n_fitted += 1
        slope = float(np.corrcoef(x[:, 0], y)[0, 1])
        return Leaning(slope * float(settings["l2"]))


@dataclass
class Steps:
    """A search that proposes steps around what did best."""

    seed: int
    losses: list[float] = field(default_factory=list)

    def proposed(self) -> Settings:
        best = min(self.losses, default=1.0)
        return {"l2": 1.0 + 0.5 * len(self.losses) + 0.1 * best + self.seed % 7 / 10.0}

    def told(self, loss: float) -> None:
        self.losses.append(loss)


def steps(model: ModelDesign, n_trials: int, seed: int) -> Steps:
    assert (model.name, n_trials) == ("linear", 2)
    return Steps(seed)


@dataclass
class Fitting:
    """Fits at once, with the leaning trainer; remembers what it was handed."""

    data: StudyData
    trainer: LeaningTrainer = field(default_factory=LeaningTrainer)
    submitted: list[Fit] = field(default_factory=list)

    def submit(self, fit: Fit) -> Future[FitResult]:
        self.submitted.append(fit)
        future: Future[FitResult] = Future()
        future.set_result(fit_result(self.data, {"linear": self.trainer}, fit))
        return future


def small_work(table: SampleTable, design: StudyDesign | None = None) -> tuple[StudyWork, Fitting]:
    """A study over a table, ready to be run in memory."""
    design = design or small_design()
    data = study_data(table.samples, design.folds)
    fitting = Fitting(data)
    trials = recorded_trials(MemoryLedger(), "small", design, b"0" * 32)
    return StudyWork(design, data, trials, steps, fitting, MemoryFits()), fitting


def small_done(table: SampleTable, design: StudyDesign | None = None) -> tuple[StudyWork, tuple[DoneFit, ...]]:
    work, _ = small_work(table, design)
    return work, done_fits(work, lambda _done, _total: None)
