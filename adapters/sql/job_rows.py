"""Jobs as rows: the tables, what a row says, and the events that each change leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    func,
    insert,
    select,
)

from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns

METADATA = MetaData()
ROWS = Table(
    "jobs",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("job_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("principal", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_cancelled", Integer, nullable=False),
    Column("owner", Text),
    Column("leased_to_ns", BigInteger, nullable=False),
    Column("made_at_ns", BigInteger, nullable=False),
    Column("changed_at_ns", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("n_claims", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Column("result", LargeBinary),
    Index("ix_jobs_state", "state", "sequence"),
)
EVENTS = Table(
    "job_events",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Index("ix_job_events_job_id", "job_id", "sequence"),
)
PARTS = Table(
    "job_parts",
    METADATA,
    Column("job_id", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("part", LargeBinary, nullable=False),
)


class JobState(Enum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True)
class Job:
    """A job as it stands.

    Attributes:
        job_id: its name.
        kind: of work.
        request: what was asked, in the words of that kind.
        principal: who asked.
        state: how far it is.
        is_cancelled: whether somebody asked for its end.
        owner: the process that works on it; None when none does.
        made_at: when it was asked for.
        changed_at: when anything last happened to it.
        what: what is being done.
        done: how much of that.
        total: how much there is of that.
        n_claims: how many processes took it up, each after the one before died.
        because: why it failed, with the mend; "" otherwise.
        result: what it came to, in the words of that kind.
    """

    job_id: str
    kind: str
    request: bytes
    principal: str
    state: JobState
    is_cancelled: bool
    owner: str | None
    made_at: datetime
    changed_at: datetime
    what: str
    done: int
    total: int
    n_claims: int
    because: str
    result: bytes | None


@dataclass(frozen=True)
class JobEvent:
    """One change of a job.

    Attributes:
        sequence: its number; later changes have higher ones.
        job_id: the job.
        state: how far it was.
        what: what was being done.
        done: how much of it.
        total: how much there was.
        at: when.
    """

    sequence: int
    job_id: str
    state: JobState
    what: str
    done: int
    total: int
    at: datetime


class JobEndedError(EdgeError):
    """Who works on a job is to stop: it was cancelled, or another process has it."""


def require_own(connection: Connection, job_id: str, owner: str) -> None:
    """Raises JobEndedError when a job was cancelled or is another's than its would-be owner's."""
    found = connection.execute(select(ROWS).where(ROWS.c.job_id == job_id)).one_or_none()
    if found is None or found.owner != owner:
        message = f"job {job_id} is another process's by now; this one stops"
        raise JobEndedError(message, reason="job-lost")
    if found.is_cancelled:
        raise JobEndedError(f"job {job_id} was cancelled; ask for it again to have it done", reason="job-cancelled")


def tell(connection: Connection, job_id: str, at_ns: int) -> None:
    """Leave an event of how a job stands now."""
    columns = [ROWS.c[name] for name in ("job_id", "state", "what", "done", "total")]
    told = connection.execute(select(*columns).where(ROWS.c.job_id == job_id)).one()
    connection.execute(insert(EVENTS), {**told._mapping, "at_ns": at_ns})  # noqa: SLF001  # SQLAlchemy's public name


def one_job(connection: Connection, job_id: str) -> Job:
    """A job as it stands. Raises EdgeError for one that there is not."""
    found = jobs_of(connection, select(ROWS).where(ROWS.c.job_id == job_id))
    if not found:
        n_jobs = connection.execute(select(func.count()).select_from(ROWS)).scalar_one()
        message = f"job {job_id!r} is none of the {n_jobs} here; look at the list of jobs"
        raise EdgeError(message, reason="not-found")
    return found[0]


def jobs_of(connection: Connection, query: Select[Any]) -> tuple[Job, ...]:
    """The jobs that a query of their table finds."""
    return tuple(_job(row) for row in connection.execute(query))


def _job(row: Row[Any]) -> Job:
    return Job(
        job_id=row.job_id,
        kind=row.kind,
        request=bytes(row.request),
        principal=row.principal,
        state=JobState(row.state),
        is_cancelled=bool(row.is_cancelled),
        owner=row.owner,
        made_at=instant_from_ns(row.made_at_ns),
        changed_at=instant_from_ns(row.changed_at_ns),
        what=row.what,
        done=row.done,
        total=row.total,
        n_claims=row.n_claims,
        because=row.because,
        result=None if row.result is None else bytes(row.result),
    )
