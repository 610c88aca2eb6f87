"""Jobs at work: claimed, done with progress, kept alive, cancelled, taken over from the dead.

Whoever has long work says what a kind of job does (`JobWork`), asks for it (`JobBox.asked`) and lets it be done: in the
foreground by `done_job`, or by a `JobRunner` beside a server. Work that is done again after a crash finds what it had
kept; work is told that it was cancelled when it next tells its progress.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from adapters.sql.jobs import LEASE_S, Job, JobBox, JobEndedError, JobState
from governance.waiting import Attempt
from nodes.vocabulary.errors import AssayError, EdgeError

TELL_S = 0.25
"""No more often than this is progress written down."""
MAX_CLAIMS = 5
"""A job that ended so many processes is not given to another one."""
LOOK_S = 0.5
"""How often a runner looks for work."""
_OWNER_BYTES = 4
_log = structlog.get_logger("assay.jobs")


class JobDesk(Protocol):
    """What work on a job may ask for."""

    @property
    def job(self) -> Job:
        """The job as it was claimed."""
        ...

    def progress(self, what: str, done: int, total: int) -> None:
        """Tell how far it is. Raises JobEndedError when the work is to stop."""
        ...

    def part(self, key: bytes) -> bytes | None:
        """What was kept under a key, also by a process that died."""
        ...

    def keep(self, key: bytes, part: bytes) -> None:
        """Keep a part of the work, durably."""
        ...


class JobWork(Protocol):
    """What a kind of job does."""

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job. What it raises is why the job failed."""
        ...


@dataclass
class _Desk:
    """A job in the hands of one worker."""

    box: JobBox
    job: Job
    owner: str
    told: Callable[[str, int, int], None] | None = None
    _told_at_s: float = -TELL_S
    _ended: JobEndedError | None = None

    def progress(self, what: str, done: int, total: int) -> None:
        if self._ended is not None:
            raise self._ended
        if self.told is not None:
            self.told(what, done, total)
        now_s = time.monotonic()
        if now_s - self._told_at_s >= TELL_S or done >= total:
            self._told_at_s = now_s
            self.box.renewed(self.job.job_id, self.owner, (what, done, total))

    def part(self, key: bytes) -> bytes | None:
        return self.box.part(self.job.job_id, key)

    def keep(self, key: bytes, part: bytes) -> None:
        self.box.keep(self.job.job_id, [(key, part)])

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Renew the lease beside the work, which may say nothing for long."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(LEASE_S / 5.0):
                try:
                    self.box.renewed(self.job.job_id, self.owner)
                except JobEndedError as error:
                    self._ended = error
                    return
                except EdgeError as error:  # the disk may be full for a while; the lease tells whether too long
                    _log.warning("lease not renewed", job=self.job.job_id, because=str(error))

        thread = threading.Thread(target=renew, name=f"lease-{self.job.job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def owner_name() -> str:
    """A name that no other worker on any machine has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(_OWNER_BYTES)}"


def done_job(box: JobBox, job: Job, work: JobWork, told: Callable[[str, int, int], None] | None = None) -> Job:
    """A job, claimed and done here. What the work raises is recorded as the job's end, and raised.

    Raises EdgeError when another process works on it.
    """
    owner = owner_name()
    claimed = box.claimed(owner, job.job_id)
    if claimed is None:
        found = box.job(job.job_id)
        message = f"job {job.job_id} is {found.state.value} and not free; wait for its process, or cancel it"
        raise EdgeError(message, reason="job-taken")
    return _worked(_Desk(box, claimed, owner, told), work)


def _worked(desk: _Desk, work: JobWork) -> Job:
    """The end of a job; whatever the work raised is raised again. Work that was interrupted can be claimed at once."""
    attempt, results = Attempt(), []
    with desk.alive(), attempt:
        results.append(work(desk))
    job_id, error = desk.job.job_id, attempt.error
    if error is None:
        return desk.box.ended(job_id, desk.owner, JobState.DONE, result=results[0])
    if isinstance(error, JobEndedError) and error.reason == "job-cancelled":
        desk.box.ended(job_id, desk.owner, JobState.CANCELLED, because=str(error))
    elif isinstance(error, JobEndedError | KeyboardInterrupt):
        desk.box.released(job_id, desk.owner)
    else:
        said = str(error) if isinstance(error, AssayError) else f"{type(error).__name__}: {error}; report this fault"
        desk.box.ended(job_id, desk.owner, JobState.FAILED, because=said)
    raise error


class JobRunner:
    """Does jobs beside a server, one after the other, for as long as the block lasts.

    Args:
        box: the jobs.
        works: what each kind of job does.
    """

    def __init__(self, box: JobBox, works: Mapping[str, JobWork]) -> None:
        self._box, self._works = box, works
        self._over = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    def _run(self) -> None:
        owner = owner_name()
        while not self._over.is_set():
            try:
                job = self._box.claimed(owner)
            except EdgeError as error:
                _log.warning("jobs not read", because=str(error))
                job = None
            if job is None:
                self._woken.wait(LOOK_S)
                self._woken.clear()
                continue
            self._do(_Desk(self._box, job, owner, self._stopping))

    def _stopping(self, _what: str, _done: int, _total: int) -> None:
        if self._over.is_set():
            raise JobEndedError("the server stops; the job goes on when one runs again", reason="job-lost")

    def _do(self, desk: _Desk) -> None:
        """One job; whatever ends it is written down, and the next one follows."""
        job, work = desk.job, self._works.get(desk.job.kind)
        complaint = "" if work is not None else f"nothing here does jobs of kind {job.kind}"
        if job.n_claims > MAX_CLAIMS:
            complaint = f"{MAX_CLAIMS} processes ended in the middle of it; ask for less at a time"
        if work is None or complaint:
            self._box.ended(job.job_id, desk.owner, JobState.FAILED, because=complaint)
            return
        attempt = Attempt()
        with attempt:
            _worked(desk, work)
        if attempt.error is not None:
            _log.warning("job ended", job=job.job_id, kind=job.kind, because=str(attempt.error))
