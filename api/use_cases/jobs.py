"""Jobs at work: claimed, done with progress, kept alive, cancelled, taken over from the dead.

Whoever has long work says what a kind of job does (`JobWork`), asks for it (`JobBox.asked`) and lets it be done: in
the foreground by `done_job`, or in processes that a `JobRunner` starts beside a server. Work that is done again after
a crash finds what it had kept; work is told that it was cancelled when it next tells its progress.
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

from adapters.sql.job_rows import Job, JobEndedError, JobState
from adapters.sql.jobs import LEASE_S, JobBox
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


@dataclass(frozen=True)
class JobWorks:
    """What jobs do, by their kind."""

    works: Mapping[str, JobWork]

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job. Raises EdgeError for a kind that nothing here does."""
        work = self.works.get(desk.job.kind)
        if work is None:
            message = f"nothing here does jobs of kind {desk.job.kind!r}, only {', '.join(sorted(self.works))}"
            raise EdgeError(f"{message}; ask for it where it is known")
        return work(desk)


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
    """A name that no other worker on any machine has: machine, process, and chance."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(_OWNER_BYTES)}"


def give_back_of_dead(box: JobBox) -> None:
    """Give back the jobs of processes of this machine that are no more, without waiting for their leases."""
    for job in box.running():
        host, _, rest = (job.owner or "").partition("/")
        if job.owner is not None and host == socket.gethostname() and not _is_alive(int(rest.partition("/")[0])):
            box.released(job.job_id, job.owner)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def done_job(box: JobBox, job: Job, work: JobWork, told: Callable[[str, int, int], None] | None = None) -> Job:
    """A job, claimed and done here. What the work raises is recorded as the job's end, and raised.

    Raises EdgeError when another process works on it.
    """
    owner = owner_name()
    give_back_of_dead(box)
    claimed = box.claimed(owner, job.job_id)
    if claimed is None:
        found = box.job(job.job_id)
        message = f"job {job.job_id} is {found.state.value} and not free; wait for its process, or cancel it"
        raise EdgeError(message, reason="job-taken")
    if claimed.n_claims > MAX_CLAIMS:
        because = f"{MAX_CLAIMS} processes ended in the middle of it; ask for less at a time"
        return box.ended(job.job_id, owner, JobState.FAILED, because=because)
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
    elif isinstance(error, JobEndedError | KeyboardInterrupt | BrokenPipeError):  # whoever watched went away
        desk.box.released(job_id, desk.owner)
    else:
        said = str(error) if isinstance(error, AssayError) else f"{type(error).__name__}: {error}; report this fault"
        desk.box.ended(job_id, desk.owner, JobState.FAILED, because=said)
    raise error


class Started(Protocol):
    """A process that does one job: `multiprocessing.Process`."""

    def is_alive(self) -> bool:
        """Whether it still runs."""
        ...

    def terminate(self) -> None:
        """Ask it to stop: it gives its job back first."""
        ...

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        ...


class JobRunner:
    """Has jobs done beside a server, one after the other, each in a process of its own that may fail or swell.

    Args:
        box: the jobs.
        started: starts the process that does a job.
    """

    def __init__(self, box: JobBox, started: Callable[[str], Started]) -> None:
        self._box, self._started = box, started
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            attempt, found = Attempt(), []
            with attempt:
                give_back_of_dead(self._box)
                found.append(self._box.free())
            if attempt.error is not None:
                _log.warning("jobs not read", because=str(attempt.error))
            elif found[0] is not None:
                self._watch(self._started(found[0]))

    def _watch(self, process: Started) -> None:
        while process.is_alive():
            process.join(LOOK_S)
            if self._over.is_set():
                process.terminate()
                process.join()
