"""Orders under a new policy wait for what it needs, and are decided against the day plan that it makes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service, read_candidate, shell_clock
from api.use_cases.activation import ActivationRequest, activated
from api.use_cases.day_plan import DayPlans
from api.use_cases.market import advanced_session
from api.use_cases.planning import PLANNER, UnreadyPlanError, made_ready, planned_run, replanned, running_plan
from api.use_cases.service import Service
from governance.entries import EntryKind
from nodes.journal.account import account_from_bytes, opened_account
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import (
    ACCOUNT,
    command,
    edited_policy,
    ordered,
    paper_settings,
    service_at,
    submitted,
)
from tests.api.use_cases.worker import ORIGIN


def _activated_elsewhere(
    service: Service, folder: Path, edits: dict[str, str], number: int = 2, supersedes: bytes | None = None
) -> bytes:
    """The digest of a later version, activated as another worker would, of which this service knows nothing."""
    old = digest_text(supersedes or service.generations.current.generation.policy_digest)
    at = (shell_clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    changes = {
        "version: 1": f"version: {number}",
        "supersedes: null": f"supersedes: {old}",
        "effective_from: 2026-11-02T14:30:00Z": f"effective_from: {at}",
    }
    text = edited_policy(folder, {**changes, **edits}).read_text(encoding="utf-8")
    file = folder / f"v{number}.yaml"
    file.write_text(text, encoding="utf-8")
    request = ActivationRequest(read_candidate(file), "risk", service.environment, service.clock())
    return activated(service.store, request).generation.policy_digest


LIMIT = {"max_gross_frac: 1.0": "max_gross_frac: 0.9"}
SELECTION = {"n_selected: 3": "n_selected: 2"}
ORDER_PARAMETER = {"limit_volatility_ratio: 0.5": "limit_volatility_ratio: 0.6"}


def test_the_first_order_under_a_policy_that_selects_otherwise_is_decided_on_a_plan_of_its_own(
    lake: Lake, tmp_path: Path
) -> None:
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        before = ordered(service, "before")
        digest = _activated_elsewhere(service, tmp_path, SELECTION)
        after = ordered(service, "after", symbol="MSFT")
        plans = entries(service.store, EntryKind.PLAN)
    assert (before.policy_digest == digest, after.policy_digest) == (False, digest)
    assert len(plans) == 2
    assert after.plan_entry == plans[-1].entry_id
    assert {plan.facts["session_on"] for plan in plans} == {plans[0].facts["session_on"]}


@pytest.mark.parametrize("edits", [LIMIT, ORDER_PARAMETER, {"owner: risk": "owner: desk"}])
def test_a_day_plan_stays_when_the_policy_in_force_would_compute_the_same(
    lake: Lake, tmp_path: Path, edits: dict[str, str]
) -> None:
    """SGN-09. The decision names the policy that decided, its plan's entry the one that planned; both re-create."""
    home = tmp_path / "home"
    with service_at(home, lake, origin=ORIGIN) as service:
        before = ordered(service, "before")
        digest = _activated_elsewhere(service, tmp_path, edits)
        after = ordered(service, "after", symbol="MSFT")
        (plan,) = entries(service.store, EntryKind.PLAN)
    assert (after.policy_digest, after.plan_entry) == (digest, before.plan_entry)
    assert plan.facts["policy_digest"] == before.policy_digest != digest
    assert log_folder_to_read(home).verification().is_intact


def test_many_orders_that_wait_for_one_plan_have_it_made_once(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        digest = _activated_elsewhere(service, tmp_path, SELECTION)
        waiting = [submitted(service, command(f"k{at}")) for at in range(20)]
        outcomes = [future.result() for future in waiting]
        plans = entries(service.store, EntryKind.PLAN)
    assert {outcome.policy_digest for outcome in outcomes} == {digest}
    assert {outcome.plan_entry for outcome in outcomes} == {plans[-1].entry_id}
    assert len(plans) == 2


def test_a_run_that_the_account_overtook_is_not_taken(lake: Lake, tmp_path: Path) -> None:
    """What a session run read of the account is compared inside the append: no plan rests on what is over."""
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        desk = service.desk(ACCOUNT, PLANNER)
        with service.store.reader() as reader:
            row = reader.account(ACCOUNT)
        assert row is not None
        planned = planned_run(desk, account_from_bytes(row.content))
        assert planned.is_of(planned.state)
        advanced_session(service, "assay")
        taken = service.writer.submit(lambda append: replanned(service, desk, append, planned)).result()
        assert taken is None
        assert len(entries(service.store, EntryKind.PLAN)) == 2


def test_an_append_reads_no_plan_itself(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        empty = replace(service, day_plans=DayPlans())
        desk = empty.desk(ACCOUNT, PLANNER)
        with pytest.raises(UnreadyPlanError, match="is being made ready for the policy in force; try again"):
            service.writer.submit(lambda append: running_plan(empty, desk, append)).result()
        made_ready(empty, ACCOUNT)
        plan = service.writer.submit(lambda append: running_plan(empty, desk, append)).result()
        assert plan.entry_id == entries(service.store, EntryKind.PLAN)[0].entry_id


def test_an_account_without_a_session_has_nothing_to_be_made_ready(lake: Lake, tmp_path: Path) -> None:
    with open_service(paper_settings(tmp_path / "home"), lake) as service:
        made_ready(service, ACCOUNT)
        with pytest.raises(EdgeError, match="'paper' has no day plan; advance the session first"):
            ordered(service)
        with pytest.raises(EdgeError, match="'paper' has had no session; advance it first"):
            planned_run(service.desk(ACCOUNT, PLANNER), opened_account(ACCOUNT, service.opening_cash_usd))


class _Meddling(ThreadPoolExecutor):
    """Prepares in a thread; before the second thing that an order waits for, something happens elsewhere."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        super().__init__(1)
        self._meddle = meddle
        self._n_tasks = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # as its base
        self._n_tasks += 1
        if self._n_tasks == _SECOND:
            super().submit(self._meddle)
        return super().submit(fn, *args, **kwargs)


_SECOND = 2


def test_an_order_is_decided_though_yet_another_policy_came_while_its_day_plan_was_made(
    lake: Lake, tmp_path: Path
) -> None:
    """A change of generation is never the client's error: it waits for what is in force by then."""
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        second = _activated_elsewhere(service, tmp_path, SELECTION)
        third: list[bytes] = []

        def meddle() -> None:
            third.append(_activated_elsewhere(service, tmp_path, {"n_selected: 3": "n_selected: 1"}, 3, second))

        outcome = ordered(replace(service, preparing=_Meddling(meddle)), "k")
    assert outcome.policy_digest == third[0]


def test_the_market_goes_on_under_a_policy_that_another_worker_activated(lake: Lake, tmp_path: Path) -> None:
    """No order has made it ready here: moving on does."""
    with service_at(tmp_path / "home", lake, origin=ORIGIN) as service:
        digest = _activated_elsewhere(service, tmp_path, {"n_selected: 3": "n_selected: 2"})
        (advance,) = advanced_session(service, "assay")
    assert advance.is_new
    assert advance.plan.policy_digest == digest
