from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.sql.job_rows import JobState
from api.use_cases.jobs import JobDesk, done_job
from api.use_cases.research_jobs import REPORT
from tests.api.http.serving import Served, problem_slug
from tests.dataflows.research.small import small_policy

RUNS, JOBS = "/api/v1/research/runs", "/api/v1/jobs"


@pytest.fixture
def job(home: Served) -> Iterator[dict[str, Any]]:
    """A study that waits; cancelled afterwards, for the home is everybody's."""
    found: dict[str, Any] = home.post(RUNS, json={"policy": small_policy(), "file": "small.yaml"}).json()
    yield found
    if not home.parts.jobs.job(found["job_id"]).state.is_final:
        home.parts.jobs.cancelled(found["job_id"])


def _done(home: Served, job_id: str, result: dict[str, Any]) -> None:
    """The job, done by work that says this."""

    def work(desk: JobDesk) -> bytes:
        desk.progress("fits", 2, 4)
        desk.progress("fits", 4, 4)
        desk.keep(REPORT, b"<!doctype html><title>small</title>")
        return json.dumps(result).encode()

    done_job(home.parts.jobs, home.parts.jobs.job(job_id), work)


RESULT = {
    "verdict": "luck",
    "headline": "This is luck",
    "sentence": "It is.",
    "model": "small-study v1",
    "model_digest": "sha256:" + "0" * 64,
    "action": "deny",
    "figures": {"spa_p_frac": 0.5},
    "n_trials": 2,
    "n_fits": 6,
}


def test_a_study_is_accepted_with_the_place_of_its_job(home: Served) -> None:
    """API-ANL-01: 202 and Location."""
    answer = home.post(RUNS, json={"policy": small_policy()})
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    assert answer.headers["location"] == f"{JOBS}/{job_id}"
    assert home.get(answer.headers["location"]).json()["state"] == "queued"
    assert home.post(RUNS, json={"policy": small_policy()}).json()["job_id"] == job_id
    assert home.client.delete(f"{JOBS}/{job_id}", headers=home.headers()).json()["state"] == "cancelled"


def test_a_policy_with_faults_is_refused_with_each_of_them(home: Served) -> None:
    answer = home.post(RUNS, json={"policy": small_policy(n_folds="0", label="sign"), "file": "mine.yaml"})
    assert answer.status_code == 422
    assert problem_slug(answer) == "policy-faults"
    assert len(answer.json()["faults"]) == 2


def test_a_study_that_is_done_has_its_verdict_and_its_report(home: Served, job: dict[str, Any]) -> None:
    place = f"{RUNS}/{job['job_id']}"
    waiting = home.get(place).json()
    assert (waiting["job"]["state"], waiting["result"]) == ("queued", None)
    assert problem_slug(home.get(f"{place}/report")) == "not-found"
    _done(home, job["job_id"], RESULT)
    assert home.get(place).json()["result"] == RESULT
    report = home.get(f"{place}/report")
    assert report.headers["content-type"] == "text/html; charset=utf-8"
    assert report.text.startswith("<!doctype html>")
    assert "style-src 'unsafe-inline'" in report.headers["content-security-policy"]


def test_the_newest_jobs_are_listed_first(home: Served, job: dict[str, Any]) -> None:
    listed = home.get(f"{JOBS}?limit=1").json()["jobs"]
    assert [each["job_id"] for each in listed] == [job["job_id"]]


def test_a_job_that_is_over_cannot_be_cancelled(home: Served, job: dict[str, Any]) -> None:
    home.parts.jobs.cancelled(job["job_id"])
    answer = home.client.delete(f"{JOBS}/{job['job_id']}", headers=home.headers())
    assert (answer.status_code, problem_slug(answer)) == (409, "job-ended")


def test_a_job_that_there_is_not_is_not_found(home: Served) -> None:
    assert problem_slug(home.get(f"{JOBS}/abc")) == "not-found"
    assert problem_slug(home.get(f"{JOBS}/abc/events")) == "not-found"


def test_a_job_of_another_kind_is_no_study(home: Served) -> None:
    other = home.parts.jobs.asked("dance", b"", "quant")
    assert problem_slug(home.get(f"{RUNS}/{other.job_id}")) == "not-found"
    home.parts.jobs.cancelled(other.job_id)


def test_jobs_need_the_scope_for_research(home: Served, job: dict[str, Any]) -> None:
    headers = home.headers("audit:read")
    for method, path in (("GET", JOBS), ("POST", RUNS), ("DELETE", f"{JOBS}/{job['job_id']}")):
        answer = home.client.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert answer.status_code == 403


def _events(home: Served, job_id: str, **headers: str) -> list[dict[str, Any]]:
    answer = home.get(f"{JOBS}/{job_id}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in answer.text.split("\n\n") if "data: " in block]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_a_job_is_followed_to_its_end_and_resumed_where_the_line_broke(home: Served, job: dict[str, Any]) -> None:
    """Issue 5: progress over SSE with Last-Event-ID."""
    _done(home, job["job_id"], RESULT)
    events = _events(home, job["job_id"])
    assert [event["event"] for event in events] == [*["job"] * (len(events) - 1), "end"]
    told = [json.loads(event["data"]) for event in events[:-1]]
    assert (told[0]["state"], told[-1]["state"]) == ("queued", "done")
    assert {"what": "fits", "done": 4, "total": 4}.items() <= told[-1].items()
    assert json.loads(events[-1]["data"]) == {"reason": "done"}
    assert _events(home, job["job_id"], **{"Last-Event-ID": events[1]["id"]}) == events[2:]


def test_a_follower_hears_of_what_happens_while_it_follows(home: Served, job: dict[str, Any]) -> None:
    later = threading.Timer(0.3, home.parts.jobs.cancelled, (job["job_id"],))
    later.start()
    events = _events(home, job["job_id"])
    assert json.loads(events[-1]["data"]) == {"reason": JobState.CANCELLED.value}
