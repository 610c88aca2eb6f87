"""Replay: make a recorded run again and compare it, value by value, with what its trace says. Writes nothing.

    read       trace, manifests, policy, sources, environment and slices from the body store
    code       the code of this process when it gives the very plan that was recorded; otherwise the archived sources,
               in a child process (`ArchivedCode`), so that old decisions replay after policy and nodes changed
    compare    packed values of every pass: equal bytes are an identical run, since the digest is a function of them
    explain    the first node in plan order that differs, both values, what changed: code, policy, input, library

A run that differs on another machine class, or whose code or libraries are not there, cannot be judged here: the
answer then names what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from dataflows.engine.frames import frame_from_slices
from dataflows.engine.packing import Layout
from dataflows.engine.plan import NodeKind, Plan
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance.entries import EntryKind
from governance.environment import (
    Environment,
    environment_from_content,
    environment_here,
    library_differences,
    machine_differences,
)
from governance.findings import Progress
from governance.ports import LogReader
from governance.rebuilding import Job, RunAnswer, RunRequest, answers_from_bytes, job_answers
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import AssayError, LogError
from policies.parse import parsed_policy, policy_digest

RUN_KINDS = (EntryKind.PLAN.value, EntryKind.DECISION.value)
_MANIFESTS = ("session_manifest_ref", "order_manifest_ref")
_MAX_NAMED = 3


class ArchivedCode(Protocol):
    """Where archived sources are run: a process of its own, so that they meet none of this process's modules."""

    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        """What `governance.rebuilding.answered` says to a job when the sources are imported before any others."""
        ...


class ReplayOutcome(Enum):
    """What a replay can come to."""

    IDENTICAL = "identical"
    DIVERGED = "diverged"
    CANNOT_RUN = "cannot run here"


@dataclass(frozen=True)
class ReplayReport:
    """What a replay came to.

    Attributes:
        sequence: place of the entry in the log.
        decision_id: the decision, when the entry is one.
        subject: what was run, for people: "AAPL 2005-01-03".
        outcome: identical, diverged, or cannot run here.
        trace_digest: digest of the recorded trace.
        is_archived_code: whether the archived sources ran, and not the code of this process.
        node: the first node in plan order that differs; "" when none does.
        recorded: its recorded value.
        recomputed: its value now.
        causes: what changed, most telling first: code, policy, input, library.
        missing: what a run here would need.
    """

    sequence: int
    decision_id: bytes | None
    subject: str
    outcome: ReplayOutcome
    trace_digest: bytes
    is_archived_code: bool = False
    node: str = ""
    recorded: Any = None
    recomputed: Any = None
    causes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_identical(self) -> bool:
        """Whether every value came out the same, bit for bit."""
        return self.outcome is ReplayOutcome.IDENTICAL


@dataclass(frozen=True)
class _Archive:
    """One run read from the log, ready to be made again."""

    record: Record
    facts: Mapping[str, Any]
    recorded: RecordedRun
    request: RunRequest
    environment: Environment

    @property
    def generation(self) -> tuple[bytes, ...]:
        """Refs of what its generation is made of: runs that share them are made in one job."""
        return tuple(self.facts[name] for name in ("policy_ref", "sources_ref", *_MANIFESTS))


def replays(
    reader: LogReader,
    records: Sequence[Record],
    archived_code: ArchivedCode,
    progress: Progress | None = None,
    *,
    with_current_code: bool = False,
) -> tuple[ReplayReport, ...]:
    """A report on each record, in their order.

    Args:
        reader: a view of the log.
        records: entries of session and order runs.
        archived_code: where archived sources are run.
        progress: told how many are done.
        with_current_code: judge the code of this process even when it is not the recorded one.
    """
    shared = _SharedBodies(reader)
    found = [_archive_or_report(shared, reader, record) for record in records]
    archives = [each for each in found if isinstance(each, _Archive)]
    groups: dict[tuple[bytes, ...], list[_Archive]] = {}
    for archive in archives:
        groups.setdefault(archive.generation, []).append(archive)
    reports = {each.sequence: each for each in found if isinstance(each, ReplayReport)}
    for group in groups.values():
        for report in _group_reports(reader, group, archived_code, with_current_code=with_current_code):
            reports[report.sequence] = report
            if progress is not None:
                progress("replays", len(reports), len(found))
    return tuple(reports[record.sequence] for record in records)


class _SharedBodies:
    """Bodies that many runs name, each read from the log once; others are read each time, not to hold them all."""

    def __init__(self, reader: LogReader) -> None:
        self.body = reader.body
        self._shared: dict[bytes, bytes] = {}
        self._environments: dict[bytes, Environment] = {}

    def shared(self, ref: bytes) -> bytes:
        """The content of a manifest or an environment."""
        if ref not in self._shared:
            self._shared[ref] = self.body(ref)
        return self._shared[ref]

    def environment(self, ref: bytes) -> Environment:
        """The environment that a body describes."""
        if ref not in self._environments:
            self._environments[ref] = environment_from_content(decode(self.shared(ref)))
        return self._environments[ref]


