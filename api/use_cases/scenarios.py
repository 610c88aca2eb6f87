"""A scenario, run: the live policy through it, the same without guardrails, and without each that fired.

All runs of a path begin with the account as the live policy had built it by the scenario's first session, and differ
from then on only in the rules that are left out. What a guardrail saved or cost is the difference at the end: an
estimate, since without it the account would have traded otherwise afterwards, and so would others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import msgspec
import numpy as np
import polars as pl

from adapters.lake.lake import Lake
from api.use_cases.desk import Desk
from api.use_cases.fill_facts import fill_fee_usd
from api.use_cases.scenario_hours import HourRow, hour_rows
from api.use_cases.scenario_market import ScenarioLake, scenario_lake
from api.use_cases.scenario_runs import (
    ScenarioRun,
    Step,
    begun,
    differences,
    joined,
    opening_state,
    run_facts,
    run_through,
)
from dataflows.engine.run import Runner
from governance.findings import Progress
from nodes.journal.account import AccountState
from nodes.kernels.arrays import Array
from nodes.kernels.risk import max_drawdown
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy, policy_digest
from policies.scenario import Scenario
from policies.without import without_rules

ESTIMATE = "estimate: the same path run again without the rule"
_HALTS = ("drawdown", "daily-loss", "kill-switch")
"""Rules whose failing stops all new risk of the account, not of one order."""


class Bench(Protocol):
    """What runs are made on."""

    def order_runner(self, policy: bytes) -> Runner:
        """What judges orders under a policy's text."""
        ...

    def desk(self, policy: bytes, lake: Lake, *, is_kept: bool) -> AbstractContextManager[Desk]:
        """A desk under a policy's text; its log stays when it is to be kept."""
        ...


class GuardrailRow(msgspec.Struct, frozen=True):
    """What one guardrail did on one path.

    Attributes:
        rule: its id.
        verdict: what it says when it fails.
        n_orders: orders of which it did not hold, or could not be known.
        n_changed: of these, how many would have gone otherwise without it, as they stood; None where not asked for.
        first_on: when it fired first.
        last_on: when it fired last.
        saved_usd: what it saved, negative where it cost: an estimate; None where it was not asked for.
    """

    rule: str
    verdict: str
    n_orders: int
    n_changed: int | None
    first_on: date
    last_on: date
    saved_usd: Decimal | None


class Money(msgspec.Struct, frozen=True):
    """How an account fared over the scenario's sessions.

    Attributes:
        end_usd: worth at the end.
        return_frac: gain on what it was worth when the scenario began.
        max_drawdown_frac: largest fall from a peak, the beginning included.
        worst_day_frac: return of the worst session.
        n_orders: orders accepted.
        n_denied: orders denied or held.
        traded_usd: value traded.
        fees_usd: commissions and fees of trades.
        borrow_usd: fees for what was borrowed to be short, night by night.
    """

    end_usd: Decimal
    return_frac: float
    max_drawdown_frac: float
    worst_day_frac: float
    n_orders: int
    n_denied: int
    traded_usd: Decimal
    fees_usd: Decimal
    borrow_usd: Decimal


class SessionRow(msgspec.Struct, frozen=True):
    """One session of a path.

    Attributes:
        session_on: the session.
        equity_usd: worth under the policy.
        bare_usd: worth without guardrails.
        index_usd: what the account would be worth had it gone with the index.
        fired: rules that did not hold of an order decided at its close.
    """

    session_on: date
    equity_usd: Decimal
    bare_usd: Decimal
    index_usd: float
    fired: tuple[str, ...]


