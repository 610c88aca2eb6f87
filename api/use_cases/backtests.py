"""A backtest from its assumptions to its report: the run on a log, then trials beside it that change one thing each.

1. the run itself, on a log of its own        backtest_run.kept_run; backtest_retraining.walked_run where it trains
2. its tables and figures                     backtest_tables, backtest_figures
3. each change of an assumption, paired       comparison
4. other sizes of the account                 capacity
5. assumptions varied one by one              sensitivity
6. predicted against realised cost            backtest_gap
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

import msgspec
import polars as pl

from adapters.lake.lake import Lake
from api.use_cases.backtest_figures import SESSIONS_A_YEAR, Figure, backtest_figures, by_name, column
from api.use_cases.backtest_gap import RealityGap, reality_gap
from api.use_cases.backtest_retraining import RetrainingAsked, TrainingGround, Walked, checked_walk, walked_run
from api.use_cases.backtest_run import Progress, kept_run, run_entries, trial_run
from api.use_cases.backtest_tables import BacktestTables, backtest_tables
from api.use_cases.desk import Desk
from dataflows.backtest.assumptions import Assumptions, changed_assumptions, param_value
from dataflows.backtest.shared import SharedSessions
from dataflows.backtest.sweep import SweepMarket, SweepPoint, sweep
from dataflows.us_equities import history_sessions
from nodes.kernels.significance.hac import Estimate, automatic_lags, hac_mean
from nodes.kernels.track_records import returns_of
from nodes.vocabulary.errors import DataError, EdgeError, PlanError

_T = TypeVar("_T")
CONFIDENCE_FRAC = 0.95
VARIED: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("no impact", {"impact_coefficient": 0.0}),
    ("impact doubled", {"impact_coefficient": 2.0}),
    ("no spread", {"spread_frac": 0.0}),
    ("spread doubled", {"spread_frac": 2.0}),
    ("volume cap a tenth", {"max_fill_participation_frac": 0.1}),
    ("auction a quarter", {"auction_volume_frac": 0.25}),
    ("queue ten times as long", {"queue_ahead_frac": 10.0}),
    ("latency a thousandfold", {"latency_p5_ms": 1000.0, "latency_p95_ms": 1000.0}),
    ("commissions doubled", {"commission_price_usd": 2.0, "min_commission_usd": 2.0}),
    ("halts fifty times as often", {"halt_rate_frac": 50.0}),
)
"""What the report varies: a name, and by what each assumption is multiplied."""


SWEPT = ("momentum_sessions", "skipped_sessions", "volatility_sessions", "n_selected")
"""Parameters of a strategy that the report halves and doubles, over bars."""


class BacktestAsked(msgspec.Struct, frozen=True):
    """What is asked of a backtest.

    Attributes:
        assumptions: text of the policy that says what the market is like.
        file: its name, for faults.
        first_on: first session.
        last_on: last session; the last bar by default.
        changes: assumptions to change one at a time, each "name=value".
        has_study: whether capacity, sensitivity and reality gap are worked out, too.
        retraining: how the policy's model is trained anew as the run goes on; None leaves it as the log has it.
    """

    assumptions: str
    file: str
    first_on: date
    last_on: date | None = None
    changes: tuple[str, ...] = ()
    has_study: bool = True
    retraining: RetrainingAsked | None = None


@dataclass(frozen=True)
class Comparison:
    """A trial beside the run, on the same luck.

    Attributes:
        name: what was changed.
        changes: the assumptions, changed.
        figures: the trial's figures by name.
        differences: of the trial less the run, by figure.
        yearly_difference: of mean daily returns, a year, with its interval.
        n_other_orders: orders that one of the two decided otherwise, or not at all.
    """

    name: str
    changes: Mapping[str, Any]
    figures: Mapping[str, float]
    differences: Mapping[str, float]
    yearly_difference: Estimate
    n_other_orders: int


@dataclass(frozen=True)
class Capacity:
    """The run with another size of the account.

    Attributes:
        opening_cash_usd: what the account began with.
        figures: of the trial by name.
    """

    opening_cash_usd: Decimal
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Backtest:
    """A backtest, done.

    Attributes:
        origin: the log that has every decision of it.
        policy: family and version of what decided.
        policy_digest: of it.
        assumptions: what the market was taken to be like.
        tables: the run.
        figures: of the run.
        comparisons: of each change that was asked for.
        capacity: by size of the account.
        sensitivity: by assumption varied.
        gap: predicted against realised cost; None without a study, or with too few orders.
        gap_absence: why there is none.
        parameters: parameters of the strategy varied over bars, the policy's own first; empty without a study.
        walked: how its model was trained anew; None where it was not.
    """

    origin: str
    policy: str
    policy_digest: bytes
    assumptions: Assumptions
    tables: BacktestTables
    figures: tuple[Figure, ...]
    comparisons: tuple[Comparison, ...]
    capacity: tuple[Capacity, ...]
    sensitivity: tuple[Comparison, ...]
    gap: RealityGap | None
    gap_absence: str = ""
    parameters: tuple[SweepPoint, ...] = ()
    walked: Walked | None = None

    @property
    def values(self) -> Mapping[str, float]:
        """The figures of the run by name."""
        return by_name(self.figures)


@dataclass(frozen=True)
class _Trials:
    """What trials beside a run share with it."""

    desk: Desk
    sessions: Sequence[date]
    shared: SharedSessions
    tables: BacktestTables
    figures: Mapping[str, float]
    walked: Walked | None = None

    def trial(self, desk: Desk) -> BacktestTables:
        """The tables of a trial."""
        actives = None if self.walked is None else self.walked.actives
        run = trial_run(desk, self.sessions, self.shared, _silent, actives)
        return backtest_tables(run, desk.lake, desk.active.order.layout, desk.opening_cash_usd)

    def under(self, assumptions: Assumptions) -> BacktestTables:
        """The tables of a trial under other assumptions."""
        return self.trial(dataclasses.replace(self.desk, assumptions=assumptions))

    def comparison(self, name: str, changes: Mapping[str, Any]) -> Comparison:
        """A trial with changed assumptions, beside the run."""
        tables = self.under(changed_assumptions(self.desk.assumptions, changes))
        figures = by_name(backtest_figures(tables))
        equities = [column(each.sessions, "equity_usd") for each in (tables, self.tables)]
        gaps = returns_of(equities[0]) - returns_of(equities[1])
        yearly = hac_mean(gaps * SESSIONS_A_YEAR, automatic_lags(max(len(gaps), 1)), CONFIDENCE_FRAC)
        differences = {key: figures[key] - self.figures[key] for key in figures if key in self.figures}
        return Comparison(name, changes, figures, differences, yearly, _n_other(self.tables, tables))


def backtest(
    desk: Desk,
    asked: BacktestAsked,
    held_out: Assumptions | None,
    progress: Progress,
    ground: TrainingGround | None = None,
) -> Backtest:
    """A backtest on the log of a desk. Raises PolicyError, DataError or EdgeError with the mend.

    Args:
        desk: who trades; its assumptions are those of the run.
        asked: the rest of what is asked.
        held_out: the market in which predictions of cost are judged; None leaves that out.
        progress: told what is done.
        ground: what a model is trained with; None where nothing can be.
    """
    walk = None if asked.retraining is None else checked_walk(asked.retraining)
    for text in asked.changes:  # before anything is run
        changed_assumptions(desk.assumptions, change(text))
    sessions = desk.lake.sessions(asked.first_on, asked.last_on)
    shared = SharedSessions(desk.active.session.plan)
    walked = None
    if walk is None:
        kept_run(desk, sessions, shared, progress)
    elif ground is None:
        raise EdgeError("nothing here can train a model; leave the retraining out", reason="invalid")
    else:
        walked = walked_run(desk, ground, walk, sessions, (shared, progress))
    with desk.store.reader() as reader:
        run = run_entries(reader, desk.account_id)
        tables = backtest_tables(run, desk.lake, desk.active.order.layout, desk.opening_cash_usd)
    figures = backtest_figures(tables)
    trials = _Trials(desk, sessions, shared, tables, by_name(figures), walked)
    return _studied(trials, asked, held_out, figures, progress)


def change(text: str) -> dict[str, Any]:
    """The change that somebody wrote as name=value, or several with commas between them."""
    parts = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and mark and value.strip() for name, mark, value in parts):
        message = f"{text!r} changes nothing; write NAME=VALUE, for example max_fill_participation_frac=0.0005"
        raise EdgeError(message, reason="invalid")
    return {name.strip(): param_value(value.strip()) for name, _, value in parts}


def _studied(
    trials: _Trials, asked: BacktestAsked, held_out: Assumptions | None, figures: tuple[Figure, ...], progress: Progress
) -> Backtest:
    """The run with all that is worked out beside it."""
    changes = [change(text) for text in asked.changes]
    desk, policy = trials.desk, trials.desk.active.generation.policy
    varied = [(name, _varied(desk.assumptions, factors)) for name, factors in VARIED] if asked.has_study else []
    sizes = desk.assumptions.capacity_usd if asked.has_study else ()
    total = len(changes) + len(varied) + len(sizes) + (held_out is not None and asked.has_study)
    told = _Counted(progress, total)
    comparisons = tuple(told(trials.comparison(text, each)) for text, each in zip(asked.changes, changes, strict=True))
    capacity = tuple(told(_capacity(trials, size)) for size in sizes)
    sensitivity = tuple(told(trials.comparison(name, each)) for name, each in varied)
    gap, absence = None, "a study was not asked for"
    if held_out is not None and asked.has_study:
        try:
            gap, absence = reality_gap(trials.tables.orders, trials.under(held_out).orders, held_out.name), ""
        except DataError as error:
            absence = str(error)
        told(None)
    return Backtest(
        origin=desk.store.origin,
        policy=f"{policy.family} v{policy.version}",
        policy_digest=desk.active.generation.policy_digest,
        assumptions=desk.assumptions,
        tables=trials.tables,
        figures=figures,
        comparisons=comparisons,
        capacity=capacity,
        sensitivity=sensitivity,
        gap=gap,
        gap_absence=absence,
        parameters=_parameters(trials) if asked.has_study else (),
        walked=trials.walked,
    )


def sweep_market(lake: Lake, first_on: date, last_on: date, n_history: int) -> SweepMarket:
    """The market of a sweep between two sessions, with so many sessions of history before the first."""
    begins_on = lake.calendar.before(lake.sessions(first_on, last_on)[0], n_history)
    is_in = pl.col("session_on").is_between(begins_on, last_on)
    return SweepMarket(lake.panel.filter(is_in), lake.index_panel.filter(is_in), first_on, last_on)


def _parameters(trials: _Trials) -> tuple[SweepPoint, ...]:
    """Half and double of what the strategy's signal looks back and holds; nothing for one that a model scores."""
    plan, bps = trials.desk.active.session.plan, trials.figures["cost_bps"]
    knobs = {name: plan.params[name] for name in SWEPT if name in plan.params}
    settings = [{}, *({name: max(round(value * by), 1)} for name, value in knobs.items() for by in (0.5, 2.0))]
    n_history = 2 * history_sessions(plan.params)  # what looks back is doubled at most
    market = sweep_market(trials.desk.lake, trials.sessions[0], trials.sessions[-1], n_history)
    try:
        return sweep(plan, market, settings, bps if math.isfinite(bps) else 0.0)
    except PlanError:
        return ()


