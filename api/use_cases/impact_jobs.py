"""An impact as a job: what is asked, how it is done chunk by chunk, and what is kept of it.

The view is pinned when the work begins: how long the log was, its root, which decisions are meant. Chunks are kept as
they are judged, so that a job whose process died goes on with the first chunk that is missing; when the candidate
compiles to another plan by then, because the code under it changed, it begins anew. What is kept can be made again from
the log at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import msgspec

from adapters.sql.job_rows import Job, JobState
from adapters.sql.jobs import JobBox
from api.use_cases.activation import logged_activation
from api.use_cases.jobs import JobDesk
from api.use_cases.policies import Candidate, candidate
from governance.entries import EntryKind
from governance.impact_report import (
    ImpactReport,
    ImpactSubject,
    LaterReturn,
    PathImpact,
    impact_digest,
    impact_facts,
    impact_report,
)
from governance.impact_rows import ImpactChunk, ImpactRow
from governance.merkle import Frontier
from governance.ports import LogReader, LogStore
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, PolicyError
from nodes.vocabulary.instants import instant_ns
from policies.parse import policy_reading

KIND = "impact"
REPORT = b"report"
"""The key under which the report's canonical bytes are kept, among the parts of the job."""
_VIEW = b"view"
CHUNK_DECISIONS = 2000
MAX_LAST = 10_000_000
MAX_HORIZON_SESSIONS = 250
HORIZON_SESSIONS = 20
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)


class ImpactAsked(msgspec.Struct, frozen=True):
    """What is asked of an impact.

    Attributes:
        text: the candidate.
        file: what its faults call it.
        last: only the newest decisions, so many; None takes all.
        since: only decisions as of this day or later.
        until: only decisions as of this day or earlier.
        horizon_sessions: over how many sessions later returns are taken.
        has_path: whether the book is simulated again under the candidate, too.
    """

    text: str
    file: str = "candidate.yaml"
    last: int | None = None
    since: date | None = None
    until: date | None = None
    horizon_sessions: int = HORIZON_SESSIONS
    has_path: bool = False

    @property
    def words(self) -> str:
        """Which decisions are meant, for people."""
        days = [f"since {self.since}" if self.since else "", f"until {self.until}" if self.until else ""]
        newest = "all decisions" if self.last is None else f"the newest {self.last} decisions"
        return " ".join([newest, *filter(None, days)])


class _View(msgspec.Struct, frozen=True):
    """What was pinned when the work began."""

    plan_digest: bytes
    log_size: int
    log_root: bytes
    live: str
    live_digest: bytes
    places: tuple[tuple[int, ...], ...]


class ImpactSummary(msgspec.Struct, frozen=True):
    """What an impact came to, in short; the report says all of it.

    Attributes:
        impact_digest: of the report: what an activation names.
        candidate: family and version.
        candidate_digest: its policy digest.
        n_decisions: decisions judged.
        n_flipped: those with another verdict.
        n_resized: those of which another number of shares could be sent.
        n_changed: those with another verdict, size, or set of rules that object.
        n_unread: those that could not be judged.
    """

    impact_digest: str
    candidate: str
    candidate_digest: str
    n_decisions: int
    n_flipped: int
    n_resized: int
    n_changed: int
    n_unread: int


