"""The whole job on a few sessions: run, signed, verified, replayed and summed up; and taken up again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.main_job import JobResult, JobTiming, main_job, sessions_run
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, copied_home, desk_at, entries


@pytest.fixture(scope="module")
def told() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def job(
    tmp_path_factory: pytest.TempPathFactory, lake: Lake, told: list[tuple[str, int, int]]
) -> tuple[Path, JobResult]:
    home = tmp_path_factory.mktemp("job") / "home"
    with desk_at(home, lake) as opened:
        sessions = lake.sessions(FIRST_ON, LAST_ON)
        result = main_job(opened.desk, opened.folder, sessions, 4, lambda *now: told.append(now))
    return home, result


def test_the_job_leaves_a_log_that_verifies_and_replays(job: tuple[Path, JobResult]) -> None:
    _, result = job
    assert result.verification.is_intact
    assert result.checkpoint.size == result.summary.n_entries
    assert len(result.replays) == 8
    assert all(report.is_identical for report in result.replays)


def test_no_session_is_begun_when_the_first_of_an_account_fails(lake: Lake, tmp_path: Path) -> None:
    """A later one would else be the account's first, and those before it could never be decided."""
    n_asked = itertools.count()

    def clock() -> datetime:
        if next(n_asked) == 0:
            message = "the clock stepped back"
            raise EdgeError(message)
        return datetime.now(UTC)

    with desk_at(tmp_path / "home", lake) as opened:
        with pytest.raises(EdgeError, match="stepped back"):
            sessions_run(replace(opened.desk, clock=clock), lake.sessions(FIRST_ON, LAST_ON), lambda *_: None)
        assert entries(opened.desk.store, EntryKind.PLAN) == []


def test_the_timing_counts_what_was_done(job: tuple[Path, JobResult]) -> None:
    _, result = job
    assert result.timing.n_sessions == 15
    assert result.timing.n_decisions == result.summary.n_decisions > 0
    assert 0 < result.timing.deciding_s < result.timing.elapsed_s < result.elapsed_s
    assert result.timing.decisions_per_s > result.timing.n_decisions / result.timing.elapsed_s


def test_the_size_of_the_log_is_that_of_its_files(job: tuple[Path, JobResult]) -> None:
    home, result = job
    assert result.log_bytes > 0
    assert (home / "log.db").stat().st_size <= result.log_bytes


def test_progress_tells_every_part_to_its_end(job: tuple[Path, JobResult], told: list[tuple[str, int, int]]) -> None:
    last = {part: (done, every) for part, done, every in told}
    assert job[1].timing.n_sessions == 15
    assert {"sessions", "entries", "bodies", "replays"} <= last.keys()
    assert all(done == every for done, every in last.values())


def test_a_second_job_finds_nothing_to_do_and_says_the_same(
    job: tuple[Path, JobResult], lake: Lake, tmp_path: Path
) -> None:
    home, first = job
    with desk_at(copied_home(home, tmp_path / "home"), lake) as opened:
        sessions = lake.sessions(FIRST_ON, LAST_ON)
        again = main_job(opened.desk, opened.folder, sessions, 0, lambda *_: None)
    assert again.timing.n_sessions == 0
    assert again.summary == first.summary
    assert again.checkpoint == first.checkpoint


def test_rates_of_nothing_are_nothing() -> None:
    idle = JobTiming(0, 0, 0.0, 0.0)
    assert (idle.sessions_per_s, idle.decisions_per_s) == (0.0, 0.0)
