"""ENG-11: a candidate is judged in the shadow, then decides some symbols; ENG-12: a second person lets it decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.candidates import CandidateFiles, Trial
from api.use_cases.finding import decision_named
from api.use_cases.policy_life import LifeStage, policy_life
from api.use_cases.policy_stages import CanaryShare, canary_started, stage_ended
from api.use_cases.policy_standing import standing
from api.use_cases.proposals import rolled_back
from api.use_cases.reloads import CandidateState
from api.use_cases.replaying import replayed
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.replay import ReplayOutcome
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import entries
from tests.api.use_cases.policies_at import active_digest, service_at
from tests.api.use_cases.policy_stage_calls import TIGHT, as_canary, in_shadow, order, staged_service


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stages") / "home"


@pytest.fixture(scope="module")
def service(home: Path, lake: Lake) -> Iterator[Service]:
    with staged_service(home, lake) as opened:
        yield opened


@pytest.fixture
def candidate(service: Service) -> Iterator[bytes]:
    """A version in the shadow, ended when the test is done."""
    outcome = in_shadow(service)
    assert outcome.state is CandidateState.SHADOW
    yield outcome.policy_digest
    if any(event.policy_digest == outcome.policy_digest for event in standing(service).log.shadows):
        stage_ended(service, outcome.policy_digest, "ann", "the test is over")


def stage_of(service: Service, policy_digest: bytes) -> LifeStage | None:
    life = policy_life(standing(service).log, policy_digest)
    return None if life is None else life.stage


def test_each_stage_is_an_entry_and_decides_nothing(service: Service, candidate: bytes) -> None:
    before = active_digest(service)
    stages = [entry.facts["stage"] for entry in entries(service.store, EntryKind.POLICY_STAGE)][-2:]
    assert stages in (["checked", "shadow"], ["ended", "shadow"])  # it may have been checked by the test before
    assert stage_of(service, candidate) is LifeStage.SHADOW
    assert order(service, "shadowed", "GOOG").policy_digest == before


def test_the_same_version_is_put_into_the_shadow_once(service: Service, candidate: bytes) -> None:
    again = in_shadow(service)
    assert (again.state, again.policy_digest) == (CandidateState.UNCHANGED, candidate)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("participation_frac <=", "participation_fraction <="), "participation_fraction"),
        (("version: 2", "version: 7"), "version was 7, expected 2"),
    ],
)
def test_a_version_with_faults_is_refused_with_each_of_them(
    service: Service, change: tuple[str, str], what: str
) -> None:
    outcome = in_shadow(service, change)
    assert outcome.state is CandidateState.REFUSED
    assert any(what in fault.what for fault in outcome.faults)
    assert entries(service.store, EntryKind.POLICY_FAULT)


def test_a_canary_decides_its_symbols_and_the_active_policy_all_others(service: Service, candidate: bytes) -> None:
    """And the day plan stays the one that both share; nothing is planned anew."""
    active, n_plans = active_digest(service), len(entries(service.store, EntryKind.PLAN))
    assert as_canary(service, candidate, "AAPL").state is CandidateState.CANARY
    assert stage_of(service, candidate) is LifeStage.CANARY
    by_canary, by_active = order(service, "canary-1", "AAPL", 11), order(service, "canary-2", "IBM", 20)
    assert (by_canary.policy_digest, by_active.policy_digest) == (candidate, active)
    assert (by_canary.answer.verdict, by_canary.answer.order_shares) == ("clip", 5)
    assert (by_active.answer.verdict, by_active.answer.order_shares) == ("pass", 20)
    assert len(entries(service.store, EntryKind.PLAN)) == n_plans
    assert active_digest(service) == active


def test_ending_a_canary_gives_its_symbols_back_at_once(service: Service, candidate: bytes) -> None:
    as_canary(service, candidate, "AAPL")
    outcome = stage_ended(service, candidate, "ann", "it denies too much")
    assert outcome.state is CandidateState.ENDED
    assert order(service, "given-back", "AAPL", 12).policy_digest == active_digest(service)
    assert stage_of(service, candidate) is LifeStage.ENDED
    with pytest.raises(EdgeError, match="is not in the shadow"):
        stage_ended(service, candidate, "ann", "again")


def test_going_back_to_the_active_policy_ends_its_canary(service: Service, candidate: bytes) -> None:
    as_canary(service, candidate, "AAPL")
    assert rolled_back(service, active_digest(service), "bob", "alarm").state is CandidateState.ACTIVE
    assert order(service, "went-back", "AAPL", 13).policy_digest == active_digest(service)


def test_another_worker_decides_by_a_canary_from_its_next_append_on(
    service: Service, candidate: bytes, home: Path, lake: Lake
) -> None:
    """Workers share nothing but the log: what one lets decide, all do; and so does one that starts later."""
    with service_at(home, lake) as other:
        as_canary(service, candidate, "MSFT")
        assert order(other, "other-1", "MSFT", 10).policy_digest == candidate
        with service_at(home, lake) as later:
            assert later.generations.current.canary is not None
        stage_ended(service, candidate, "ann", "seen enough")
        assert order(other, "other-2", "MSFT", 20).policy_digest == active_digest(service)


def test_a_log_with_a_canary_verifies_and_its_decisions_replay(service: Service, candidate: bytes, home: Path) -> None:
    """ENG-05, ENG-11: the trace names the policy that decided, and all of it is archived."""
    as_canary(service, candidate, "IBM")
    answer = order(service, "replayed", "IBM", 31).answer
    with service.store.reader() as reader:
        record = decision_named(reader, answer.decision_id.hex())
    (report,) = replayed(service.store, (record,))
    assert answer.policy_digest == record.entry.facts["policy_digest"] == candidate
    assert report.outcome is ReplayOutcome.IDENTICAL
    assert log_folder_to_read(home).verification().is_intact


@pytest.mark.parametrize(
    ("share", "what"),
    [
        (CanaryShare(), "are not one choice"),
        (CanaryShare(0.5, ("AAPL",)), "are not one choice"),
        (CanaryShare(1.5), "are not one choice"),
        (CanaryShare(-0.5), "are not one choice"),
        (CanaryShare(0.0, ("NONE",)), "'NONE' are not traded here"),
        (CanaryShare(1e-9), "would decide 0 of 5 symbols"),
        (CanaryShare(0.999999999), "would decide 5 of 5 symbols"),
    ],
)
def test_a_share_that_chooses_nothing_or_all_is_refused(
    service: Service, candidate: bytes, share: CanaryShare, what: str
) -> None:
    with pytest.raises(EdgeError, match=what) as refused:
        canary_started(service, candidate, share, "bob")
    assert refused.value.reason == "invalid"


def test_there_is_one_canary_at_a_time(service: Service, candidate: bytes) -> None:
    as_canary(service, candidate, "AAPL")
    with pytest.raises(EdgeError, match="is a canary already; end it before another begins") as refused:
        as_canary(service, candidate, "IBM")
    assert refused.value.reason == "wrong-stage"


def test_what_is_not_in_the_shadow_cannot_decide(service: Service) -> None:
    with pytest.raises(EdgeError, match="is not in the shadow; put it there first") as refused:
        as_canary(service, b"\x01" * 32, "AAPL")
    assert refused.value.reason == "not-found"


def test_a_canary_with_other_targets_or_of_another_day_is_refused(service: Service) -> None:
    """It decides orders of the active policy's day plan, and from when it may, not before."""
    other = in_shadow(service, ("target_gross_frac: 0.94", "target_gross_frac: 0.9"), ("14:30:00Z", "16:30:00Z"))
    with pytest.raises(PolicyError, match="computes other targets") as refused:
        as_canary(service, other.policy_digest, "AAPL")
    assert "begin the canary then" in str(refused.value)
    stage_ended(service, other.policy_digest, "ann", "the test is over")


