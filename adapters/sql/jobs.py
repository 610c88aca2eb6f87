"""Long work, kept in SQLite from the request to the result: who does it may die, and another one goes on.

A job is claimed by one process for a short lease, which the process renews while it works. When the lease runs out,
the process is taken for dead and the next one that looks claims the job; what the dead one kept is there. Every change
is an event with a number, so that a follower can go on where its connection broke.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from adapters.sql.dialect import insert_or_replace, translated
from adapters.sql.sqlite import BUSY_TIMEOUT_S, sqlite_engine
from adapters.sql.store import WRITES
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns, instant_ns

JOBS = "jobs.db"
"""The file in a home."""
LEASE_S = 15.0
"""After so long without a word from its process a job may be taken over."""
_ID_BYTES = 8
_NS = 1_000_000_000
_METADATA = MetaData()
_JOBS = Table(
    "jobs",
    _METADATA,
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
_EVENTS = Table(
    "job_events",
    _METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Index("ix_job_events_job_id", "job_id", "sequence"),
)
_PARTS = Table(
    "job_parts",
    _METADATA,
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


class JobBox:
    """The jobs of one installation, in a file of their own."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._clock = path, clock
        self._engine = sqlite_engine(self._connection)
        with self._writing() as connection:
            _METADATA.create_all(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def asked(self, kind: str, request: bytes, principal: str) -> Job:
        """A new job, waiting."""
        now_ns = instant_ns(self._clock())
        job_id = secrets.token_hex(_ID_BYTES)
        row = {
            "job_id": job_id,
            "kind": kind,
            "request": request,
            "principal": principal,
            "state": JobState.QUEUED.value,
            "is_cancelled": 0,
            "leased_to_ns": 0,
            "made_at_ns": now_ns,
            "changed_at_ns": now_ns,
            "what": "waiting",
            "done": 0,
            "total": 1,
            "n_claims": 0,
            "because": "",
        }
        with self._writing() as connection:
            connection.execute(insert(_JOBS), row)
            _tell(connection, job_id, now_ns)
            return _one(connection, job_id)

    def job(self, job_id: str) -> Job:
        """A job as it stands. Raises EdgeError for one that there is not."""
        with self._reading() as connection:
            return _one(connection, job_id)

    def newest(self, count: int) -> tuple[Job, ...]:
        """The newest jobs, newest first."""
        with self._reading() as connection:
            return _jobs(connection, select(_JOBS).order_by(_JOBS.c.sequence.desc()).limit(count))

    def unfinished(self, kind: str, request: bytes) -> Job | None:
        """The newest job of that very request that nobody works on and that came to no end."""
        query = select(_JOBS).where(_JOBS.c.kind == kind, _JOBS.c.request == request, self._is_free())
        with self._reading() as connection:
            found = _jobs(connection, query.order_by(_JOBS.c.sequence.desc()).limit(1))
        return found[0] if found else None

    def finished(self, kind: str, request: bytes) -> Job | None:
        """The newest job of that very request that is done."""
        is_done = and_(_JOBS.c.kind == kind, _JOBS.c.request == request, _JOBS.c.state == JobState.DONE.value)
        with self._reading() as connection:
            found = _jobs(connection, select(_JOBS).where(is_done).order_by(_JOBS.c.sequence.desc()).limit(1))
        return found[0] if found else None

    def free(self) -> str | None:
        """The oldest job that nobody works on, by its name."""
        with self._reading() as connection:
            found = connection.execute(
                select(_JOBS.c.job_id).where(self._is_free()).order_by(_JOBS.c.sequence).limit(1)
            )
            return found.scalar()

    def claimed(self, owner: str, job_id: str | None = None) -> Job | None:
        """The oldest job that nobody works on, or that one, taken by a process for the length of a lease.

        Args:
            owner: unique name of the process, or of its worker.
            job_id: the job that is meant; any by default.
        """
        with self._writing() as connection:
            self._bury(connection)
            free = select(_JOBS.c.job_id).where(self._is_free())
            if job_id is not None:
                free = free.where(_JOBS.c.job_id == job_id)
            found = connection.execute(free.order_by(_JOBS.c.sequence).limit(1)).scalar()
            if found is None:
                return None
            values = {"state": JobState.RUNNING.value, "owner": owner, "n_claims": _JOBS.c.n_claims + 1}
            self._change(connection, found, values)
            return _one(connection, found)

    def renewed(self, job_id: str, owner: str, progress: tuple[str, int, int] | None = None) -> None:
        """The lease renewed, and how far the work is, if it is told.

        Raises JobEndedError when the job was cancelled or is another's by now.
        """
        with self._writing() as connection:
            _require_own(connection, job_id, owner)
            values: dict[str, Any] = {}
            if progress is not None:
                values = dict(zip(("what", "done", "total"), progress, strict=True))
            self._change(connection, job_id, values, is_told=progress is not None)

    def ended(self, job_id: str, owner: str, state: JobState, *, result: bytes | None = None, because: str = "") -> Job:
        """A job's end, by who works on it. Raises JobEndedError when it is another's by now."""
        with self._writing() as connection:
            if state is not JobState.CANCELLED:
                _require_own(connection, job_id, owner)
            values = {"state": state.value, "result": result, "because": because, "owner": None}
            self._change(connection, job_id, values)
            return _one(connection, job_id)

    def released(self, job_id: str, owner: str) -> None:
        """A job given back unfinished by who worked on it; nothing happens when it is another's by now."""
        with self._writing() as connection:
            mine = and_(_JOBS.c.job_id == job_id, _JOBS.c.owner == owner)
            if connection.execute(select(_JOBS.c.job_id).where(mine)).scalar() is not None:
                self._change(connection, job_id, {"state": JobState.QUEUED.value, "owner": None})

    def cancelled(self, job_id: str) -> Job:
        """A job that is to end. One that nobody works on ends at once; another when its process next tells.

        Raises EdgeError for a job that there is not, or that came to its end before.
        """
        with self._writing() as connection:
            found = _one(connection, job_id)
            if found.state.is_final:
                message = f"job {job_id} is {found.state.value} already; there is nothing to cancel"
                raise EdgeError(message, reason="job-ended")
            values: dict[str, Any] = {"is_cancelled": 1}
            is_free = connection.execute(
                select(_JOBS.c.job_id).where(_JOBS.c.job_id == job_id, self._is_free())
            ).scalar()
            if is_free is not None:
                values |= {"state": JobState.CANCELLED.value, "owner": None}
            connection.execute(update(_JOBS).where(_JOBS.c.job_id == job_id).values(values))
            _tell(connection, job_id, instant_ns(self._clock()))
            return _one(connection, job_id)

    def part(self, job_id: str, key: bytes) -> bytes | None:
        """What a job kept under a key."""
        query = select(_PARTS.c.part).where(_PARTS.c.job_id == job_id, _PARTS.c.key == key)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else bytes(found)

    def parts(self, job_id: str) -> dict[bytes, bytes]:
        """All that a job kept."""
        query = select(_PARTS.c.key, _PARTS.c.part).where(_PARTS.c.job_id == job_id)
        with self._reading() as connection:
            return {bytes(key): bytes(part) for key, part in connection.execute(query)}

    def keep(self, job_id: str, parts: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep parts of a job's work, durably: keys and what is kept under them."""
        rows = [{"job_id": job_id, "key": key, "part": part} for key, part in parts]
        with self._writing() as connection:
            connection.execute(insert_or_replace(connection.dialect, _PARTS), rows)

    def events(self, job_id: str, after: int, count: int) -> tuple[JobEvent, ...]:
        """The oldest changes of a job behind a number, at most `count`."""
        query = select(_EVENTS).where(_EVENTS.c.job_id == job_id, _EVENTS.c.sequence > after)
        with self._reading() as connection:
            found = connection.execute(query.order_by(_EVENTS.c.sequence).limit(count)).all()
        return tuple(
            JobEvent(row.sequence, row.job_id, JobState(row.state), row.what, row.done, row.total,
                     instant_from_ns(row.at_ns))
            for row in found
        )  # fmt: skip

    def _is_free(self) -> Any:  # noqa: ANN401  # a clause
        now_ns = instant_ns(self._clock())
        is_left = and_(_JOBS.c.state == JobState.RUNNING.value, _JOBS.c.leased_to_ns < now_ns)
        return and_(_JOBS.c.is_cancelled == 0, or_(_JOBS.c.state == JobState.QUEUED.value, is_left))

    def _bury(self, connection: Connection) -> None:
        """Jobs that were cancelled and whose process died before it heard of it."""
        is_left = and_(_JOBS.c.state == JobState.RUNNING.value, _JOBS.c.leased_to_ns < instant_ns(self._clock()))
        for job_id in (
            connection.execute(select(_JOBS.c.job_id).where(_JOBS.c.is_cancelled == 1, is_left)).scalars().all()
        ):
            self._change(connection, job_id, {"state": JobState.CANCELLED.value, "owner": None})

    def _change(self, connection: Connection, job_id: str, values: dict[str, Any], *, is_told: bool = True) -> None:
        now_ns = instant_ns(self._clock())
        lease = {"leased_to_ns": now_ns + int(LEASE_S * _NS), "changed_at_ns": now_ns}
        connection.execute(update(_JOBS).where(_JOBS.c.job_id == job_id).values({**lease, **values}))
        if is_told:
            _tell(connection, job_id, now_ns)

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(str(self._path)), self._engine.connect() as connection:
            writing = connection.execution_options(**{WRITES: True})
            with writing.begin():
                yield writing

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(str(self._path)), self._engine.connect() as connection, connection.begin():
            yield connection


def _require_own(connection: Connection, job_id: str, owner: str) -> None:
    found = connection.execute(select(_JOBS).where(_JOBS.c.job_id == job_id)).one_or_none()
    if found is None or found.owner != owner:
        message = f"job {job_id} is another process's by now; this one stops"
        raise JobEndedError(message, reason="job-lost")
    if found.is_cancelled:
        raise JobEndedError(f"job {job_id} was cancelled; ask for it again to have it done", reason="job-cancelled")


def _tell(connection: Connection, job_id: str, at_ns: int) -> None:
    columns = [_JOBS.c[name] for name in ("job_id", "state", "what", "done", "total")]
    told = connection.execute(select(*columns).where(_JOBS.c.job_id == job_id)).one()
    connection.execute(insert(_EVENTS), {**told._mapping, "at_ns": at_ns})  # noqa: SLF001  # SQLAlchemy's public name


def _one(connection: Connection, job_id: str) -> Job:
    found = _jobs(connection, select(_JOBS).where(_JOBS.c.job_id == job_id))
    if not found:
        n_jobs = connection.execute(select(func.count()).select_from(_JOBS)).scalar_one()
        message = f"job {job_id!r} is none of the {n_jobs} here; look at the list of jobs"
        raise EdgeError(message, reason="not-found")
    return found[0]


def _jobs(connection: Connection, query: Select[Any]) -> tuple[Job, ...]:
    return tuple(_job(row) for row in connection.execute(query))


def _job(row: Row[Any]) -> Job:
    return Job(
        job_id=row.job_id,
        kind=row.kind,
        request=bytes(row.request),
        principal=row.principal,
        state=JobState(row.state),
        is_cancelled=bool(row.is_cancelled),
        made_at=instant_from_ns(row.made_at_ns),
        changed_at=instant_from_ns(row.changed_at_ns),
        what=row.what,
        done=row.done,
        total=row.total,
        n_claims=row.n_claims,
        because=row.because,
        result=None if row.result is None else bytes(row.result),
    )
