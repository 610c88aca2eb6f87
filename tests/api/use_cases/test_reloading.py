"""Hot reload: what is handed in becomes active, waits, or is refused; what runs goes on whatever happens (SGN-09)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.candidate_process import EndedError
from adapters.lake.lake import Lake
from api.use_cases.candidates import CandidateFiles, Trial
from api.use_cases.generations import UnpreparedError
from api.use_cases.proposals import policy_status
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import POLICY, entries
from tests.api.use_cases.policies_at import CASES, active_digest, service_at, version


@pytest.fixture
def service(tmp_path: Path, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as opened:
        yield opened


def submitted(service: Service, text: bytes, file: str = "v2.yaml", cases: bytes | None = CASES) -> CandidateOutcome:
    return submitted_candidate(service, text, file, "ann", Source.API, cases=cases)


def in_force(service: Service) -> bytes:
    """The policy that the next append runs, prepared first where another process activated it."""
    try:
        found = service.writer.submit(service.generations.in_force).result(10)
    except UnpreparedError:
        service.generations.prepared()
        found = service.writer.submit(service.generations.in_force).result(10)
    return found.generation.policy_digest


def test_a_good_candidate_is_active_by_one_entry_and_in_the_next_append(service: Service) -> None:
    outcome = submitted(service, version(2, active_digest(service)))
    assert outcome.state is CandidateState.ACTIVE
    assert in_force(service) == outcome.policy_digest == active_digest(service)
    newest = entries(service.store, EntryKind.ACTIVATION)[-1]
    assert (newest.facts["version"], newest.facts["principal"], newest.facts["source"]) == (2, "ann", "api")
    with service.store.reader() as reader:
        assert reader.body(newest.facts["cases_ref"]) == CASES


def test_what_runs_already_is_unchanged_without_being_tried(service: Service) -> None:
    def never(files: CandidateFiles) -> Trial:
        raise AssertionError(files.file)

    untried = replace(service, reloads=replace(service.reloads, tried=never))
    assert submitted(untried, POLICY.read_bytes()).state is CandidateState.UNCHANGED
    assert submitted(service, b"# a comment\n" + POLICY.read_bytes()).state is CandidateState.UNCHANGED
    assert len(entries(service.store, EntryKind.ACTIVATION)) == 1


def test_a_broken_candidate_changes_nothing_and_is_written_down_once(service: Service) -> None:
    before = active_digest(service)
    broken = version(2, before, ("then: review", "then: reveiw"), ("close_price_usd >=", "close_prize_usd >="))
    outcomes = [submitted(service, broken) for _ in range(3)]
    assert {outcome.state for outcome in outcomes} == {CandidateState.REFUSED}
    assert len({outcome.sequence for outcome in outcomes}) == 1
    assert len(outcomes[0].faults) == 2
    (entry,) = entries(service.store, EntryKind.POLICY_FAULT)
    assert entry.facts["n_faults"] == 2
    assert in_force(service) == before
    (shown,) = policy_status(service).faults
    assert shown.faults == outcomes[0].faults


def test_a_candidate_without_cases_or_with_one_that_fails_is_refused(service: Service) -> None:
    loose = version(2, active_digest(service), ("max_daily_move_frac: 0.08", "max_daily_move_frac: 0.5"))
    assert "daily-move was" in str(submitted(service, loose).faults[0])
    (fault,) = submitted(service, version(2, active_digest(service)), cases=None).faults
    assert fault.what.startswith("v2.cases.yaml is missing")


def test_a_candidate_that_uses_up_a_limit_is_refused_with_the_reason(service: Service) -> None:
    def loops(_files: CandidateFiles) -> Trial:
        message = "it took more than 8 s of CPU time and was stopped; find what loops"
        raise EndedError(message)

    looping = replace(service, reloads=replace(service.reloads, tried=loops))
    (fault,) = submitted(looping, version(2, active_digest(service))).faults
    assert (fault.what, fault.mend) == ("it took more than 8 s of CPU time and was stopped", "find what loops")


def test_a_huge_text_is_refused_and_not_archived(service: Service) -> None:
    outcome = submitted(service, b"a" * (1024 * 1024 + 1))
    assert "larger than 1 MiB" in outcome.faults[0].what
    assert entries(service.store, EntryKind.POLICY_FAULT)[-1].bodies == ()


def test_an_edited_active_file_is_refused(service: Service) -> None:
    edited = POLICY.read_bytes().replace(b"owner: risk", b"owner: nobody")
    (fault,) = submitted(service, edited, "v1.yaml").faults
    assert "write the change as version 2" in fault.mend


def test_a_condition_that_no_longer_holds_is_told_before_anything_is_tried(service: Service) -> None:
    text = version(2, active_digest(service))
    with pytest.raises(EdgeError, match=r"as entry 1 left them, not entry 7") as stale:
        submitted_candidate(service, text, "v2.yaml", "ann", Source.API, cases=CASES, if_match=7)
    assert stale.value.reason == "stale-condition"
    submitted_candidate(service, text, "v2.yaml", "ann", Source.API, cases=CASES, if_match=1)


def test_of_two_activations_at_once_exactly_one_wins(service: Service) -> None:
    """The loser is told that somebody was faster, whichever way they met: in the log or in the append."""
    before = active_digest(service)
    texts = [version(2, before, ("owner: risk", f"owner: {who}")) for who in ("ann", "bob")]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(submitted, service, text) for text in texts]
    errors = [error for future in futures if (error := future.exception()) is not None]
    (lost,) = errors
    assert isinstance(lost, PolicyError)
    assert lost.reason == "policy-conflict"
    assert len(entries(service.store, EntryKind.ACTIVATION)) == 2


def test_of_two_processes_that_activate_at_once_exactly_one_wins(tmp_path: Path, lake: Lake) -> None:
    """Each has its own writer and lock; only the append is between them, and the loser's generation is not kept."""
    with service_at(tmp_path / "home", lake) as one, service_at(tmp_path / "home", lake) as other:
        meeting = threading.Barrier(2, timeout=30)
        before = active_digest(one)

        def slow(service: Service) -> Service:
            def tried_together(files: CandidateFiles) -> Trial:
                found = service.reloads.tried(files)
                meeting.wait()
                return found

            return replace(service, reloads=replace(service.reloads, tried=tried_together))

        with ThreadPoolExecutor(2) as pool:
            futures = [
                pool.submit(submitted, slow(service), version(2, before, ("owner: risk", f"owner: {who}")))
                for service, who in ((one, "ann"), (other, "bob"))
            ]
        (lost,) = [error for future in futures if (error := future.exception()) is not None]
        assert isinstance(lost, PolicyError)
        assert lost.reason == "policy-conflict"
        assert in_force(one) == in_force(other) != before
        assert len(entries(one.store, EntryKind.ACTIVATION)) == 2


