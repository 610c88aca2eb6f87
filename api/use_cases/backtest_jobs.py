"""A backtest as a job: what is asked, what is kept of it, and what its result says to programs."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

import msgspec
import polars as pl

from adapters.sql.job_rows import Job
from adapters.sql.jobs import JobBox
from api.use_cases.backtest_gap import GapRow
from api.use_cases.backtest_retraining import Trained, TrainingGround, checked_walk
from api.use_cases.backtests import Backtest, BacktestAsked, Comparison, backtest, change
from api.use_cases.desk import Desk
from api.use_cases.jobs import JobDesk
from dataflows.backtest.assumptions import Assumptions, assumptions_of, changed_assumptions
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError

KIND = "backtest"
REPORT = b"report"
"""The key under which the tear sheet is kept, among the parts of the job."""
TABLES = ("sessions", "orders", "positions", "trips", "gaps")
FORMATS = ("parquet", "csv", "json")
MAX_CHANGES = 8
Numbers = dict[str, float | None]


class ComparisonResult(msgspec.Struct, frozen=True):
    """What a changed assumption came to.

    Attributes:
        name: what was changed.
        figures: of the trial; null where one is not defined.
        differences: of the trial less the run.
        yearly_difference_frac: of mean daily returns, a year.
        low_frac: lower end of its 95 % interval.
        high_frac: upper end.
        n_other_orders: orders that differ.
    """

    name: str
    figures: Numbers
    differences: Numbers
    yearly_difference_frac: float | None
    low_frac: float | None
    high_frac: float | None
    n_other_orders: int


class FigureResult(msgspec.Struct, frozen=True):
    """A figure with what it rests on.

    Attributes:
        value: null where it is not defined.
        says: what it is.
        table: that it is computed from.
        traced: ids of decisions and plan entries.
    """

    value: float | None
    says: str
    table: str
    traced: tuple[str, ...]


class GapResult(msgspec.Struct, frozen=True):
    """Predicted against realised cost, one predictor in one market.

    Attributes:
        predictor: policy, calibrated or learnt.
        market: of the run, or held out.
        n_orders: orders judged.
        within_frac: part of them within the tolerance.
        gap_quantiles: at 5, 25, 50, 75 and 95 %; null where nothing was paid.
        mean_error_bps: realised less predicted.
    """

    predictor: str
    market: str
    n_orders: int
    within_frac: float
    gap_quantiles: tuple[float | None, ...]
    mean_error_bps: float


class BacktestResult(msgspec.Struct, frozen=True):
    """What a backtest came to.

    Attributes:
        origin: the log that has its decisions.
        policy: what decided.
        policy_digest: of it.
        assumptions: name of what the market was taken to be like.
        assumptions_digest: of it.
        n_sessions: sessions run.
        figures: by name.
        comparisons: of each change that was asked for.
        capacity: figures by opening cash.
        sensitivity: of assumptions varied one by one.
        gap: the reality gap.
        retraining: name of how its model was trained anew; "" where it was not.
        trained: what each training came to.
    """

    origin: str
    policy: str
    policy_digest: str
    assumptions: str
    assumptions_digest: str
    n_sessions: int
    figures: dict[str, FigureResult]
    comparisons: tuple[ComparisonResult, ...]
    capacity: dict[str, Numbers]
    sensitivity: tuple[ComparisonResult, ...]
    gap: tuple[GapResult, ...]
    retraining: str = ""
    trained: tuple[Trained, ...] = ()


@dataclass(frozen=True)
class BacktestWork:
    """What does backtest jobs.

    Attributes:
        desk: a desk on a log of its own, by the job's id.
        held_out: the market in which predictions of cost are judged.
        page: writes the tear sheet.
        halted: sessions in which a symbol is known not to have traded, beside those of the assumptions.
        tell: is handed what a run came to, for whoever wants to show more of it.
        ground: what a model is trained with, of a run's desk and job; None where nothing can be.
    """

    desk: Callable[[str], AbstractContextManager[Desk]]
    held_out: Callable[[], Assumptions]
    page: Callable[[Backtest], str]
    halted: Callable[[], frozenset[tuple[str, date]]] = frozenset
    tell: Callable[[Backtest], None] | None = None
    ground: Callable[[Desk, JobDesk], TrainingGround] | None = None

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job."""
        asked = msgspec.json.decode(desk.job.request, type=BacktestAsked)
        assumptions = assumptions_of(asked.assumptions.encode(), asked.file)
        with self.desk(desk.job.job_id) as opened:
            known = dataclasses.replace(assumptions, halted=assumptions.halted | self.halted())
            trading = dataclasses.replace(opened, assumptions=known)
            ground = None if self.ground is None or asked.retraining is None else self.ground(trading, desk)
            found = backtest(trading, asked, self.held_out(), desk.progress, ground)
        desk.keep(REPORT, self.page(found).encode())
        for name, table in result_tables(found).items():
            desk.keep(table_key(name), parquet(table))
        if self.tell is not None:
            self.tell(found)
        return msgspec.json.encode(backtest_result(found))