class PathReport(msgspec.Struct, frozen=True):
    """One way that a scenario went.

    Attributes:
        number: of the path, from 1.
        start_usd: worth of the account at the close before the scenario's first session.
        guarded: how it fared under the policy.
        bare: how it fared with no rule at all; an estimate.
        saved_usd: what all guardrails together saved, negative where they cost: an estimate.
        index_return_frac: how the index went.
        index_drawdown_frac: its largest fall.
        guardrails: those that fired, by when.
        halts: sessions at whose close a halt of the account stood, by rule.
        buy_ins: what a lender bought in, in words.
        sessions: day by day.
    """

    number: int
    start_usd: Decimal
    guarded: Money
    bare: Money
    saved_usd: Decimal
    index_return_frac: float
    index_drawdown_frac: float
    guardrails: tuple[GuardrailRow, ...]
    halts: Mapping[str, tuple[date, ...]]
    buy_ins: tuple[str, ...]
    sessions: tuple[SessionRow, ...]


class ScenarioReport(msgspec.Struct, frozen=True):
    """What a scenario showed.

    Attributes:
        scenario: its name.
        version: of the document.
        title: a line.
        basis: real, calibrated or hypothetical.
        policy: family and version that traded.
        policy_digest: its identity.
        first_on: first session.
        last_on: last session.
        lead_on: first session of the lead, in which the book was built.
        n_sessions: sessions of the scenario.
        note: how savings are to be read.
        paths: the ways that it went.
        hours: a session of it by the hour, judged and not sent; empty without bars of hours.
    """

    scenario: str
    version: int
    title: str
    basis: str
    policy: str
    policy_digest: str
    first_on: date
    last_on: date
    lead_on: date
    n_sessions: int
    note: str
    paths: tuple[PathReport, ...]
    hours: tuple[HourRow, ...] = ()


@dataclass(frozen=True)
class ScenarioRequest:
    """What is to be run.

    Attributes:
        scenario: the document.
        policy: text of the policy that trades.
        policy_file: its name, for faults.
        lake: the market as it was.
        account_id: the account.
        cash_usd: what it opens with.
        by_rule: whether each guardrail that fired is left out in a run of its own.
        hours: bars of hours of the session that the scenario names; None without.
    """

    scenario: Scenario
    policy: bytes
    policy_file: str
    lake: Lake
    account_id: str
    cash_usd: Decimal
    by_rule: bool = True
    hours: pl.DataFrame | None = None


@dataclass(frozen=True)
class _Span:
    """The sessions of a scenario: those of the lead, and its own."""

    lead: tuple[date, ...]
    own: tuple[date, ...]


