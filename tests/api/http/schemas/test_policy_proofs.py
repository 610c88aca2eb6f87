"""Proofs are told with witnesses in words and numbers, and with what could not be read."""

from __future__ import annotations

from dataclasses import replace

from api.http.schemas.policy_proofs import PolicyProofBody, proof_asked, proof_view
from governance.policy_proof import Answer, Claim, ProofReport, State, Unread, policy_proof
from tests.governance.proof_examples import BASE, TIGHTER_CASH, generation


def report() -> ProofReport:
    return policy_proof(generation(), generation(TIGHTER_CASH), (Claim.LIVE_ALLOWS,), (BASE,))


def test_a_witness_is_told_with_what_changed_and_what_both_decide() -> None:
    """ENG-08."""
    (answer,) = proof_view(report()).answers
    assert answer.witness is not None
    assert answer.witness.decision_id == "quiet"
    assert [(change.input, change.recorded.text) for change in answer.witness.changed] == [
        ("cash_usd", "$1,000,000.00")
    ]
    assert (answer.witness.live.action, answer.witness.candidate.action) == ("act", "deny")
    assert answer.witness.candidate.reasons
    assert answer.says.startswith("There are inputs for which the live policy acts where the candidate denies")


def test_what_could_not_be_read_is_named() -> None:
    outside = Answer(Claim.CANDIDATE_SENDS_MORE, State.OUTSIDE, unread=(Unread("cash", "cash_cap_shares", "loops"),))
    undecided = Answer(Claim.CANDIDATE_ALLOWS, State.UNDECIDED)
    rounded = Answer(Claim.CANDIDATE_ALLOWS, State.PROVED)
    told = proof_view(replace(report(), answers=(outside, undecided, rounded))).answers
    assert [(unread.rule, unread.node) for unread in told[0].unread] == [("cash", "cash_cap_shares")]
    assert "not all that cash rest on" in told[0].says
    assert "with the effort made" in told[1].says
    assert "but for rounding of the last digit" in told[2].says


def test_a_claim_that_is_named_twice_is_asked_once() -> None:
    asked = proof_asked(PolicyProofBody("text", claims=(Claim.LIVE_ALLOWS, Claim.LIVE_ALLOWS)))
    assert (asked.claims, asked.against, asked.effort) == ((Claim.LIVE_ALLOWS,), "", 1)