def asked_backtest(box: JobBox, asked: BacktestAsked, principal: str) -> Job:
    """The job of a backtest: the one that was asked for and is not done, or a new one.

    Raises:
        PolicyError: the assumptions have faults, or a change makes one.
        EdgeError: a change changes nothing, or there are too many.
    """
    if len(asked.changes) > MAX_CHANGES:
        message = f"{len(asked.changes)} changes were asked for, at most {MAX_CHANGES} may be; run several backtests"
        raise EdgeError(message, reason="invalid")
    assumptions = assumptions_of(asked.assumptions.encode(), asked.file)
    for text in asked.changes:
        changed_assumptions(assumptions, change(text))
    if asked.retraining is not None:
        checked_walk(asked.retraining)
    request = msgspec.json.encode(asked)
    return box.unfinished(KIND, request) or box.asked(KIND, request, principal)


def result_tables(found: Backtest) -> dict[str, pl.DataFrame]:
    """The tables of a backtest by name; that of gaps only where there is one."""
    gaps = {} if found.gap is None else {"gaps": found.gap.orders}
    return {**found.tables.by_name, **gaps}


def table_key(name: str) -> bytes:
    """The key under which a table is kept, among the parts of the job."""
    return f"table/{name}".encode()


def parquet(table: pl.DataFrame) -> bytes:
    """A table as Parquet."""
    target = io.BytesIO()
    table.write_parquet(target)
    return target.getvalue()


def formatted(table: bytes, form: str) -> bytes:
    """A kept table in a format. Raises EdgeError for one that nobody writes."""
    if form == "parquet":
        return table
    frame = pl.read_parquet(io.BytesIO(table))
    if form == "csv":
        return frame.write_csv().encode()
    if form == "json":
        return frame.write_json().encode()
    message = f"format {form!r} is unknown; take one of {', '.join(FORMATS)}"
    raise EdgeError(message, reason="invalid")


def backtest_result(found: Backtest) -> BacktestResult:
    """What a backtest came to, for programs."""
    return BacktestResult(
        origin=found.origin,
        policy=found.policy,
        policy_digest=digest_text(found.policy_digest),
        assumptions=found.assumptions.name,
        assumptions_digest=digest_text(found.assumptions.digest),
        n_sessions=found.tables.sessions.height,
        figures={
            each.name: FigureResult(_known(each.value), each.says, each.table, each.traced) for each in found.figures
        },
        comparisons=tuple(_comparison(each) for each in found.comparisons),
        capacity={str(each.opening_cash_usd): _numbers(each.figures) for each in found.capacity},
        sensitivity=tuple(_comparison(each) for each in found.sensitivity),
        gap=() if found.gap is None else tuple(_gap(row) for row in found.gap.rows),
        retraining="" if found.walked is None else found.walked.retraining.name,
        trained=() if found.walked is None else found.walked.trained,
    )


def _comparison(each: Comparison) -> ComparisonResult:
    yearly = each.yearly_difference
    return ComparisonResult(
        name=each.name,
        figures=_numbers(each.figures),
        differences=_numbers(each.differences),
        yearly_difference_frac=_known(yearly.value),
        low_frac=_known(yearly.low),
        high_frac=_known(yearly.high),
        n_other_orders=each.n_other_orders,
    )


def _gap(row: GapRow) -> GapResult:
    found = row.found
    quantiles = tuple(_known(value) for value in found.gap_quantiles)
    return GapResult(row.predictor, row.market, found.n_orders, found.within_frac, quantiles, found.mean_error_bps)


def _numbers(figures: Mapping[str, float]) -> Numbers:
    return {name: _known(value) for name, value in figures.items()}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