def test_two_processes_that_take_up_the_same_file_activate_it_once(tmp_path: Path, lake: Lake) -> None:
    with service_at(tmp_path / "home", lake) as one, service_at(tmp_path / "home", lake) as other:
        text = version(2, active_digest(one))
        states = [submitted(service, text).state for service in (one, other)]
    assert states == [CandidateState.ACTIVE, CandidateState.UNCHANGED]


def test_the_outcome_is_told_to_whoever_counts(service: Service) -> None:
    told: list[tuple[CandidateOutcome, Source]] = []
    told_of = replace(service.reloads, told=lambda outcome, source: told.append((outcome, source)))
    counted = replace(service, reloads=told_of)
    submitted(counted, b"nothing")
    submitted(counted, version(2, active_digest(service)))
    assert [outcome.state for outcome, _ in told] == [CandidateState.REFUSED, CandidateState.ACTIVE]
    assert {source for _, source in told} == {Source.API}


def test_a_log_that_is_only_read_takes_nothing_up(service: Service) -> None:
    with pytest.raises(EdgeError, match="open for reading only"):
        submitted(replace(service, is_read_only=True), version(2, active_digest(service)))


def test_another_plan_here_than_where_it_was_tried_is_not_activated(service: Service) -> None:
    def elsewhere(files: CandidateFiles) -> Trial:
        return replace(service.reloads.tried(files), order_plan_digest=b"\x01" * 32)

    changed = replace(service, reloads=replace(service.reloads, tried=elsewhere))
    with pytest.raises(EdgeError, match="compiles to another plan here than where it was tried: the code changed"):
        submitted(changed, version(2, active_digest(service)))
    assert len(entries(service.store, EntryKind.ACTIVATION)) == 1


def test_a_policy_of_the_future_waits_and_nothing_changes(service: Service) -> None:
    later = version(2, active_digest(service), ("effective_from: 2126-11-23", "effective_from: 2126-11-24"))
    outcome = submitted(service, later)
    assert outcome.state is CandidateState.SCHEDULED
    assert submitted(service, later) == outcome
    (waiting,) = policy_status(service).proposals
    assert waiting.effective_from == datetime(2126, 11, 24, 14, 30, tzinfo=UTC)
    assert len(entries(service.store, EntryKind.ACTIVATION)) == 1
