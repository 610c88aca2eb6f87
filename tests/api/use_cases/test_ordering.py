"""A client's order is decided once, whoever asks how often, and what was answered stays the answer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import open_service
from api.use_cases.market import opened_market
from api.use_cases.ordering import OrderOutcome, order_outcome
from api.use_cases.service import Service
from governance.entries import EntryKind, cl_ord_id
from nodes.vocabulary.errors import AssayError, EdgeError
from nodes.vocabulary.instructions import Instructions
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import (
    ACCOUNT,
    ROOMY,
    command,
    edited_policy,
    ordered,
    paper_settings,
    service_at,
    submitted,
)
from tests.api.use_cases.worker import LARGE_SHARES, ORIGIN

ROOT = Path(__file__).parents[3]


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as served:
        yield served


def _reason(service: Service, **changes: object) -> str:
    with pytest.raises(AssayError, match=r"; ") as raised:
        ordered(service, **changes)  # type: ignore[arg-type]  # names of fields
    return raised.value.reason


def _tried(service: Service) -> OrderOutcome | str:
    """The outcome of one attempt, or why there is none yet."""
    try:
        return submitted(service, command()).result()
    except EdgeError as error:
        return error.reason


def test_a_stop_beyond_the_limit_that_the_policy_sets_is_decided_and_not_sent(service: Service) -> None:
    """EXE-09: it would wake where it may not trade; the log and the answer say why."""
    asked = Instructions(stop_price_usd=Decimal("250.00"))
    outcome = ordered(service, "stop", instructions=asked)
    assert (outcome.answer.action, outcome.cl_ord_id) == ("act", None)
    (refusal,) = entries(service.store, EntryKind.REFUSAL)
    assert refusal.facts["reason"] == outcome.answer.size_reason
    assert "its stop 250.00 lies beyond the limit" in outcome.answer.size_reason
    within = ordered(service, "within", instructions=replace(asked, stop_price_usd=Decimal("197.00")))
    assert within.cl_ord_id is not None


def test_two_hundred_simultaneous_identical_orders_give_one_decision_and_one_answer(service: Service) -> None:
    """SGN-07. Those that come while it is being decided are told so, and are answered alike when they ask again."""
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _: _tried(service), range(200)))
    outcomes = [each for each in found if isinstance(each, OrderOutcome)]
    assert {each for each in found if isinstance(each, str)} <= {"key-in-flight"}
    assert {outcome.answer for outcome in outcomes} == {ordered(service).answer}
    assert sum(not outcome.is_replayed for outcome in outcomes) == 1
    assert len(entries(service.store, EntryKind.DECISION)) == 1


def test_of_twenty_orders_that_each_take_most_of_a_limit_one_comes_through(lake: Lake, tmp_path: Path) -> None:
    """Each alone is 0.6 of the account, under a key of its own, from ten threads and from another process."""
    policy, home = edited_policy(tmp_path, ROOMY), tmp_path / "home"
    with service_at(home, lake, origin=ORIGIN, policy=policy) as service:
        arguments = [sys.executable, "-m", "tests.api.use_cases.worker", str(home), str(policy), "orders"]
        other = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603  # ours
        with ThreadPoolExecutor(10) as pool:
            ours = list(pool.map(lambda at: ordered(service, f"k{at}", order_shares=LARGE_SHARES), range(10)))
        theirs, _ = other.communicate(timeout=120)
        with service.store.reader() as reader:
            row = reader.account(ACCOUNT)
        decisions = entries(service.store, EntryKind.DECISION)
    assert other.returncode == 0
    assert sum(each.answer.action == "act" for each in ours) + int(theirs) == 1
    assert len(decisions) == 20
    assert row is not None


def test_an_answer_survives_a_restart(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake) as service:
        first = ordered(service)
    with service_at(tmp_path / "home", lake) as service:
        again = ordered(service)
        assert len(entries(service.store, EntryKind.DECISION)) == 1
    assert again == OrderOutcome(first.answer, is_replayed=True)


def test_an_answer_names_policy_plan_instants_and_order(service: Service) -> None:
    outcome = ordered(service)
    (plan,) = entries(service.store, EntryKind.PLAN)
    (decision,) = entries(service.store, EntryKind.DECISION)
    assert outcome.policy_digest == service.generations.current.generation.policy_digest
    assert outcome.plan_entry == plan.entry_id
    assert (outcome.as_of, outcome.decided_at) == (plan.as_of, decision.recorded_at)
    assert outcome.cl_ord_id == cl_ord_id(ACCOUNT, "5:alice:k1")


def test_the_entry_keeps_the_clients_own_name_and_trace_context(service: Service) -> None:
    ordered(service, client_order_id="mine", traceparent="00-1-2-01")
    (decision,) = entries(service.store, EntryKind.DECISION)
    assert (decision.facts["client_order_id"], decision.facts["traceparent"]) == ("mine", "00-1-2-01")


def test_a_retry_with_a_new_trace_context_is_the_same_order(service: Service) -> None:
    first = ordered(service, traceparent="00-1-2-01")
    assert ordered(service, traceparent="00-3-4-01") == OrderOutcome(first.answer, is_replayed=True)


def test_the_same_key_of_another_principal_is_another_key(service: Service) -> None:
    first, second = ordered(service), ordered(service, principal="bob", symbol="MSFT")
    assert not second.is_replayed
    assert first.answer.decision_id != second.answer.decision_id


def test_principal_and_key_cannot_be_shifted_into_each_other() -> None:
    assert command("b:c", principal="a").log_key != command("c", principal="a:b").log_key


@pytest.mark.parametrize(
    "changes", [{"order_shares": 101}, {"symbol": "MSFT"}, {"order_shares": -100}, {"client_order_id": "other"}]
)
def test_the_same_key_with_another_body_is_refused(service: Service, changes: dict[str, object]) -> None:
    ordered(service)
    assert _reason(service, **changes) == "key-reused"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"symbol": "XYZ"}, "unknown-symbol"),
        ({"account_id": "nobody"}, "unknown-account"),
        ({"key": ""}, "missing-key"),
        ({"key": "a\nb"}, "bad-request"),
        ({"key": "k" * 129}, "bad-request"),
        ({"order_shares": 0}, "bad-request"),
        ({"order_shares": 10**10}, "bad-request"),
    ],
)
def test_an_order_that_is_none_is_refused_with_its_reason(
    service: Service, changes: dict[str, object], reason: str
) -> None:
    assert _reason(service, **changes) == reason
    assert not entries(service.store, EntryKind.DECISION)


def test_an_order_before_the_first_session_is_refused(lake: Lake, tmp_path: Path) -> None:
    with open_service(paper_settings(tmp_path / "home"), lake) as service:
        assert _reason(service) == "session-closed"
        opened_market(service, "assay")
        assert ordered(service).answer.action == "act"


def test_an_order_that_failed_leaves_its_key_free(service: Service) -> None:
    assert _reason(service, symbol="XYZ") == "unknown-symbol"
    assert len(service.in_flight) == 0
    assert not ordered(service).is_replayed


def test_an_event_loop_gets_the_outcome_that_a_thread_gets(service: Service) -> None:
    async def twice() -> tuple[OrderOutcome, OrderOutcome]:
        return await order_outcome(service, command()), await order_outcome(service, command())

    first, second = asyncio.run(twice())
    assert ordered(service) == second == OrderOutcome(first.answer, is_replayed=True)
    assert not first.is_replayed


def test_an_order_that_failed_on_an_event_loop_leaves_its_key_free(service: Service) -> None:
    with pytest.raises(EdgeError, match="XYZ"):
        asyncio.run(order_outcome(service, command(symbol="XYZ")))
    assert len(service.in_flight) == 0
