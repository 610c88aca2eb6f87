from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sql.job_rows import JobEndedError, JobState
from adapters.sql.jobs import LEASE_S, JobBox
from nodes.vocabulary.errors import EdgeError


class Clock:
    """A clock that tests move on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[JobBox]:
    with JobBox(tmp_path / "jobs.db", clock) as found:
        yield found


def test_a_job_waits_until_somebody_claims_it_and_then_nobody_else_can(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    assert (job.state, job.request, job.principal) == (JobState.QUEUED, b"what", "quant")
    assert box.free() == job.job_id
    claimed = box.claimed("one")
    assert claimed is not None
    assert (claimed.state, claimed.n_claims) == (JobState.RUNNING, 1)
    assert box.free() is None
    assert box.claimed("two") is None


def test_jobs_are_claimed_in_the_order_in_which_they_were_asked_for(box: JobBox) -> None:
    jobs = [box.asked("study", b"%d" % place, "quant") for place in range(3)]
    claimed = [box.claimed("one") for _ in jobs]
    assert [job.job_id for job in claimed if job is not None] == [job.job_id for job in jobs]
    assert [job.job_id for job in box.newest(2)] == [jobs[2].job_id, jobs[1].job_id]


def test_a_job_whose_process_died_is_claimed_anew_with_all_that_it_kept(box: JobBox, clock: Clock) -> None:
    """Journey 1 of issue 5: resume after a crash."""
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    box.keep(job.job_id, [(b"key", b"part")])
    clock.pass_s(LEASE_S - 1)
    assert box.claimed("two") is None
    clock.pass_s(2)
    again = box.claimed("two")
    assert again is not None
    assert again.n_claims == 2
    assert box.part(job.job_id, b"key") == b"part"
    assert box.parts(job.job_id) == {b"key": b"part"}
    with pytest.raises(JobEndedError, match="another process's"):
        box.renewed(job.job_id, "one")


def test_a_lease_that_is_renewed_keeps_the_job(box: JobBox, clock: Clock) -> None:
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    for _ in range(3):
        clock.pass_s(LEASE_S - 1)
        box.renewed(job.job_id, "one", ("fits", 1, 4))
    assert box.claimed("two") is None
    found = box.job(job.job_id)
    assert (found.what, found.done, found.total) == ("fits", 1, 4)


def test_a_waiting_job_is_cancelled_at_once(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    assert box.cancelled(job.job_id).state is JobState.CANCELLED
    assert box.claimed("one") is None
    with pytest.raises(EdgeError, match="is cancelled already") as caught:
        box.cancelled(job.job_id)
    assert caught.value.reason == "job-ended"


def test_a_running_job_hears_that_it_was_cancelled_when_it_next_tells(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    found = box.cancelled(job.job_id)
    assert (found.state, found.is_cancelled) == (JobState.RUNNING, True)
    with pytest.raises(JobEndedError, match="was cancelled") as caught:
        box.renewed(job.job_id, "one", ("fits", 1, 4))
    assert caught.value.reason == "job-cancelled"
    assert box.ended(job.job_id, "one", JobState.CANCELLED).state is JobState.CANCELLED


def test_a_cancelled_job_whose_process_died_is_buried_by_whoever_looks_for_work(box: JobBox, clock: Clock) -> None:
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    box.cancelled(job.job_id)
    clock.pass_s(LEASE_S + 1)
    assert box.claimed("two") is None
    assert box.job(job.job_id).state is JobState.CANCELLED


def test_the_end_of_a_job_is_told_by_whoever_has_it(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    with pytest.raises(JobEndedError, match="another process's"):
        box.ended(job.job_id, "two", JobState.DONE, result=b"other")
    done = box.ended(job.job_id, "one", JobState.DONE, result=b"found")
    assert (done.state, done.result) == (JobState.DONE, b"found")
    assert box.finished("study", b"what") == done
    assert box.finished("study", b"else") is None


def test_a_job_that_is_given_back_can_be_claimed_at_once(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    box.claimed("one")
    box.released(job.job_id, "two")
    assert box.claimed("two") is None
    box.released(job.job_id, "one")
    assert box.unfinished("study", b"what") is not None
    assert box.claimed("two") is not None
    assert [each.owner for each in box.running()] == ["two"]
    box.ended(job.job_id, "two", JobState.FAILED, because="it did")
    assert box.unfinished("study", b"what") is None


def test_every_change_is_an_event_behind_the_one_before(box: JobBox) -> None:
    job = box.asked("study", b"what", "quant")
    other = box.asked("study", b"else", "quant")
    box.claimed("one")
    box.renewed(job.job_id, "one", ("fits", 2, 4))
    box.ended(job.job_id, "one", JobState.DONE, result=b"")
    events = box.events(job.job_id, 0, 10)
    assert [event.state.value for event in events] == ["queued", "running", "running", "done"]
    assert [event.sequence for event in events] == sorted({event.sequence for event in events})
    assert box.events(job.job_id, events[1].sequence, 1)[0] == events[2]
    assert len(box.events(other.job_id, 0, 10)) == 1


def test_a_job_that_there_is_not_is_named(box: JobBox) -> None:
    with pytest.raises(EdgeError, match="job 'none' is none of the 0 here") as caught:
        box.job("none")
    assert caught.value.reason == "not-found"


def test_jobs_survive_their_process(tmp_path: Path, clock: Clock) -> None:
    with JobBox(tmp_path / "jobs.db", clock) as box:
        job = box.asked("study", b"what", "quant")
        box.keep(job.job_id, [(b"key", b"part")])
    with JobBox(tmp_path / "jobs.db", clock) as again:
        assert again.job(job.job_id) == job
        assert again.part(job.job_id, b"key") == b"part"