@dataclass
class _Work:
    """A scenario being run: tells how far it is."""

    request: ScenarioRequest
    bench: Bench
    progress: Progress
    span: _Span
    done: int = 0
    hours: tuple[HourRow, ...] = ()
    total: int = field(default=0)

    def through(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Go through sessions, telling of each."""
        done = []
        for step in steps:
            done.append(step)
            self.done += 1
            self.progress("sessions", self.done, max(self.total, self.done))
        return tuple(done)


def scenario_report(request: ScenarioRequest, bench: Bench, progress: Progress) -> ScenarioReport:
    """The report of a scenario.

    Raises:
        DataError: the lake does not cover it.
        PolicyError: the policy has faults.
    """
    scenario, policy = request.scenario, parsed_policy(request.policy, request.policy_file).policy
    span = _span(request.lake, scenario)
    work = _Work(request, bench, progress, span)
    work.total = len(span.lead) + 2 * scenario.n_paths * len(span.own)
    paths = _paths(work)
    return ScenarioReport(
        scenario=scenario.name,
        version=scenario.version,
        title=scenario.title,
        basis=scenario.basis,
        policy=f"{policy.family} v{policy.version}",
        policy_digest=digest_text(policy_digest(policy)),
        first_on=span.own[0],
        last_on=span.own[-1],
        lead_on=span.lead[0],
        n_sessions=len(span.own),
        note=ESTIMATE,
        paths=paths,
        hours=work.hours,
    )


def _span(lake: Lake, scenario: Scenario) -> _Span:
    """Raises DataError for a span that the lake's bars do not cover."""
    own = lake.sessions(scenario.first_on, scenario.last_on)
    lead = lake.sessions(lake.calendar.before(own[0], scenario.lead_sessions), lake.calendar.before(own[0], 1))
    bars = lake.panel["session_on"]
    if lead[0] <= min(bars.to_list()) or lead[-1] >= own[0]:
        message = f"scenario {scenario.name!r} leads in from {lead[0]}, bars begin on {min(bars.to_list())}"
        raise DataError(f"{message}; begin it later, or name a lake with earlier bars")
    return _Span(lead, own)


def _paths(work: _Work) -> tuple[PathReport, ...]:
    """Every path. The first one goes on in the log of the lead, which is kept; the others begin as that lead ended."""
    request, span = work.request, work.span
    lakes = [scenario_lake(request.lake, request.scenario, path) for path in range(request.scenario.n_paths)]
    opening = opening_state(request.lake, request.scenario, request.account_id, request.cash_usd, span.lead[0])
    with work.bench.desk(request.policy, lakes[0], is_kept=True) as desk:
        begun(desk, opening, f"scenario {request.scenario.name} opens its account")
        lead = work.through(run_through(desk, request.scenario, span.lead))
        start = run_facts(desk, opening, lead).state
        first = run_facts(desk, start, work.through(run_through(desk, request.scenario, span.own)))
        if request.scenario.hours_on is not None and request.hours is not None:
            steps, hours_on = (*lead, *first.steps), request.scenario.hours_on
            work.hours = hour_rows(desk, steps, hours_on, request.hours, request.scenario.probe_usd)
    rest = [_run(work, request.policy, lake, start) for lake in lakes[1:]]
    runs = (first, *rest)
    return tuple(
        _path(work, number, lake, start, run) for number, (lake, run) in enumerate(zip(lakes, runs, strict=True))
    )


def _run(work: _Work, policy: bytes, lake: Lake, start: AccountState) -> ScenarioRun:
    """A run of the scenario's own sessions from an account on."""
    with work.bench.desk(policy, lake, is_kept=False) as desk:
        begun(desk, start, f"scenario {work.request.scenario.name} goes on from its lead")
        return run_facts(desk, start, work.through(run_through(desk, work.request.scenario, work.span.own)))


@dataclass(frozen=True)
class _Without:
    """A run without some rules.

    Attributes:
        run: how it went.
        n_changed: orders of the run with them that would have been judged otherwise, as they stood.
    """

    run: ScenarioRun
    n_changed: int


def _without(work: _Work, rules: frozenset[str], lake: Lake, run: ScenarioRun) -> _Without:
    """A run as it would have gone without some rules: run again from where they first made a difference."""
    request, own = work.request, work.span.own
    text = without_rules(request.policy, request.policy_file, rules)
    changed = differences(work.bench.order_runner(text), run.steps)
    work.total -= changed[0] if changed else len(own)
    if not changed:
        return _Without(run, 0)
    state = run.steps[changed[0]].before
    with work.bench.desk(text, lake, is_kept=False) as desk:
        begun(desk, state, f"scenario {request.scenario.name} without {len(rules)} rules")
        steps = work.through(run_through(desk, request.scenario, own[changed[0] :]))
        return _Without(joined(run, changed[0], run_facts(desk, state, steps)), len(changed))


def _path(work: _Work, number: int, lake: ScenarioLake, start: AccountState, run: ScenarioRun) -> PathReport:
    request = work.request
    rules = parsed_policy(request.policy, request.policy_file).policy.rules
    fired = _fired(run)
    verdicts = {rule.id: rule.then.verdict.label for rule in rules}
    asked = tuple(fired) if request.by_rule else ()
    work.total += len(asked) * len(work.span.own)
    bare = _without(work, frozenset(verdicts), lake, run).run
    others = {rule: _without(work, frozenset({rule}), lake, run) for rule in asked}
    index = _index(lake, work.span)
    return PathReport(
        number=number + 1,
        start_usd=start.equity_usd,
        guarded=_money(run),
        bare=_money(bare),
        saved_usd=run.end_usd - bare.end_usd,
        index_return_frac=index[-1] / index[0] - 1.0,
        index_drawdown_frac=max_drawdown(_returns(index)),
        guardrails=tuple(
            _guardrail(rule, verdicts[rule], facts, run, others.get(rule)) for rule, facts in fired.items()
        ),
        halts=_halts(run),
        buy_ins=run.buy_ins,
        sessions=_sessions(run, bare, index),
    )


def _fired(run: ScenarioRun) -> dict[str, list[Mapping[str, Any]]]:
    """The decisions of which each rule did not hold, rules by when they fired first."""
    fired: dict[str, list[Mapping[str, Any]]] = {}
    for facts in run.decisions:
        for rule in facts["reasons"]:
            fired.setdefault(rule, []).append(facts)
    return fired


def _guardrail(
    rule: str, verdict: str, facts: Sequence[Mapping[str, Any]], run: ScenarioRun, other: _Without | None
) -> GuardrailRow:
    days = [fact["session_on"] for fact in facts]
    n_changed, saved_usd = (None, None) if other is None else (other.n_changed, run.end_usd - other.run.end_usd)
    return GuardrailRow(rule, verdict, len(facts), n_changed, days[0], days[-1], saved_usd)


def _halts(run: ScenarioRun) -> dict[str, tuple[date, ...]]:
    """When the rules that stop an account stood in the way of an order."""
    found = {
        rule: tuple(sorted({fact["session_on"] for fact in run.decisions if rule in fact["reasons"]}))
        for rule in _HALTS
    }
    return {rule: days for rule, days in found.items() if days}


def _money(run: ScenarioRun) -> Money:
    levels = [float(run.start_usd), *(float(equity) for _, equity in run.equities)]
    returns = _returns(levels)
    accepted = sum(fact["action"] == "act" for fact in run.decisions)
    return Money(
        end_usd=run.end_usd,
        return_frac=levels[-1] / levels[0] - 1.0,
        max_drawdown_frac=max_drawdown(returns),
        worst_day_frac=float(returns.min()) if len(returns) else 0.0,
        n_orders=accepted,
        n_denied=len(run.decisions) - accepted,
        traded_usd=sum((abs(fact["fill_shares"]) * fact["fill_price_usd"] for fact in run.fills), Decimal(0)),
        fees_usd=sum(map(fill_fee_usd, run.fills), Decimal(0)),
        borrow_usd=sum((fact["fee_usd"] for fact in run.charges), Decimal(0)),
    )


def _index(lake: Lake, span: _Span) -> list[float]:
    """Levels of the index from the close before the scenario on, the last known one where a session has none."""
    levels = dict(lake.index_panel.select("session_on", "close_usd").iter_rows())
    told: list[float] = []
    for day in (span.lead[-1], *span.own):
        level = levels.get(day, told[-1] if told else None)
        if level is None:
            message = f"the index has no level on {day}; import the index that the universe is judged by"
            raise DataError(message)
        told.append(level)
    return told


def _sessions(run: ScenarioRun, bare: ScenarioRun, index: Sequence[float]) -> tuple[SessionRow, ...]:
    fired: dict[date, set[str]] = {}
    for facts in run.decisions:
        fired.setdefault(facts["session_on"], set()).update(facts["reasons"])
    start = float(run.start_usd)
    return tuple(
        SessionRow(day, equity, bare_usd, start * level / index[0], tuple(sorted(fired.get(day, ()))))
        for (day, equity), (_, bare_usd), level in zip(run.equities, bare.equities, index[1:], strict=True)
    )


def _returns(levels: Sequence[float]) -> Array:
    told = np.array(levels, dtype=np.float64)
    return np.asarray(told[1:] / told[:-1] - 1.0, dtype=np.float64)
