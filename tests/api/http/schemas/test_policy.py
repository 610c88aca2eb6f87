"""Policies in the words of clients."""

from __future__ import annotations

from datetime import UTC, datetime

from api.http.schemas.policy import candidate_view, change_views, outcome_view, version_view
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.reloads import CandidateOutcome, CandidateState
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault
from policies.diff import Change, ChangeKind, Direction

DIGEST = b"\x01" * 32
NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_a_version_leads_to_its_text() -> None:
    facts = {"policy": "us-equities", "version": 2, "policy_digest": DIGEST, "principal": "ann", "approved_by": "ben"}
    view = version_view(PolicyEvent("activation", 7, b"", NOW, facts))
    assert (view.policy, view.principal, view.approved_by, view.sequence) == ("us-equities v2", "ann", "ben", 7)
    assert view.links == {"text": f"/internal/policy/versions/{DIGEST.hex()}"}


def test_a_candidate_that_could_not_be_read_has_faults_and_no_digest() -> None:
    fault = Fault("v2.yaml", 1, 2, "what", "mend")
    view = outcome_view(CandidateOutcome(CandidateState.REFUSED, "v2.yaml", faults=(fault,), sequence=9))
    assert (view.state, view.policy_digest, view.faults[0].mend) == ("refused", "", "mend")


def test_a_limit_that_changed_says_in_which_direction() -> None:
    (view,) = change_views((Change("liquidity", "max_frac", ChangeKind.CHANGED, 0.05, 0.04, Direction.TIGHTER),))
    assert (view.kind, view.direction, view.old, view.new) == ("changed", "tighter", "0.05", "0.04")


def test_what_was_added_has_nothing_before_it() -> None:
    (view,) = change_views((Change("params", "x", ChangeKind.ADDED, None, 1, None),))
    assert (view.old, view.new, view.direction) == (None, "1", None)


def test_an_answer_names_what_runs_for_the_next_change() -> None:
    view = candidate_view(CandidateOutcome(CandidateState.ACTIVE, "v2.yaml", DIGEST, sequence=3), DIGEST)
    assert view.active_digest == view.policy_digest == digest_text(DIGEST)