class _Counted:
    """Hands on what it is given, and tells that one more trial is done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, found: _T) -> _T:
        self._done += 1
        self._progress("trials", self._done, self._total)
        return found


def _varied(assumptions: Assumptions, factors: Mapping[str, float]) -> dict[str, Any]:
    """Assumptions multiplied, each within what it may be."""
    params = assumptions.parsed.policy.params
    found: dict[str, Any] = {}
    for name, factor in factors.items():
        value = float(cast("float", params[name])) * factor
        found[name] = min(value, 1.0) if name.endswith("_frac") and name != "spread_frac" else value
    return found


def _capacity(trials: _Trials, size: Decimal) -> Capacity:
    tables = trials.trial(dataclasses.replace(trials.desk, opening_cash_usd=size))
    return Capacity(size, by_name(backtest_figures(tables)))


def _n_other(one: BacktestTables, other: BacktestTables) -> int:
    """Orders that one of two runs decided otherwise than the other, or alone."""
    said = ("session_on", "symbol", "verdict", "action", "proposed_order_shares", "order_shares")
    rows = [set(tables.orders.select(said).iter_rows()) for tables in (one, other)]
    return len({row[:2] for row in rows[0] ^ rows[1]})


def _silent(_what: str, _done: int, _total: int) -> None:
    """Trials are told one by one, not session by session."""
