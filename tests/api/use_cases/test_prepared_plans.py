"""A policy that computes other targets comes with its day plans: no order waits for a session run (SGN-09)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service
from api.use_cases.activation import Runners, runners
from api.use_cases.day_plan import DayPlans
from api.use_cases.market import advanced_session, opened_market
from api.use_cases.policies import compiled_text
from api.use_cases.prepared_plans import appended_runs, kept_up, prepared_runs
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import CandidateOutcome, Reloads, Source
from api.use_cases.service import Service
from api.use_cases.sessions import account_run
from governance.entries import Entry, EntryKind
from nodes.journal.account import account_from_bytes
from tests.api.use_cases.homes import entries
from tests.api.use_cases.policies_at import CASES, NOW, active_digest, version
from tests.api.use_cases.services import ordered, paper_settings

ACCOUNTS = ("paper", "second")
SELECTION = ("n_selected: 3", "n_selected: 2")
LIMIT = ("max_gross_frac: 1.0", "max_gross_frac: 0.99")


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with open_service(paper_settings(tmp_path / "home", accounts=ACCOUNTS), lake) as opened:
        served = replace(opened, clock=lambda: NOW, reloads=Reloads())
        opened_market(served, "assay")
        yield served


def _runners(service: Service, change: tuple[str, str]) -> Runners:
    generation = compiled_text(version(2, active_digest(service), change), "v2.yaml").generation
    return runners(generation, service.store.origin, service.environment)


def _activated(service: Service, *changes: tuple[str, str]) -> CandidateOutcome:
    text = version(2, active_digest(service), *changes)
    return submitted_candidate(service, text, "v2.yaml", "ann", Source.API, cases=CASES)


def _plans(service: Service) -> list[Entry]:
    return entries(service.store, EntryKind.PLAN)


def test_a_policy_that_selects_otherwise_is_activated_with_a_day_plan_of_each_account(
    service: Service, tmp_path: Path
) -> None:
    """SGN-09. One append: no order can come between the activation and the plans that it needs."""
    outcome = _activated(service, SELECTION)
    plans, (_, activation) = _plans(service)[2:], entries(service.store, EntryKind.ACTIVATION)
    assert {plan.facts["account_id"] for plan in plans} == set(ACCOUNTS)
    assert {plan.facts["policy_digest"] for plan in plans} == {outcome.policy_digest}
    assert activation.facts["policy_digest"] == outcome.policy_digest
    with replace(service, preparing=ThreadPoolExecutor(1)).preparing as preparing:
        preparing.shutdown()
        after = ordered(replace(service, preparing=preparing), "after")  # what waits for nothing asks for no thread
    assert after.plan_entry in {plan.entry_id for plan in plans}
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


def test_a_changed_limit_needs_no_session_run(service: Service) -> None:
    assert prepared_runs(service, _runners(service, LIMIT).session) == {}
    before = ordered(service, "before")
    outcome = _activated(service)  # another owner; the limit would need other cases
    after = ordered(service, "after")
    assert (after.policy_digest, after.plan_entry) == (outcome.policy_digest, before.plan_entry)
    assert len(_plans(service)) == len(ACCOUNTS)


def test_the_session_run_of_a_policy_that_computes_the_same_has_the_same_values_to_the_last_bit(
    service: Service,
) -> None:
    """SGN-09. Using a day plan again is no approximation of making it again: only the policy's name would differ."""
    changed, current = _runners(service, LIMIT).session, service.generations.current.session
    with service.store.reader() as reader:
        row = reader.account(ACCOUNTS[0])
    assert row is not None
    state = account_from_bytes(row.content)
    assert state.decided_on is not None
    as_of, key = service.lake.calendar.close(state.decided_on), bytes(32)
    runs = [account_run(session, service.lake, state, as_of, key) for session in (current, changed)]
    assert runs[0].trace.packed == runs[1].trace.packed
    assert runs[0].slices == runs[1].slices
    assert current.plan.computation_digest == changed.plan.computation_digest
    assert runs[0].trace.digest != runs[1].trace.digest


def test_an_account_that_moved_on_meanwhile_gets_its_plan_with_its_next_order(service: Service) -> None:
    """What was prepared of an account rests on a state that is over: inside the append it is left out."""
    runs = prepared_runs(service, _runners(service, SELECTION).session)
    assert set(runs) == set(ACCOUNTS)
    advanced_session(service, "assay")
    current = service.generations.current
    service.writer.submit(lambda append: appended_runs(service, current, append, runs)).result()
    assert len(_plans(service)) == 2 * len(ACCOUNTS)


def test_a_crowd_of_accounts_holds_no_activation_up(service: Service) -> None:
    assert prepared_runs(service, _runners(service, SELECTION).session, within_s=0.0) == {}
    outcome = _activated(service, SELECTION)
    assert ordered(service, "after").policy_digest == outcome.policy_digest


def test_an_account_without_a_session_is_left_for_its_first(lake: Lake, tmp_path: Path) -> None:
    with open_service(paper_settings(tmp_path / "new"), lake) as opened:
        assert prepared_runs(opened, _runners(opened, SELECTION).session) == {}


def test_what_another_worker_brought_is_ready_before_an_order_finds_it(
    service: Service, lake: Lake, tmp_path: Path
) -> None:
    with open_service(paper_settings(tmp_path / "home", accounts=ACCOUNTS), lake) as other:
        late = replace(other, clock=lambda: NOW, day_plans=DayPlans())
        outcome = _activated(service, SELECTION)
        kept_up(late)
        assert late.generations.current.sequence < late.generations.prepared().sequence == outcome.sequence
        newest = _plans(service)[2:]
        known = [late.day_plans.known(plan.facts["account_id"], plan.facts["trace_digest"]) for plan in newest]
        assert all(plan is not None for plan in known)
        assert ordered(late, "there").policy_digest == newest[0].facts["policy_digest"]
