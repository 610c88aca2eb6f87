"""What persons and time do to policies that wait, and the way back (SGN-09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.candidate_process import EndedError
from adapters.lake.lake import Lake
from api.use_cases.candidates import CandidateFiles, Trial, tried
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.persons import CLOCKWORK
from api.use_cases.policy_log import ProposalState, Scheduled
from api.use_cases.proposals import (
    activated_when_due,
    approved_proposal,
    policy_status,
    rolled_back,
    withdrawn_proposal,
)
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import entries
from tests.api.use_cases.policies_at import CASES, NOW, active_digest, service_at, version

TOMORROW = ("effective_from: 2126-11-23", "effective_from: 2126-11-24")


@pytest.fixture
def approving(tmp_path: Path, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake, is_approved_mode=True) as opened:
        yield opened


@pytest.fixture
def direct(tmp_path: Path, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as opened:
        yield opened


def submitted(service: Service, text: bytes) -> CandidateOutcome:
    return submitted_candidate(service, text, "v2.yaml", "ann", Source.API, cases=CASES)


def in_force(service: Service) -> bytes:
    return service.writer.submit(service.generations.in_force).result(10).generation.policy_digest


def test_in_approved_mode_a_candidate_waits_for_a_second_person(approving: Service) -> None:
    before = active_digest(approving)
    outcome = submitted(approving, version(2, before))
    assert outcome.state is CandidateState.PROPOSED
    assert submitted(approving, version(2, before)) == outcome
    assert in_force(approving) == before
    (waiting,) = policy_status(approving).proposals
    assert (waiting.state, waiting.event.principal) == (ProposalState.OPEN, "ann")


@pytest.mark.parametrize("name", ["ann", "Ann", " ann", "\uff41\uff4e\uff4e", "a\u200bnn", "ann\u00ad"])
def test_who_proposed_a_policy_cannot_approve_it(approving: Service, name: str) -> None:
    """Nor under the same name in other letters."""
    outcome = submitted(approving, version(2, active_digest(approving)))
    with pytest.raises(EdgeError, match="proposed us-equities v2 and cannot approve it") as refused:
        approved_proposal(approving, outcome.policy_digest, name)
    assert refused.value.reason == "self-approval"


def test_a_second_person_makes_it_active_and_both_are_named(approving: Service) -> None:
    outcome = submitted(approving, version(2, active_digest(approving)))
    approved = approved_proposal(approving, outcome.policy_digest, "bob", policy_status(approving).state)
    assert approved.state is CandidateState.ACTIVE
    assert in_force(approving) == outcome.policy_digest
    newest = entries(approving.store, EntryKind.ACTIVATION)[-1]
    assert (newest.facts["principal"], newest.facts["approved_by"], newest.facts["mode"]) == ("ann", "bob", "approved")
    assert newest.cites == (entries(approving.store, EntryKind.PROPOSAL)[0].entry_id,)
    assert policy_status(approving).proposals == ()


def test_what_the_server_found_in_its_folder_needs_two_persons(approving: Service) -> None:
    """ENG-12: whoever saved the file is not known, and may be the first to approve it; the second is somebody else."""
    text = version(2, active_digest(approving))
    found = submitted_candidate(approving, text, "v2.yaml", CLOCKWORK, Source.WATCH, cases=CASES)
    first = approved_proposal(approving, found.policy_digest, "ann")
    assert (found.state, first.state) == (CandidateState.PROPOSED, CandidateState.PROPOSED)
    (waiting,) = policy_status(approving).proposals
    assert (waiting.event.principal, waiting.event.facts["source"]) == ("ann", "watch")
    for who in ("ANN", "ann "):
        with pytest.raises(EdgeError, match="cannot approve it; ask a second person"):
            approved_proposal(approving, found.policy_digest, who)
    assert (
        submitted_candidate(approving, text, "v2.yaml", CLOCKWORK, Source.WATCH, cases=CASES).sequence == first.sequence
    )
    assert approved_proposal(approving, found.policy_digest, "bob").state is CandidateState.ACTIVE
    newest = entries(approving.store, EntryKind.ACTIVATION)[-1].facts
    assert (newest["principal"], newest["approved_by"]) == ("ann", "bob")


def test_an_approval_names_what_is_active(approving: Service) -> None:
    outcome = submitted(approving, version(2, active_digest(approving)))
    with pytest.raises(EdgeError, match="read the status again") as stale:
        approved_proposal(approving, outcome.policy_digest, "bob", 0)
    assert stale.value.reason == "stale-condition"


def test_a_withdrawal_names_what_is_active_too(approving: Service) -> None:
    """ENG-12: who rejects a proposal saw it beside the policy that ran then."""
    outcome = submitted(approving, version(2, active_digest(approving)))
    with pytest.raises(EdgeError, match="read the status again") as stale:
        withdrawn_proposal(approving, outcome.policy_digest, "bob", "no", 0)
    assert stale.value.reason == "stale-condition"
    assert len(policy_status(approving).proposals) == 1


def test_what_does_not_wait_can_neither_be_approved_nor_withdrawn(approving: Service) -> None:
    for act in (approved_proposal, withdrawn_proposal):
        with pytest.raises(EdgeError, match="no proposal of policy sha256:0101") as missing:
            act(approving, b"\x01" * 32, "bob")
        assert missing.value.reason == "not-found"


def test_a_withdrawn_proposal_no_longer_waits_and_may_come_again(approving: Service) -> None:
    text = version(2, active_digest(approving))
    outcome = submitted(approving, text)
    assert withdrawn_proposal(approving, outcome.policy_digest, "ann", "a slip").state is CandidateState.WITHDRAWN
    with pytest.raises(EdgeError, match="no proposal of policy"):
        approved_proposal(approving, outcome.policy_digest, "bob")
    assert entries(approving.store, EntryKind.WITHDRAWAL)[0].facts["because"] == "a slip"
    assert submitted(approving, text).state is CandidateState.PROPOSED


def test_of_two_proposals_the_one_not_approved_is_outdated(approving: Service) -> None:
    before = active_digest(approving)
    one, other = (submitted(approving, version(2, before, ("owner: risk", f"owner: {who}"))) for who in ("x", "y"))
    approved_proposal(approving, one.policy_digest, "bob")
    (left,) = policy_status(approving).proposals
    assert left.state is ProposalState.OUTDATED
    with pytest.raises(EdgeError, match="withdraw it and propose its change anew") as stale:
        approved_proposal(approving, other.policy_digest, "bob")
    assert stale.value.reason == "stale-condition"


def test_a_proposal_withdrawn_by_another_process_is_not_let_in(approving: Service, tmp_path: Path, lake: Lake) -> None:
    outcome = submitted(approving, version(2, active_digest(approving)))
    with service_at(tmp_path / "home", lake, is_approved_mode=True) as other:

        def withdrawing(files: object) -> object:
            withdrawn_proposal(other, outcome.policy_digest, "carol", "no")
            return approving.reloads.tried(files)  # type: ignore[arg-type]  # handed through

        racing = replace(approving, reloads=replace(approving.reloads, tried=withdrawing))  # type: ignore[arg-type]
        with pytest.raises(PolicyError, match="moved on meanwhile: carol withdrew us-equities v2") as lost:
            approved_proposal(racing, outcome.policy_digest, "bob")
    assert lost.value.reason == "policy-conflict"
    assert len(entries(approving.store, EntryKind.ACTIVATION)) == 1


def test_going_back_is_one_call_that_names_an_earlier_policy(direct: Service) -> None:
    first = active_digest(direct)
    second = submitted(direct, version(2, first))
    assert in_force(direct) == second.policy_digest
    outcome = rolled_back(direct, first, "ann", "spreads widened", policy_status(direct).state)
    assert outcome.state is CandidateState.ACTIVE
    assert in_force(direct) == first
    newest = entries(direct.store, EntryKind.ACTIVATION)[-1]
    assert newest.facts["is_rollback"]
    assert newest.facts["because"] == "spreads widened"
    assert newest.facts["supersedes"] == second.policy_digest


def test_after_going_back_the_file_that_was_left_is_not_taken_up_again(direct: Service) -> None:
    first = active_digest(direct)
    text = version(2, first)
    submitted(direct, text)
    rolled_back(direct, first, "ann", "spreads widened")
    assert submitted(direct, text).state is CandidateState.UNCHANGED
    assert submitted(direct, version(3, first)).state is CandidateState.ACTIVE


def test_going_back_to_what_never_ran_or_already_runs_is_no_change(direct: Service) -> None:
    assert rolled_back(direct, active_digest(direct), "ann", "").state is CandidateState.UNCHANGED
    with pytest.raises(EdgeError, match="was never active in log 'paper'; name one of its history") as missing:
        rolled_back(direct, b"\x01" * 32, "ann", "")
    assert missing.value.reason == "not-found"
    with pytest.raises(EdgeError, match="decide anew"):
        rolled_back(direct, active_digest(direct), "ann", "", 0)


def test_a_scheduled_policy_becomes_active_when_it_is_due_and_not_before(direct: Service) -> None:
    outcome = submitted(direct, version(2, active_digest(direct), TOMORROW))
    assert activated_when_due(direct) == ()
    later = replace(direct, clock=lambda: NOW + timedelta(days=1))
    (due,) = activated_when_due(later)
    assert (due.state, due.policy_digest) == (CandidateState.ACTIVE, outcome.policy_digest)
    assert in_force(direct) == outcome.policy_digest
    assert activated_when_due(later) == ()


def test_a_scheduled_policy_that_another_one_overtook_is_withdrawn(direct: Service) -> None:
    first = active_digest(direct)
    submitted(direct, version(2, first, TOMORROW))
    submitted(direct, version(2, first))
    (due,) = activated_when_due(replace(direct, clock=lambda: NOW + timedelta(days=1)))
    assert due.state is CandidateState.WITHDRAWN
    assert "version 2 was activated as sha256:" in str(entries(direct.store, EntryKind.WITHDRAWAL)[0].facts)


def test_a_scheduled_policy_that_no_longer_compiles_is_withdrawn_with_the_reason(direct: Service) -> None:
    """SGN-09: the nodes under it changed; it must not be tried at every tick for ever."""
    submitted(direct, version(2, active_digest(direct), TOMORROW))

    def under_other_nodes(files: CandidateFiles) -> Trial:
        return tried(replace(files, text=files.text.replace(b"participation_frac", b"vanished_frac")))

    reloads = replace(direct.reloads, tried=under_other_nodes)
    later = replace(direct, clock=lambda: NOW + timedelta(days=1), reloads=reloads)
    (due,) = activated_when_due(later)
    assert due.state is CandidateState.WITHDRAWN
    (withdrawal,) = entries(direct.store, EntryKind.WITHDRAWAL)
    assert "vanished_frac" in withdrawal.facts["because"]
    assert withdrawal.facts["principal"] == "assay"
    assert activated_when_due(later) == ()


def test_a_due_policy_whose_trial_uses_up_a_limit_is_tried_again_later(direct: Service) -> None:
    """SGN-09: the machine may have been busy."""
    submitted(direct, version(2, active_digest(direct), TOMORROW))
    service, clock = _ending(direct, n_times=1)
    assert activated_when_due(service) == ()
    assert activated_when_due(service) == (), "it is not tried at every tick"
    assert entries(direct.store, EntryKind.WITHDRAWAL) == []
    clock[0] += timedelta(seconds=10)
    (due,) = activated_when_due(service)
    assert due.state is CandidateState.ACTIVE


def test_a_due_policy_whose_trials_all_use_up_a_limit_is_withdrawn_and_that_is_said(direct: Service) -> None:
    """SGN-09: it must not be tried for ever."""
    submitted(direct, version(2, active_digest(direct), TOMORROW))
    service, clock = _ending(direct, n_times=100)
    for _ in range(4):
        assert activated_when_due(service) == ()
        clock[0] += timedelta(minutes=2)
    (due,) = activated_when_due(service)
    assert due.state is CandidateState.WITHDRAWN
    because = entries(direct.store, EntryKind.WITHDRAWAL)[-1].facts["because"]
    assert "it was tried 5 times" in because
    assert "it took more than 10 s" in because
    assert activated_when_due(service) == ()


def _ending(service: Service, n_times: int) -> tuple[Service, list[datetime]]:
    """A service a day later whose trials use up a limit so many times, and its clock."""
    clock, left = [NOW + timedelta(days=1)], [n_times]

    def ending(files: CandidateFiles) -> Trial:
        if left[0]:
            left[0] -= 1
            message = "it took more than 10 s and was stopped; find what loops"
            raise EndedError(message)
        return tried(files)

    return replace(service, clock=lambda: clock[0], reloads=replace(service.reloads, tried=ending)), clock


class _Counting:
    """A reader that counts how often whole kinds of entries are read."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self.n_read = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def of_kind(self, kind: EntryKind) -> Iterator[Record]:
        self.n_read += 1
        return self._reader.of_kind(kind)


