from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from adapters.sql.job_rows import Job, JobEvent, JobState
from api.http.schemas.jobs import ResearchBody, job_event_view, job_view, research_run_view
from api.use_cases.research_jobs import ResearchResult

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
JOB = Job("a1", "research", b"{}", "quant", JobState.RUNNING, False, None, AT, AT, "fits", 2, 4, 1, "", None)  # noqa: FBT003
RESULT = ResearchResult("luck", "This is luck", "It is.", "small v1", "sha256:00", "deny", {"pbo_frac": 0.5}, 9, 45)


def test_a_job_is_told_in_words_and_instants_of_the_api() -> None:
    told = msgspec.to_builtins(job_view(JOB))
    assert (told["state"], told["made_at"]) == ("running", "2026-11-23T09:00:00Z")
    assert (told["what"], told["done"], told["total"]) == ("fits", 2, 4)


def test_a_change_is_told_with_its_number() -> None:
    told = job_event_view(JobEvent(7, "a1", JobState.DONE, "fits", 4, 4, AT))
    assert (told.sequence, told.state, told.at) == (7, "done", "2026-11-23T09:00:00Z")


def test_a_study_has_a_result_when_it_is_done_and_not_before() -> None:
    assert research_run_view(JOB).result is None
    told = research_run_view(replace(JOB, result=msgspec.json.encode(RESULT))).result
    assert told is not None
    assert msgspec.structs.asdict(told) == msgspec.structs.asdict(RESULT)


@pytest.mark.parametrize("body", [b'{"policy": ""}', b'{"policy": "x", "workers": 4}', b"{}"])
def test_a_body_that_asks_for_something_else_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"policy|workers"):
        msgspec.json.decode(body, type=ResearchBody)
