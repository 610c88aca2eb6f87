"""The leak audit: change what became known after an instant, and name every feature whose past moves with it.

Two audits. Of nodes: a plan runs over the whole history twice, the second time with another future; every column must
be the same up to the instant, bit for bit. Of gathering: a snapshot is gathered as of the instant from facts and from
the same facts with another future; every frame of it must be the same. Only what differs is then taken apart, source
by source, so that a clean plan is audited in a few runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeAlias

import polars as pl

from dataflows.audit.futures import Change, other_facts, other_panel, other_tables
from dataflows.engine.evaluation import evaluated
from dataflows.engine.label_laws import LABELS
from dataflows.engine.plan import NodeKind, Plan
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.domains import CARRIERS
from nodes.vocabulary.instants import instant_text

Tables: TypeAlias = Mapping[str, pl.DataFrame]
Gather: TypeAlias = Callable[[Tables, datetime], Any]
"""Makes the snapshot of an instant from tables of facts."""
_PANELS = frozenset({"panel", "index_panel", "primary_oos_side"})
_SCHEDULES = frozenset({"calendar"})
"""Frames that are known long before: their future is no secret, and it is not changed."""


class Severity(Enum):
    """How bad a finding is: a leak of what is traded, a leak of any other feature, a feature that was not tested."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the audit found.

    Attributes:
        severity: how bad it is.
        feature: node, or frame and column of the snapshot.
        domain: the source whose future it knows.
        change: which change of the future showed it.
        after: instant after which the future was changed, RFC 3339.
        first_on: first session, or place, whose value moved.
        symbol: of which share, where it is of one.
        mend: what to do about it.
    """

    severity: Severity
    feature: str
    domain: str
    change: str
    after: str
    first_on: str
    symbol: str
    mend: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit came to.

    Attributes:
        findings: gravest first.
        n_features: features audited.
        n_runs: runs of the plan or the gathering that it took.
    """

    findings: tuple[Finding, ...]
    n_features: int
    n_runs: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing critical or high was found."""
        return not any(finding.severity is not Severity.MEDIUM for finding in self.findings)


def joined(audits: Iterable[Audit]) -> Audit:
    """Audits of the same features over several sets of data as one: what one of them tested was tested."""
    done = tuple(audits)
    n_features = max((audit.n_features for audit in done), default=0)
    findings = {finding for audit in done for finding in audit.findings if finding.severity is not Severity.MEDIUM}
    untested = [{item for item in audit.findings if item.severity is Severity.MEDIUM} for audit in done]
    names = set.intersection(*({item.feature for item in items} for items in untested)) if untested else set()
    findings |= {item for items in untested for item in items if item.feature in names}
    return Audit(_ordered(findings), n_features, sum(audit.n_runs for audit in done))


def audited_nodes(
    plan: Plan,
    snapshot: Any,  # noqa: ANN401  # the snapshot type of the dataflow
    after: Sequence[datetime],
    seed: int = 1,
    traded: Collection[str] = (),
) -> Audit:
    """The audit of a plan's columns over a snapshot of the whole history.

    Args:
        plan: a session plan.
        snapshot: its snapshot, futures included.
        after: instants after which the future is changed.
        seed: of the changes.
        traded: features that a trading strategy reads.
    """
    runs = _Runs(plan, snapshot, seed)
    names = audited_names(plan)
    findings: dict[str, Finding] = {}
    for instant in after:
        for change in Change:
            left = [name for name in names if name not in findings]
            for name in runs.moved(left, instant, change, runs.carriers):
                severity = Severity.CRITICAL if name in traded else Severity.HIGH
                findings[name] = runs.finding(name, instant, change, severity)
    for name in set(names) - findings.keys() - runs.tested(names, after):
        findings[name] = _untested(name)
    return Audit(_ordered(findings.values()), len(names), runs.n_runs)


def audited_names(plan: Plan) -> tuple[str, ...]:
    """The columns of a plan that functions compute: where a leak can be seen. Labels know the future by design."""
    return tuple(
        node.name
        for node in plan.nodes
        if node.kind is NodeKind.FUNCTION and node.stage != LABELS and node.unit.name.endswith("Column")
    )


class _Runs:
    """Runs of one plan over one history and its other futures."""

    def __init__(self, plan: Plan, snapshot: Any, seed: int) -> None:  # noqa: ANN401
        self._plan, self._snapshot, self._seed = plan, snapshot, seed
        frames = {item.name: getattr(snapshot, item.name) for item in fields(snapshot)}
        self._frames = {name: frame for name, frame in frames.items() if isinstance(frame, pl.DataFrame)}
        self.carriers = tuple(name for name in self._frames if name in plan.inputs and name not in _SCHEDULES)
        self._base = evaluated(plan, snapshot)
        self._other: dict[tuple[datetime, Change, tuple[str, ...]], tuple[Any, Mapping[str, Any]]] = {}
        self.n_runs = 1

    def moved(self, names: Iterable[str], instant: datetime, change: Change, carriers: tuple[str, ...]) -> list[str]:
        """The columns whose past changes when some inputs get another future."""
        panel, values = self._run(instant, change, carriers)
        before, after = self._past(self._snapshot.panel, instant), self._past(panel, instant)
        return [name for name in names if _bytes(self._base[name], before) != _bytes(values[name], after)]

    def finding(self, name: str, instant: datetime, change: Change, severity: Severity) -> Finding:
        """What is to be said of a column that moved."""
        guilty = [item for item in self.carriers if self.moved([name], instant, change, (item,))]
        domains = ", ".join(sorted({CARRIERS.get(item, item) for item in guilty})) or "several at once"
        symbol, first_on = self._first(name, instant, change)
        mend = _mend(guilty[0] if guilty else "panel")
        return Finding(severity, name, domains, change.value, instant_text(instant), first_on, symbol, mend)

    def tested(self, names: Iterable[str], after: Sequence[datetime]) -> set[str]:
        """The columns that have values up to an instant to be compared."""
        is_past = self._past(self._snapshot.panel, max(after))
        columns = {name: self._base[name] for name in names}
        return {
            name
            for name, column in columns.items()
            if isinstance(column, pl.Series) and column.filter(is_past).drop_nulls().len()
        }

    def _run(self, instant: datetime, change: Change, carriers: tuple[str, ...]) -> tuple[Any, Mapping[str, Any]]:
        key = (instant, change, carriers)
        if key not in self._other:
            changed = {name: self._changed(name, instant, change) for name in carriers}
            snapshot = replace(self._snapshot, **changed)
            self._other[key] = (snapshot.panel, evaluated(self._plan, snapshot))
            self.n_runs += 1
        return self._other[key]

    def _changed(self, name: str, instant: datetime, change: Change) -> pl.DataFrame:
        frame = self._frames[name]
        seed = self._seed + sorted(self._frames).index(name)
        if name in _PANELS:
            return other_panel(frame, self._last_on(instant), change, seed)
        return other_facts(frame, instant, change, seed)

    def _last_on(self, instant: datetime) -> date:
        """The last session that had closed by an instant."""
        panel = self._snapshot.panel
        return panel.filter(self._past(panel, instant))["session_on"].max() or date.min

    def _past(self, panel: pl.DataFrame, instant: datetime) -> pl.Series:
        if "closed_at" in panel.columns:
            return panel["closed_at"] <= instant
        return panel["session_on"] <= instant.date()

    def _first(self, name: str, instant: datetime, change: Change) -> tuple[str, str]:
        """Share and session of the first value that moved."""
        panel, values = self._run(instant, change, self.carriers)
        one, other = self._base[name], values[name]
        before, after = self._past(self._snapshot.panel, instant), self._past(panel, instant)
        rows = self._snapshot.panel.filter(before).select("symbol", "session_on")
        if not isinstance(one, pl.Series) or not isinstance(other, pl.Series):
            return "", "everywhere"
        differs = one.filter(before).ne_missing(other.filter(after))
        moved = rows.filter(differs).sort("session_on", "symbol")
        return (str(moved["symbol"][0]), str(moved["session_on"][0])) if moved.height else ("", "by a bit")


def audited_gathering(
    gather: Gather,
    tables: Tables,
    after: Sequence[datetime],
    seed: int = 1,
    values: Mapping[str, Collection[str]] | None = None,
) -> Audit:
    """The audit of how a snapshot is made of facts.

    Args:
        gather: makes the snapshot of an instant from tables of facts.
        tables: facts of each domain, known at any time.
        after: instants as of which snapshots are gathered.
        seed: of the changes.
        values: columns of each domain that may change.
    """
    findings: dict[str, Finding] = {}
    n_runs = 0
    frames: dict[str, Any] = {}
    for instant in after:
        frames = _frames(gather(tables, instant))
        n_runs += 1
        for change in Change:
            others = _frames(gather(other_tables(tables, instant, change, seed, values), instant))
            n_runs += 1
            for name in frames:
                if name not in findings and _content(frames[name]) != _content(others.get(name)):
                    guilty = _guilty(gather, tables, (name, instant, change, seed), values)
                    findings[name] = _gathered(name, guilty, (instant, change), (frames[name], others.get(name)))
    return Audit(_ordered(findings.values()), len(frames), n_runs)


def _guilty(
    gather: Gather,
    tables: Tables,
    asked: tuple[str, datetime, Change, int],
    values: Mapping[str, Collection[str]] | None,
) -> list[str]:
    """The domains whose other future alone changes a frame."""
    name, instant, change, seed = asked
    base = _content(_frames(gather(tables, instant))[name])
    changed = other_tables(tables, instant, change, seed, values)
    alone = {domain: {**tables, domain: changed[domain]} for domain in sorted(tables)}
    return [domain for domain, mix in alone.items() if _content(_frames(gather(mix, instant)).get(name)) != base]


def _gathered(name: str, guilty: Sequence[str], when: tuple[datetime, Change], versions: tuple[Any, Any]) -> Finding:
    instant, change = when
    column, place = _first_difference(*versions)
    domains = ", ".join(guilty) or "several at once"
    mend = (
        f"gather {name} of facts with known_at <= as_of only: FactStore.as_of and history ask for that instant; derive "
        "prices, universes and calendars from those facts alone"
    )
    feature = f"{name}.{column}" if column else name
    return Finding(Severity.CRITICAL, feature, domains, change.value, instant_text(instant), place, "", mend)


def _first_difference(one: Any, other: Any) -> tuple[str, str]:  # noqa: ANN401
    """The first column and row in which two frames differ."""
    if not isinstance(one, pl.DataFrame) or not isinstance(other, pl.DataFrame):
        return "", f"was {one!r:.60}, became {other!r:.60}"
    if one.height != other.height:
        return "", f"had {one.height} rows, has {other.height}"
    for name in one.columns:
        differs = one[name].ne_missing(other[name])
        if differs.any():
            return name, f"row {differs.arg_true()[0]}"
    return "", "by a bit"


def _frames(snapshot: Any) -> dict[str, Any]:  # noqa: ANN401
    return {item.name: getattr(snapshot, item.name) for item in fields(snapshot)}


def _content(value: Any) -> bytes:  # noqa: ANN401
    return encode(value)


def _bytes(value: Any, is_past: pl.Series) -> bytes:  # noqa: ANN401
    if isinstance(value, Absent) or value is None:
        return encode(str(value))
    return encode(value.filter(is_past))


def _untested(name: str) -> Finding:
    mend = "give the audit data on which it has values"
    return Finding(Severity.MEDIUM, name, "", "none", "", "", "", f"no value of it could be compared; {mend}")


def _mend(carrier: str) -> str:
    if carrier in _PANELS:
        return (
            "read rows up to the bar only, of its own share: lag forward in time, end each window with the row, fit "
            "nothing on later rows (nodes.kernels.rolling, nodes.kernels.panels.lagged)"
        )
    return (
        f"join {carrier} by known_at at the bar's closed_at, never by period, event or date alone "
        "(nodes.kernels.known, nodes.kernels.as_of)"
    )


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    ranks = list(Severity)
    return tuple(sorted(findings, key=lambda finding: (ranks.index(finding.severity), finding.feature)))