def test_what_is_scheduled_is_read_again_only_when_something_new_is_said_of_policies(direct: Service) -> None:
    """The watch asks twice a second, and the log of policies only grows."""
    scheduled, n_read = Scheduled(), []

    def look(now: datetime = NOW) -> int:
        with direct.store.reader() as reader:
            counting = _Counting(reader)
            n_due = len(scheduled.due(cast("LogReader", counting), "us-equities", now))
        n_read.append(counting.n_read > 0)
        return n_due

    assert (look(), look()) == (0, 0)
    submitted(direct, version(2, active_digest(direct), TOMORROW))
    assert (look(), look(), look(NOW + timedelta(days=1))) == (0, 0, 1)
    stopped = KillSwitchRequest("paper", True, "risk", "a test", Decimal(1), NOW)  # noqa: FBT003  # fields in order
    kill_switch_set(direct.store, stopped)
    assert look() == 0
    assert n_read == [True, False, True, False, False, False]


def test_an_approved_policy_of_the_future_is_scheduled_with_both_names(approving: Service) -> None:
    outcome = submitted(approving, version(2, active_digest(approving), TOMORROW))
    assert outcome.state is CandidateState.PROPOSED
    assert approved_proposal(approving, outcome.policy_digest, "bob").state is CandidateState.SCHEDULED
    assert approved_proposal(approving, outcome.policy_digest, "carol").state is CandidateState.SCHEDULED
    (due,) = activated_when_due(replace(approving, clock=lambda: NOW + timedelta(days=1)))
    assert due.state is CandidateState.ACTIVE
    facts = entries(approving.store, EntryKind.ACTIVATION)[-1].facts
    assert (facts["principal"], facts["approved_by"]) == ("ann", "bob")


def test_the_status_says_what_runs_what_ran_and_whether_this_process_is_up_to_it(
    direct: Service, tmp_path: Path, lake: Lake
) -> None:
    submitted(direct, version(2, active_digest(direct)))
    in_force(direct)
    status = policy_status(direct)
    assert [event.facts["version"] for event in status.history] == [2, 1]
    assert (status.mode, status.active.name, status.is_ready) == ("direct", "us-equities v2", True)
    with service_at(tmp_path / "home", lake) as other:
        submitted(direct, version(3, active_digest(direct)))
        assert not policy_status(other).is_ready
