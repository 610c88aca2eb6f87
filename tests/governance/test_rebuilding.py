"""A job carries runs to whatever code is imported and their answers back, as canonical bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.use_cases.policies import Candidate, candidate
from dataflows.us_equities import OrderSnapshot
from governance.rebuilding import Job, RunRequest, answered, answers_from_bytes, job_answers, rebuilt_generation
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.instants import EPOCH

POLICY = Path(__file__).parents[2] / "policies" / "us-equities" / "v1.yaml"


@pytest.fixture(scope="module")
def chosen() -> Candidate:
    return candidate(POLICY.read_bytes(), "v1.yaml")


def _job(chosen: Candidate, **inputs: Any) -> Job:
    plans = chosen.generation
    given: dict[str, Any] = dict.fromkeys(OrderSnapshot.__dataclass_fields__)
    request = RunRequest("order", "research/test", b"", given | {"symbol": "AAPL"} | inputs, EPOCH, (), None)
    return Job(chosen.text, plans.session.manifest, plans.order.manifest, (request,))


def test_manifests_and_policy_rebuild_the_very_plans(chosen: Candidate) -> None:
    plans = chosen.generation
    rebuilt = rebuilt_generation(chosen.text, plans.session.manifest, plans.order.manifest)
    assert (rebuilt.session.digest, rebuilt.order.digest) == (plans.session.digest, plans.order.digest)


def test_an_answer_has_the_plan_and_every_packed_pass(chosen: Candidate) -> None:
    (answer,) = job_answers(_job(chosen, proposed_order_shares=100))
    assert answer.plan_digest == chosen.generation.order.digest
    assert answer.nodes == tuple(node.name for node in chosen.generation.order.computed)
    assert len(answer.packed) == 1


def test_a_job_is_answered_the_same_as_bytes(chosen: Candidate) -> None:
    job = _job(chosen, proposed_order_shares=100)
    answers, missing = answers_from_bytes(answered(encode(job)))
    assert missing is None
    assert [encode(answer) for answer in answers] == [encode(answer) for answer in job_answers(job)]


def test_an_absence_of_the_snapshot_stays_the_absence_it_was(chosen: Candidate) -> None:
    absence = Absent("proposed_order_shares", "was lost")
    (one,) = job_answers(_job(chosen, proposed_order_shares=absence))
    (other,) = job_answers(_job(chosen, proposed_order_shares=None))
    assert one.packed != other.packed


def test_a_policy_that_does_not_fit_the_code_is_missing_code(chosen: Candidate) -> None:
    job = replace(_job(chosen), policy=chosen.text.replace(b"adv_sessions: 20", b"adv_seasons: 20"))
    with pytest.raises(PolicyError, match="adv_seasons"):
        job_answers(job)
    answers, missing = answers_from_bytes(answered(encode(job)))
    assert answers == ()
    assert missing is not None
    assert missing.startswith("PolicyError: ")