def test_a_change_for_another_state_is_refused(service: Service, candidate: bytes) -> None:
    with pytest.raises(EdgeError, match="read the status again"):
        canary_started(service, candidate, CanaryShare(0.0, ("AAPL",)), "bob", if_match=0)
    with pytest.raises(EdgeError, match="read the status again"):
        stage_ended(service, candidate, "bob", "", 0)


def test_in_approved_mode_somebody_else_lets_it_decide(service: Service, candidate: bytes) -> None:
    """ENG-12: whoever handed it in cannot, however the name is written."""
    approving = replace(service, reloads=replace(service.reloads, is_approved_mode=True))
    with pytest.raises(EdgeError, match="cannot let it decide; ask a second person") as refused:
        as_canary(approving, candidate, "AAPL", who=" ANN")
    assert refused.value.reason == "self-approval"
    assert as_canary(approving, candidate, "AAPL", who="bob").state is CandidateState.CANARY


def racing(service: Service, faster: Callable[[], object]) -> Service:
    """A service that another process is faster than, while it tries a candidate."""
    theirs = service.reloads.tried

    def slowly(files: CandidateFiles) -> Trial:
        faster()
        return theirs(files)

    return replace(service, reloads=replace(service.reloads, tried=slowly))


def test_what_another_process_ends_meanwhile_does_not_decide(
    service: Service, candidate: bytes, home: Path, lake: Lake
) -> None:
    """ENG-11: no activation tells of it, and a canary that is in no shadow could not be ended."""
    with service_at(home, lake) as other:
        slow = racing(service, lambda: stage_ended(other, candidate, "carol", "no"))
        with pytest.raises(
            PolicyError, match="moved on meanwhile: carol took us-equities v2 out of the shadow"
        ) as lost:
            as_canary(slow, candidate, "AAPL")
    assert lost.value.reason == "policy-conflict"
    assert standing(service).log.canary is None
    assert stage_of(service, candidate) is LifeStage.ENDED


def test_of_two_processes_one_puts_a_version_into_the_shadow(service: Service, home: Path, lake: Lake) -> None:
    """ENG-05, ENG-11: else the log would say it twice, and no longer verify."""
    looser = (TIGHT[0], "max_order_notional_usd: 4000")
    with staged_service(home, lake) as other:
        slow = racing(service, lambda: in_shadow(other, looser, who="carol"))
        with pytest.raises(PolicyError, match="moved on meanwhile: carol put us-equities v2 into the shadow"):
            in_shadow(slow, looser)
    (event,) = standing(service).log.shadows
    stage_ended(service, event.policy_digest, "carol", "the test is over")
    assert log_folder_to_read(home).verification().is_intact
