"""ENG-06, ENG-12: proposals and activations bind the report that they rest on; ENG-12: and wait for their instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_life import policy_life
from api.use_cases.policy_standing import standing
from api.use_cases.proposals import activated_when_due, approved_proposal
from api.use_cases.reloading import Handed, handed_in
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.impact_report import impact_digest, impact_report
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import entries
from tests.api.use_cases.policies_at import CASES, NOW, active_digest, service_at, version
from tests.api.use_cases.policy_stage_calls import TIGHT, as_canary, in_shadow, staged_service
from tests.governance.test_impact_report import SUBJECT, tenth


@pytest.fixture
def service(tmp_path: Path, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake, is_approved_mode=True, needs_impact=True) as opened:
        yield opened


def handed(service: Service, impact: bytes | None, **more: object) -> Handed:
    files = CandidateFiles(version(2, active_digest(service)), "v2.yaml", CASES)
    return Handed(files, "ann", Source.API, impact=impact, **more)  # type: ignore[arg-type]  # fields by name


def report(service: Service, **changes: object) -> bytes:
    """The report of an impact of version 2 on an empty log."""
    candidate = refused(service, None).policy_digest or known_digest(service)
    subject = replace(SUBJECT, candidate_digest=candidate, live_digest=active_digest(service), **changes)  # type: ignore[arg-type]
    return impact_report(subject, (), tenth).body


def known_digest(service: Service) -> bytes:
    return service.reloads.tried(handed(service, None).files).policy_digest


def refused(service: Service, impact: bytes | None) -> CandidateOutcome:
    outcome = handed_in(service, handed(service, impact))
    assert outcome.state is CandidateState.REFUSED
    return outcome


def test_where_a_report_is_asked_for_a_candidate_without_one_is_refused(service: Service) -> None:
    (fault,) = refused(service, None).faults
    assert fault.what == "no impact report came with it, and this log asks for one"
    assert "assay policy impact" in fault.mend


def test_a_report_is_bound_from_the_proposal_to_the_activation(service: Service, tmp_path: Path) -> None:
    """And verification holds both to it; going back needs none."""
    body = report(service)
    outcome = handed_in(service, handed(service, body))
    assert outcome.state is CandidateState.PROPOSED
    assert approved_proposal(service, outcome.policy_digest, "bob").state is CandidateState.ACTIVE
    proposal, activation = (
        entries(service.store, EntryKind.PROPOSAL)[-1],
        entries(service.store, EntryKind.ACTIVATION)[-1],
    )
    assert proposal.facts["impact_digest"] == activation.facts["impact_digest"] == impact_digest(body)
    assert activation.facts["impact_ref"] in activation.bodies
    life = policy_life(standing(service).log, outcome.policy_digest)
    assert life is not None
    assert [step.stage.value for step in life.steps] == ["proposed", "active"]
    assert {step.impact_digest for step in life.steps} == {impact_digest(body)}
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


def test_a_report_about_something_else_is_refused(service: Service) -> None:
    cases = {
        "is of log research/x": report(service, origin="research/x"),
        "was judged while another policy ran": impact_report(
            replace(SUBJECT, candidate_digest=known_digest(service), live_digest=b"\x09" * 32), (), tenth
        ).body,
        "is about policy sha256:0707": impact_report(
            replace(SUBJECT, live_digest=active_digest(service)), (), tenth
        ).body,
        "cannot be read": b"no report",
    }
    for what, body in cases.items():
        (fault,) = refused(service, body).faults
        assert what in fault.what


def test_a_proposal_from_before_reports_were_asked_for_is_not_approved_without_one(service: Service) -> None:
    """ENG-12: nothing is taken up without one; the same version is then handed in with its report."""
    before = replace(service, reloads=replace(service.reloads, needs_impact=False))
    outcome = handed_in(before, handed(before, None))
    assert outcome.state is CandidateState.PROPOSED
    refusal = approved_proposal(service, outcome.policy_digest, "bob")
    assert refusal.state is CandidateState.REFUSED
    assert refusal.faults[0].what == "no impact report came with it, and this log asks for one"
    again = handed_in(service, handed(service, waiting_report(service, outcome.policy_digest)))
    assert again.state is CandidateState.PROPOSED
    assert approved_proposal(service, outcome.policy_digest, "bob").state is CandidateState.ACTIVE


def waiting_report(service: Service, policy_digest: bytes) -> bytes:
    subject = replace(SUBJECT, candidate_digest=policy_digest, live_digest=active_digest(service))
    return impact_report(subject, (), tenth).body


def test_a_policy_scheduled_before_reports_were_asked_for_is_withdrawn_when_it_is_due(
    tmp_path: Path, lake: Lake
) -> None:
    """ENG-12: nothing is taken up without one."""
    later = NOW + timedelta(days=3)
    with service_at(tmp_path / "home", lake) as service:
        handed_in(service, handed(service, None, not_before=later))
        asking = replace(service, clock=lambda: later, reloads=replace(service.reloads, needs_impact=True))
        (due,) = activated_when_due(asking)
        assert due.state is CandidateState.WITHDRAWN
        assert "no impact report" in entries(service.store, EntryKind.WITHDRAWAL)[-1].facts["because"]


def test_a_canary_rests_on_the_report_that_its_version_was_proposed_with(tmp_path: Path, lake: Lake) -> None:
    """ENG-12: a canary decides orders."""
    with staged_service(tmp_path / "home", lake, is_approved_mode=True) as opened:
        service = replace(opened, reloads=replace(opened.reloads, needs_impact=True))
        shadow = in_shadow(service)
        with pytest.raises(PolicyError, match="no impact report came with it"):
            as_canary(service, shadow.policy_digest, "AAPL")
        files = CandidateFiles(version(2, active_digest(service), TIGHT), "v2.yaml", CASES)
        report_body = waiting_report(service, shadow.policy_digest)
        assert handed_in(service, Handed(files, "ann", Source.API, impact=report_body)).state is CandidateState.PROPOSED
        assert as_canary(service, shadow.policy_digest, "AAPL").state is CandidateState.CANARY


def test_a_waiting_policy_handed_in_again_with_another_instant_or_report_is_proposed_anew(
    tmp_path: Path, lake: Lake
) -> None:
    """ENG-12: what was said last holds, and what was not said again stays."""
    one, other = NOW + timedelta(days=3), NOW + timedelta(days=4)
    with service_at(tmp_path / "home", lake, is_approved_mode=True) as service:
        first = handed_in(service, handed(service, None, not_before=one))
        assert handed_in(service, handed(service, None, not_before=one)) == first
        assert handed_in(service, handed(service, None)) == first
        moved = handed_in(service, handed(service, None, not_before=other))
        assert moved.sequence != first.sequence
        body = waiting_report(service, first.policy_digest)
        founded = handed_in(service, handed(service, body))
        assert handed_in(service, handed(service, body)) == founded
        (waiting,) = standing(service).log.proposals
        assert (waiting.effective_from, waiting.event.facts["impact_digest"]) == (other, impact_digest(body))
        assert waiting.event.sequence == founded.sequence
        assert approved_proposal(service, first.policy_digest, "bob").state is CandidateState.SCHEDULED


def test_a_policy_waits_for_the_instant_that_somebody_names(tmp_path: Path, lake: Lake) -> None:
    """Its text is effective already; it was known before, so that it reaches back to nothing when it begins."""
    with service_at(tmp_path / "home", lake) as service:
        later = NOW + timedelta(days=3)
        outcome = handed_in(service, handed(service, None, not_before=later))
        assert outcome.state is CandidateState.SCHEDULED
        assert activated_when_due(replace(service, clock=lambda: later - timedelta(seconds=1))) == ()
        (due,) = activated_when_due(replace(service, clock=lambda: later))
        assert (due.state, due.policy_digest) == (CandidateState.ACTIVE, outcome.policy_digest)


def test_of_two_workers_one_brings_a_scheduled_policy_in(tmp_path: Path, lake: Lake) -> None:
    """Exactly once, however many look at the clock."""
    later = NOW + timedelta(days=3)
    with service_at(tmp_path / "home", lake) as one, service_at(tmp_path / "home", lake) as other:
        handed_in(one, handed(one, None, not_before=later))
        outcomes = [activated_when_due(replace(each, clock=lambda: later)) for each in (one, other)]
        assert [len(found) for found in outcomes] == [1, 0]
        assert len(entries(one.store, EntryKind.ACTIVATION)) == 2
        with pytest.raises(EdgeError, match="no proposal of policy"):
            approved_proposal(other, outcomes[0][0].policy_digest, "bob")