def _archive_or_report(bodies: _SharedBodies, reader: LogReader, record: Record) -> _Archive | ReplayReport:
    """A run ready to be made again, or a report that names the bodies without which it cannot be."""
    try:
        return _archive(bodies, record)
    except LogError:
        named = [value for name, value in record.entry.facts.items() if name.endswith("_ref")]
        wanted = dict.fromkeys((*named, *record.entry.bodies))
        missing = [ref for ref in wanted if reader.stored_body(ref) is None]
        if not missing:
            raise
    return ReplayReport(
        sequence=record.sequence,
        decision_id=record.decision_id,
        subject=_subject(record.entry.facts),
        outcome=ReplayOutcome.CANNOT_RUN,
        trace_digest=record.entry.facts["trace_digest"],
        missing=tuple(f"body {ref.hex()}, {_body_words(record, ref)}" for ref in missing),
    )


def _body_words(record: Record, ref: bytes) -> str:
    """What a body of a run is: what a fact of its entry calls it, else a part of what it read."""
    names = [name.removesuffix("_ref") for name, value in record.entry.facts.items() if value == ref]
    if names:
        return f"its {names[0].replace('_', ' ')}"
    scored = record.entry.facts.get("scored_by") or {}
    model = "".join(f" or the exported model of {family}, sha256:{each.hex()}" for family, each in scored.items())
    return f"a slice of its snapshot{model}"


def _archive(bodies: _SharedBodies, record: Record) -> _Archive:
    if record.kind not in RUN_KINDS:
        message = f"entry {record.sequence} is a {record.kind}, which is no run; replay a decision or a plan"
        raise LogError(message)
    facts = record.entry.facts
    generation = {name: bodies.shared(facts[name]) for name in ("policy_ref", *_MANIFESTS)}
    manifest = generation[_MANIFESTS[0] if record.kind == EntryKind.PLAN.value else _MANIFESTS[1]]
    recorded = recorded_run(bodies.body(facts["trace_ref"]), manifest)
    trace = recorded.trace
    if trace.digest != facts["trace_digest"]:
        message = (
            f"entry {record.sequence} names trace {facts['trace_digest'].hex()}, its archived trace hashes to "
            f"{trace.digest.hex()}; verify the log, then restore the body from a copy"
        )
        raise LogError(message)
    request = RunRequest(
        kind=recorded.plan.kind.value,
        origin=trace.header.origin,
        environment=bodies.shared(facts["environment_ref"]),
        inputs=_inputs(bodies, record, recorded),
        as_of=trace.as_of,
        cites=trace.cites,
        key=trace.key,
    )
    return _Archive(record, facts, recorded, request, bodies.environment(facts["environment_ref"]))


def _inputs(bodies: _SharedBodies, record: Record, recorded: RecordedRun) -> dict[str, Any]:
    """The snapshot's fields; frames are put together from the slices that the entry names."""
    inputs = [node for node in recorded.plan.nodes if node.kind is NodeKind.INPUT]
    values = {node.name: recorded.values[node.name] for node in inputs}
    framed = [node.name for node in inputs if node.unit.base.__name__ == "DataFrame"]
    if not framed:
        return values
    contents = [bodies.body(ref) for ref in record.entry.bodies]
    slices = {digest("slice", content): content for content in contents}
    for name in framed:
        if not isinstance(values[name], Absent):
            values[name] = frame_from_slices(values[name]["slices"], slices)
    return values


def _group_reports(
    reader: LogReader, group: list[_Archive], archived_code: ArchivedCode, *, with_current_code: bool
) -> list[ReplayReport]:
    facts = group[0].facts
    policy = reader.body(facts["policy_ref"])
    session_manifest, order_manifest = (reader.body(facts[name]) for name in _MANIFESTS)
    job = Job(policy, session_manifest, order_manifest, tuple(archive.request for archive in group))
    answers = _answers_here(job)
    plans = [archive.recorded.plan.digest for archive in group]
    is_current = answers is not None and [answer.plan_digest for answer in answers] == plans
    missing = None
    if not is_current and not with_current_code:
        answers, missing = _archived_answers(reader, facts["sources_ref"], archived_code, job)
    if not answers:
        reason = missing or "the code of this process does not give the recorded plan"
        return [_cannot_run(archive, (reason,)) for archive in group]
    is_archived = not is_current and not with_current_code
    pairs = zip(group, answers, strict=True)
    return [replace(_report(archive, answer, policy), is_archived_code=is_archived) for archive, answer in pairs]


