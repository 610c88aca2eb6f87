"""A proof is asked of a child process and told by it in canonical bytes."""

from __future__ import annotations

import pytest

from governance.policy_proof import Answer, Claim, ProofReport, State, Unread, policy_proof
from governance.proof_job import ProofJob, answered, report_from_bytes
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import PlanError, PolicyError
from tests.governance.proof_examples import BASE, TIGHTER_DRAWDOWN, generation, text


def job(candidate: bytes, *claims: Claim) -> bytes:
    return encode(ProofJob(text(), candidate, "v2.yaml", tuple(claim.value for claim in claims), (BASE,), 1))


def test_a_report_comes_back_as_it_was() -> None:
    """ENG-08."""
    claims = (Claim.CANDIDATE_SKIPS_REVIEW, Claim.LIVE_ALLOWS)
    told = report_from_bytes(answered(job(text(TIGHTER_DRAWDOWN), *claims)))
    assert told == policy_proof(generation(), generation(TIGHTER_DRAWDOWN), claims, (BASE,))
    assert [answer.state for answer in told.answers] == [State.PROVED, State.WITNESS]


def test_the_faults_of_a_candidate_come_back_with_their_places() -> None:
    broken = text(("max_weight_frac: 0.41", "max_weight: 0.41"))
    with pytest.raises(PolicyError, match=r"v2\.yaml:"):
        report_from_bytes(answered(job(broken, Claim.LIVE_ALLOWS)))


def test_a_strategy_that_is_not_installed_is_named() -> None:
    with pytest.raises(PlanError, match="unheard-of"):
        report_from_bytes(answered(job(text(("strategy: us-equities", "strategy: unheard-of")), Claim.LIVE_ALLOWS)))


def test_unread_nodes_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Answer(Claim.LIVE_ALLOWS, State.OUTSIDE, unread=(Unread("cash", "cash_cap_shares", "loops"),))
    report = ProofReport(b"1", b"2", ("cash",), (found,), {})
    monkeypatch.setattr("governance.proof_job._report", lambda _: report)
    assert report_from_bytes(answered(job(text(), Claim.LIVE_ALLOWS))) == report
