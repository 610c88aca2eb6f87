from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from adapters.sql.job_rows import Job, JobEndedError, JobState
from adapters.sql.jobs import JobBox
from api.use_cases.jobs import MAX_CLAIMS, JobDesk, JobRunner, JobWorks, done_job, give_back_of_dead
from nodes.vocabulary.errors import DataError, EdgeError


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[JobBox]:
    with JobBox(tmp_path / "jobs.db", _now) as found:
        yield found


@pytest.fixture
def job(box: JobBox) -> Job:
    return box.asked("count", b"3", "quant")


def _counting(desk: JobDesk) -> bytes:
    """Counts to what is asked, keeping each number that it was at."""
    total = int(desk.job.request)
    for place in range(total):
        desk.progress("numbers", place, total)
        if desk.part(b"%d" % place) is None:
            desk.keep(b"%d" % place, b"counted")
    desk.progress("numbers", total, total)
    return b"counted to %d" % total


def test_a_job_is_done_with_its_progress_told(box: JobBox, job: Job) -> None:
    told: list[tuple[str, int, int]] = []
    done = done_job(box, job, _counting, lambda *said: told.append(said))
    assert (done.state, done.result) == (JobState.DONE, b"counted to 3")
    assert told == [("numbers", place, 3) for place in range(4)]
    assert (done.what, done.done, done.total) == ("numbers", 3, 3)


def test_work_that_is_interrupted_goes_on_with_what_it_kept(box: JobBox, job: Job) -> None:
    kept: list[bytes] = []

    def stopped(desk: JobDesk) -> bytes:
        desk.keep(b"0", b"counted")
        raise KeyboardInterrupt("stop")

    def resumed(desk: JobDesk) -> bytes:
        kept.append(desk.part(b"0") or b"")
        return _counting(desk)

    with pytest.raises(KeyboardInterrupt, match="stop"):
        done_job(box, job, stopped)
    assert box.job(job.job_id).state is JobState.QUEUED
    assert done_job(box, job, resumed).state is JobState.DONE
    assert kept == [b"counted"]


@pytest.mark.parametrize(
    ("error", "said"),
    [(DataError("no bars; import some"), "no bars; import some"), (ValueError("odd"), "ValueError: odd; report this")],
)
def test_what_work_raises_is_why_the_job_failed(box: JobBox, job: Job, error: Exception, said: str) -> None:
    def failing(_desk: JobDesk) -> bytes:
        raise error

    with pytest.raises(type(error), match=str(error)):
        done_job(box, job, failing)
    failed = box.job(job.job_id)
    assert failed.state is JobState.FAILED
    assert failed.because.startswith(said)


def test_cancelled_work_ends_where_it_next_tells_how_far_it_is(box: JobBox, job: Job) -> None:
    def cancelling(desk: JobDesk) -> bytes:
        box.cancelled(desk.job.job_id)
        desk.progress("numbers", 3, 3)
        return b"never"

    with pytest.raises(JobEndedError, match="was cancelled"):
        done_job(box, job, cancelling)
    assert box.job(job.job_id).state is JobState.CANCELLED


def test_a_job_that_another_process_has_is_not_done_twice(box: JobBox, job: Job) -> None:
    box.claimed("another")
    with pytest.raises(EdgeError, match="running and not free"):
        done_job(box, job, _counting)


def test_a_job_that_ends_every_process_fails_instead_of_going_round_for_ever(box: JobBox, job: Job) -> None:
    for _ in range(MAX_CLAIMS):
        box.claimed("dying")
        box.released(job.job_id, "dying")
    failed = done_job(box, job, _counting)
    assert (failed.state, failed.result) == (JobState.FAILED, None)
    assert "ask for less" in failed.because


def test_the_job_of_a_process_that_is_no_more_is_free_at_once(box: JobBox, job: Job) -> None:
    """Journey 1 of issue 5: after kill -9 the same command goes on, and need not wait for the lease."""
    context = get_context("spawn")
    dead = context.Process(target=print)
    dead.start()
    dead.join()
    box.claimed(f"{socket.gethostname()}/{dead.pid}/abc")
    assert done_job(box, job, _counting).state is JobState.DONE


def test_the_job_of_a_process_of_another_machine_is_left_to_its_lease(box: JobBox, job: Job) -> None:
    box.claimed("elsewhere/1/abc")
    give_back_of_dead(box)
    assert box.job(job.job_id).state is JobState.RUNNING


def test_work_is_found_by_its_kind(box: JobBox, job: Job) -> None:
    assert done_job(box, job, JobWorks({"count": _counting})).state is JobState.DONE
    other = box.asked("dance", b"", "quant")
    with pytest.raises(EdgeError, match="nothing here does jobs of kind 'dance', only count"):
        done_job(box, other, JobWorks({"count": _counting}))


class InThread(threading.Thread):
    """A started job for tests: a thread in place of a process."""

    def terminate(self) -> None:
        raise AssertionError("it was done before the runner ended")


def test_a_runner_has_waiting_jobs_done_one_after_the_other(box: JobBox, job: Job) -> None:
    second = box.asked("count", b"1", "quant")
    started: list[str] = []

    def start(job_id: str) -> InThread:
        started.append(job_id)
        thread = InThread(target=done_job, args=(box, box.job(job_id), _counting))
        thread.start()
        return thread

    with JobRunner(box, start):
        for _ in range(200):
            if box.job(second.job_id).state.is_final:
                break
            threading.Event().wait(0.02)
    assert started == [job.job_id, second.job_id]
    assert {box.job(name).state for name in started} == {JobState.DONE}