def _archived_answers(
    reader: LogReader, sources_ref: bytes, archived_code: ArchivedCode, job: Job
) -> tuple[tuple[RunAnswer, ...], str | None]:
    """The answers of the archived code, and what it lacks; none when it is not archived any more."""
    if reader.stored_body(sources_ref) is None:
        return (), f"body {sources_ref.hex()}, its sources: the code that decided is no longer in the archive"
    sources = decode(reader.body(sources_ref))
    return answers_from_bytes(archived_code.answer(sources, encode(job)))


def _answers_here(job: Job) -> tuple[RunAnswer, ...] | None:
    """The answers of the code of this process; None when it knows no such plan."""
    try:
        return job_answers(job)
    except (AssayError, ImportError):
        return None


def _report(archive: _Archive, answer: RunAnswer, policy: bytes) -> ReplayReport:
    report = _blank(archive, ReplayOutcome.IDENTICAL)
    if archive.recorded.trace.packed == answer.packed:
        return report
    here = environment_here()
    apart = machine_differences(archive.environment, here)
    if apart and not _changed_codes(archive, answer, _names(archive.recorded.plan)):
        return _cannot_run(archive, apart)
    node, recorded, recomputed = _first_difference(archive.recorded, answer)
    causes = _causes(archive, answer, policy, node, library_differences(archive.environment, here))
    return replace(
        report,
        outcome=ReplayOutcome.DIVERGED,
        node=node,
        recorded=recorded,
        recomputed=recomputed,
        causes=causes,
    )


def _blank(archive: _Archive, outcome: ReplayOutcome) -> ReplayReport:
    facts = archive.facts
    return ReplayReport(
        sequence=archive.record.sequence,
        decision_id=archive.record.decision_id,
        subject=_subject(facts),
        outcome=outcome,
        trace_digest=archive.recorded.trace.digest,
    )


def _subject(facts: Mapping[str, Any]) -> str:
    return f"{facts.get('symbol', 'session')} {facts['session_on']}"


def _cannot_run(archive: _Archive, missing: tuple[str, ...]) -> ReplayReport:
    wanted = (*missing, *library_differences(archive.environment, environment_here()))
    return replace(_blank(archive, ReplayOutcome.CANNOT_RUN), missing=tuple(dict.fromkeys(wanted)))


def _first_difference(recorded: RecordedRun, answer: RunAnswer) -> tuple[str, Any, Any]:
    """The first node in plan order whose value differs in some pass, and both values."""
    names = tuple(node.name for node in recorded.plan.computed)
    if names != answer.nodes:
        apart = next(iter([*(set(names) - set(answer.nodes)), *(set(answer.nodes) - set(names))]), names[0])
        return apart, "in the plan" if apart in names else "not in the plan", "the other way round"
    layout = Layout(recorded.plan.computed)
    for before, now in zip(layout.passes(recorded.trace.packed), layout.passes(answer.packed), strict=False):
        for name, old, new in zip(names, before, now, strict=True):
            if encode(old) != encode(new):
                return name, old, new
    n_before, n_now = len(recorded.trace.packed), len(answer.packed)
    return "order_shares", f"{n_before} passes", f"{n_now} passes"


def _causes(
    archive: _Archive, answer: RunAnswer, policy: bytes, node: str, libraries: tuple[str, ...]
) -> tuple[str, ...]:
    plan = archive.recorded.plan
    causes = []
    changed = _changed_codes(archive, answer, _upstream(plan, node))
    if changed:
        more = f" and {len(changed) - _MAX_NAMED} more" if len(changed) > _MAX_NAMED else ""
        causes.append(f"code of {', '.join(changed[:_MAX_NAMED])}{more} is other than recorded")
    if policy_digest(parsed_policy(policy, "archived policy").policy) != archive.recorded.trace.header.policy_digest:
        causes.append("policy is other than recorded")
    if node in plan.inputs:
        causes.append(f"input {node} is other than recorded")
    causes += [f"library {difference}" for difference in libraries]
    return tuple(causes) or ("nothing that is recorded: the node does not always give the same value",)


def _changed_codes(archive: _Archive, answer: RunAnswer, names: Sequence[str]) -> list[str]:
    recorded = {node.name: node.code_digest for node in archive.recorded.plan.nodes}
    return [name for name in names if recorded.get(name, b"") != answer.codes.get(name, b"")]


def _names(plan: Plan) -> list[str]:
    return [node.name for node in plan.nodes if node.kind is NodeKind.FUNCTION]


def _upstream(plan: Plan, name: str) -> list[str]:
    """A node and all that it reads, in plan order."""
    arguments = {node.name: node.arguments for node in plan.nodes}
    reached, waiting = set[str](), [name]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += arguments.get(here, ())
    return [node.name for node in plan.nodes if node.name in reached]
