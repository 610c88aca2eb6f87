"""Long work, kept in SQLite from the request to the result: who does it may die, and another one goes on.

A job is claimed by one process for a short lease, which the process renews while it works. When the lease runs out,
the process is taken for dead and the next one that looks claims the job; what the dead one kept is there. Every change
is an event with a number, so that a follower can go on where its connection broke.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    insert,
    or_,
    select,
    update,
)

from adapters.sql.dialect import insert_or_replace
from adapters.sql.job_rows import (
    EVENTS,
    METADATA,
    PARTS,
    ROWS,
    Job,
    JobEvent,
    JobState,
    jobs_of,
    one_job,
    require_own,
    tell,
)
from adapters.sql.sql_file import SqlFile
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns, instant_ns

JOBS = "jobs.db"
"""The file in a home."""
LEASE_S = 15.0
"""After so long without a word from its process a job may be taken over."""
_ID_BYTES = 8
_NS = 1_000_000_000


class JobBox(SqlFile):
    """The jobs of one installation, in a file of their own."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(path, METADATA)
        self._clock = clock

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
            connection.execute(insert(ROWS), row)
            tell(connection, job_id, now_ns)
            return one_job(connection, job_id)

    def job(self, job_id: str) -> Job:
        """A job as it stands. Raises EdgeError for one that there is not."""
        with self._reading() as connection:
            return one_job(connection, job_id)

    def newest(self, count: int) -> tuple[Job, ...]:
        """The newest jobs, newest first."""
        with self._reading() as connection:
            return jobs_of(connection, select(ROWS).order_by(ROWS.c.sequence.desc()).limit(count))

    def unfinished(self, kind: str, request: bytes) -> Job | None:
        """The newest job of that very request that waits or is under way, and that nobody cancelled."""
        is_open = ROWS.c.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
        query = select(ROWS).where(ROWS.c.kind == kind, ROWS.c.request == request, is_open, ROWS.c.is_cancelled == 0)
        with self._reading() as connection:
            found = jobs_of(connection, query.order_by(ROWS.c.sequence.desc()).limit(1))
        return found[0] if found else None

    def running(self) -> tuple[Job, ...]:
        """The jobs that some process works on, or did when it last told."""
        with self._reading() as connection:
            return jobs_of(connection, select(ROWS).where(ROWS.c.state == JobState.RUNNING.value))

    def finished(self, kind: str, request: bytes) -> Job | None:
        """The newest job of that very request that is done."""
        is_done = and_(ROWS.c.kind == kind, ROWS.c.request == request, ROWS.c.state == JobState.DONE.value)
        with self._reading() as connection:
            found = jobs_of(connection, select(ROWS).where(is_done).order_by(ROWS.c.sequence.desc()).limit(1))
        return found[0] if found else None

    def free(self) -> str | None:
        """The oldest job that nobody works on, by its name."""
        with self._reading() as connection:
            found = connection.execute(select(ROWS.c.job_id).where(self._is_free()).order_by(ROWS.c.sequence).limit(1))
            return found.scalar()

    def claimed(self, owner: str, job_id: str | None = None) -> Job | None:
        """The oldest job that nobody works on, or that one, taken by a process for the length of a lease.

        Args:
            owner: unique name of the process, or of its worker.
            job_id: the job that is meant; any by default.
        """
        with self._writing() as connection:
            self._bury(connection)
            free = select(ROWS.c.job_id).where(self._is_free())
            if job_id is not None:
                free = free.where(ROWS.c.job_id == job_id)
            found = connection.execute(free.order_by(ROWS.c.sequence).limit(1)).scalar()
            if found is None:
                return None
            values = {"state": JobState.RUNNING.value, "owner": owner, "n_claims": ROWS.c.n_claims + 1}
            self._change(connection, found, values)
            return one_job(connection, found)

    def renewed(self, job_id: str, owner: str, progress: tuple[str, int, int] | None = None) -> None:
        """The lease renewed, and how far the work is, if it is told.

        Raises JobEndedError when the job was cancelled or is another's by now.
        """
        with self._writing() as connection:
            require_own(connection, job_id, owner)
            values: dict[str, Any] = {}
            if progress is not None:
                values = dict(zip(("what", "done", "total"), progress, strict=True))
            self._change(connection, job_id, values, is_told=progress is not None)

    def ended(self, job_id: str, owner: str, state: JobState, *, result: bytes | None = None, because: str = "") -> Job:
        """A job's end, by who works on it. Raises JobEndedError when it is another's by now."""
        with self._writing() as connection:
            if state is not JobState.CANCELLED:
                require_own(connection, job_id, owner)
            values = {"state": state.value, "result": result, "because": because, "owner": None}
            self._change(connection, job_id, values)
            return one_job(connection, job_id)

    def released(self, job_id: str, owner: str) -> None:
        """A job given back unfinished by who worked on it; nothing happens when it is another's by now."""
        with self._writing() as connection:
            mine = and_(ROWS.c.job_id == job_id, ROWS.c.owner == owner)
            if connection.execute(select(ROWS.c.job_id).where(mine)).scalar() is not None:
                self._change(connection, job_id, {"state": JobState.QUEUED.value, "owner": None})

    def cancelled(self, job_id: str) -> Job:
        """A job that is to end. One that nobody works on ends at once; another when its process next tells.

        Raises EdgeError for a job that there is not, or that came to its end before.
        """
        with self._writing() as connection:
            found = one_job(connection, job_id)
            if found.state.is_final:
                message = f"job {job_id} is {found.state.value} already; there is nothing to cancel"
                raise EdgeError(message, reason="job-ended")
            values: dict[str, Any] = {"is_cancelled": 1}
            is_free = connection.execute(select(ROWS.c.job_id).where(ROWS.c.job_id == job_id, self._is_free())).scalar()
            if is_free is not None:
                values |= {"state": JobState.CANCELLED.value, "owner": None}
            connection.execute(update(ROWS).where(ROWS.c.job_id == job_id).values(values))
            tell(connection, job_id, instant_ns(self._clock()))
            return one_job(connection, job_id)

    def part(self, job_id: str, key: bytes) -> bytes | None:
        """What a job kept under a key."""
        query = select(PARTS.c.part).where(PARTS.c.job_id == job_id, PARTS.c.key == key)
        with self._reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else bytes(found)

    def parts(self, job_id: str) -> dict[bytes, bytes]:
        """All that a job kept."""
        query = select(PARTS.c.key, PARTS.c.part).where(PARTS.c.job_id == job_id)
        with self._reading() as connection:
            return {bytes(key): bytes(part) for key, part in connection.execute(query)}

    def keep(self, job_id: str, parts: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep parts of a job's work, durably: keys and what is kept under them."""
        rows = [{"job_id": job_id, "key": key, "part": part} for key, part in parts]
        with self._writing() as connection:
            connection.execute(insert_or_replace(connection.dialect, PARTS), rows)

    def events(self, job_id: str, after: int, count: int) -> tuple[JobEvent, ...]:
        """The oldest changes of a job behind a number, at most `count`."""
        query = select(EVENTS).where(EVENTS.c.job_id == job_id, EVENTS.c.sequence > after)
        with self._reading() as connection:
            found = connection.execute(query.order_by(EVENTS.c.sequence).limit(count)).all()
        return tuple(
            JobEvent(row.sequence, row.job_id, JobState(row.state), row.what, row.done, row.total,
                     instant_from_ns(row.at_ns))
            for row in found
        )  # fmt: skip

    def _is_free(self) -> Any:  # noqa: ANN401  # a clause
        now_ns = instant_ns(self._clock())
        is_left = and_(ROWS.c.state == JobState.RUNNING.value, ROWS.c.leased_to_ns < now_ns)
        return and_(ROWS.c.is_cancelled == 0, or_(ROWS.c.state == JobState.QUEUED.value, is_left))

    def _bury(self, connection: Connection) -> None:
        """Jobs that were cancelled and whose process died before it heard of it."""
        is_left = and_(ROWS.c.state == JobState.RUNNING.value, ROWS.c.leased_to_ns < instant_ns(self._clock()))
        for job_id in (
            connection.execute(select(ROWS.c.job_id).where(ROWS.c.is_cancelled == 1, is_left)).scalars().all()
        ):
            self._change(connection, job_id, {"state": JobState.CANCELLED.value, "owner": None})

    def _change(self, connection: Connection, job_id: str, values: dict[str, Any], *, is_told: bool = True) -> None:
        now_ns = instant_ns(self._clock())
        lease = {"leased_to_ns": now_ns + int(LEASE_S * _NS), "changed_at_ns": now_ns}
        connection.execute(update(ROWS).where(ROWS.c.job_id == job_id).values({**lease, **values}))
        if is_told:
            tell(connection, job_id, now_ns)