class Judges(Protocol):
    """Who judges chunks of decisions."""

    def chunks(self, places: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[tuple[int, bytes]]:
        """Chunks by number, in whatever order they are done, as `chunk_bytes` writes them."""
        ...


class PathWork(Protocol):
    """What simulates the book again."""

    def __call__(self, desk: JobDesk, tested: Candidate, reader: LogReader, until: date | None, /) -> PathImpact | None:
        """The book under a candidate; None where no session was planned."""
        ...


@dataclass(frozen=True)
class ImpactWork:
    """What does impact jobs.

    Attributes:
        store: opens the log to read.
        judges: who judges so many chunks of a candidate's impact.
        later: what shares returned over so many sessions that followed.
        path: simulates the book.
    """

    store: Callable[[], AbstractContextManager[LogStore]]
    judges: Callable[[Candidate, int], AbstractContextManager[Judges]]
    later: Callable[[int], LaterReturn]
    path: PathWork

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job."""
        asked = msgspec.json.decode(desk.job.request, type=ImpactAsked)
        tested = candidate(asked.text.encode(), asked.file)
        with self.store() as store, store.reader() as reader:
            view = _pinned(desk, reader, tested, asked)
            chunks = self._chunks(desk, tested, view)
            path = self.path(desk, tested, reader, asked.until) if asked.has_path else None
            subject = _subject(store.origin, tested, view, asked)
        report = impact_report(subject, chunks, self.later(asked.horizon_sessions), path)
        body = report.body
        desk.keep(REPORT, body)
        return msgspec.json.encode(_summary(report, body))

    def _chunks(self, desk: JobDesk, tested: Candidate, view: _View) -> tuple[ImpactChunk, ...]:
        """Every chunk, judged now or kept before."""
        kept = {number: part for number in range(len(view.places)) if (part := desk.part(chunk_key(number)))}
        missing = [(number, places) for number, places in enumerate(view.places) if number not in kept]
        total, done = sum(map(len, view.places)), sum(len(view.places[number]) for number in kept)
        desk.progress("decisions", done, max(total, 1))
        if missing:
            with self.judges(tested, len(missing)) as judges:
                for number, part in judges.chunks(missing):
                    desk.keep(chunk_key(number), part)
                    kept[number] = part
                    done += len(view.places[number])
                    desk.progress("decisions", done, total)
        return tuple(chunk_from_bytes(kept[number]) for number in range(len(view.places)))


def asked_impact(box: JobBox, asked: ImpactAsked, principal: str) -> Job:
    """The job of an impact: the one that was asked for and is not done, or a new one.

    Raises PolicyError with every fault of the candidate's form, EdgeError for days in the wrong order.
    """
    reading = policy_reading(asked.text.encode(), asked.file)
    if reading.faults or reading.parsed is None:
        raise PolicyError(reading.faults)
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        message = f"decisions since {asked.since} until {asked.until} are none; name the earlier day first"
        raise EdgeError(message, reason="invalid")
    request = msgspec.json.encode(asked)
    return box.unfinished(KIND, request) or box.asked(KIND, request, principal)


def impact_job(box: JobBox, impact_id: str) -> Job:
    """The job of an impact. Raises EdgeError (not-found) when it is of another kind, or not there."""
    job = box.job(impact_id)
    if job.kind != KIND:
        message = f"job {impact_id} is of kind {job.kind}, no impact; look at it under /api/v1/jobs/{impact_id}"
        raise EdgeError(message, reason="not-found")
    return job


def kept_impact(box: JobBox, impact_id: str, policy_digest: bytes | None = None) -> bytes:
    """The report of an impact that is done, as canonical bytes.

    Args:
        box: the jobs.
        impact_id: its job.
        policy_digest: the policy that it must be about; None takes any.

    Raises:
        EdgeError: there is no such report yet (not-found), or it is about another policy (invalid).
    """
    job = impact_job(box, impact_id)
    body = box.part(impact_id, REPORT)
    if job.state is not JobState.DONE or body is None:
        message = f"impact {impact_id} is {job.state.value} and has no report; wait until it is done"
        raise EdgeError(message, reason="not-found")
    found = impact_facts(body)["subject"]["candidate_digest"]
    if policy_digest is not None and found != policy_digest:
        message = f"impact {impact_id} is about policy {digest_text(found)}, not {digest_text(policy_digest)}"
        raise EdgeError(f"{message}; run one of the policy that is meant", reason="invalid")
    return body


@dataclass(frozen=True)
class RowFilter:
    """Which decisions of an impact are wanted; None takes any.

    Attributes:
        rule: objects now and did not, or did and does not now.
        symbol: of this share.
        flip: from which verdict to which, "clip>deny".
    """

    rule: str | None = None
    symbol: str | None = None
    flip: str | None = None

    def takes(self, row: ImpactRow) -> bool:
        """Whether a decision is wanted."""
        return (
            (self.symbol is None or row.symbol == self.symbol)
            and (self.flip is None or row.flip == self.flip)
            and (self.rule is None or self.rule in row.rules_added or self.rule in row.rules_dropped)
        )


def impact_rows(
    box: JobBox, impact_id: str, wanted: RowFilter, limit: int, after: int = -1
) -> tuple[tuple[ImpactRow, ...], bool]:
    """Decisions of an impact that would come out otherwise, in the order of the log, and whether there are more.

    Args:
        box: the jobs.
        impact_id: the impact's job, done.
        wanted: which of them.
        limit: at most so many.
        after: only those behind this place of the log.
    """
    tables = impact_facts(kept_impact(box, impact_id))["tables"]
    found: list[ImpactRow] = []
    for number, (_, n_rows) in enumerate(tables):
        part = box.part(impact_id, chunk_key(number)) if n_rows else None
        if part is None:
            continue
        found += [row for row in chunk_from_bytes(part).rows if row.sequence > after and wanted.takes(row)]
        if len(found) > limit:
            return tuple(found[:limit]), True
    return tuple(found), False


def chunk_key(number: int) -> bytes:
    """The key under which a chunk is kept, among the parts of the job."""
    return b"chunk-%d" % number


def chunk_bytes(chunk: ImpactChunk) -> bytes:
    """A chunk as it is kept."""
    return msgspec.msgpack.encode(chunk)


def chunk_from_bytes(data: bytes) -> ImpactChunk:
    """The chunk that was kept."""
    return msgspec.msgpack.decode(data, type=ImpactChunk)


def _pinned(desk: JobDesk, reader: LogReader, tested: Candidate, asked: ImpactAsked) -> _View:
    """The view of an impact: pinned before, or now."""
    kept, plan_digest = desk.part(_VIEW), tested.generation.order.digest
    if kept is not None and (view := msgspec.msgpack.decode(kept, type=_View)).plan_digest == plan_digest:
        return view
    head = reader.head()
    newest = logged_activation(reader, tested.parsed.policy.strategy)
    facts: Mapping[str, object] = {} if newest is None else newest.facts
    view = _View(
        plan_digest=plan_digest,
        log_size=head.size,
        log_root=Frontier.from_bytes(head.size, head.frontier).root,
        live=f"{facts['policy']} v{facts['version']}" if facts else "",
        live_digest=b"" if newest is None else newest.facts["policy_digest"],
        places=_chunked(reader, asked),
    )
    for number in range(len(view.places)):  # of an earlier plan, if any
        if desk.part(chunk_key(number)) is not None:
            desk.keep(chunk_key(number), b"")
    desk.keep(_VIEW, msgspec.msgpack.encode(view))
    return view


def _chunked(reader: LogReader, asked: ImpactAsked) -> tuple[tuple[int, ...], ...]:
    since, until = asked.since or _FIRST_DAY, asked.until or _LAST_DAY
    places = reader.places(EntryKind.DECISION, _day_ns(since), _day_ns(until + timedelta(days=1)), asked.last)
    return tuple(tuple(places[at : at + CHUNK_DECISIONS]) for at in range(0, len(places), CHUNK_DECISIONS))


def _day_ns(day: date) -> int:
    return instant_ns(datetime.combine(day, time(), UTC))


def _subject(origin: str, tested: Candidate, view: _View, asked: ImpactAsked) -> ImpactSubject:
    policy = tested.parsed.policy
    return ImpactSubject(
        origin=origin,
        log_size=view.log_size,
        log_root=view.log_root,
        candidate=f"{policy.family} v{policy.version}",
        candidate_digest=tested.generation.policy_digest,
        order_plan_digest=view.plan_digest,
        live=view.live,
        live_digest=view.live_digest,
        asked=asked.words,
        first_sequence=view.places[0][0] if view.places else -1,
        last_sequence=view.places[-1][-1] if view.places else -1,
        horizon_sessions=asked.horizon_sessions,
    )


def _summary(report: ImpactReport, body: bytes) -> ImpactSummary:
    return ImpactSummary(
        impact_digest=digest_text(impact_digest(body)),
        candidate=report.subject.candidate,
        candidate_digest=digest_text(report.subject.candidate_digest),
        n_decisions=report.n_decisions,
        n_flipped=report.n_flipped,
        n_resized=report.n_resized,
        n_changed=report.n_changed,
        n_unread=sum(report.unread.values()),
    )
