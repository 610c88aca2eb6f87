"""Canceling and replacing: one order works at a time, whoever is quicker, and a restart loses none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from adapters.brokers.simulated import SimulatedBroker
from adapters.lake.lake import Lake
from adapters.log_folder import log_folder
from api.broker_parts import BROKER
from api.use_cases import broker
from api.use_cases.deciding import DecisionAnswer
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session, dispatch
from api.use_cases.order_changes import (
    CancelCommand,
    ReplaceCommand,
    cancelled_order,
    replaced_order,
    without_order,
)
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.ordering import OrderOutcome
from api.use_cases.service import Service
from api.use_cases.sessions import planned_session
from governance.ports import Transaction
from governance.rows import OrderState
from nodes.journal.account import (
    AccountState,
    account_from_bytes,
    after_fill,
    after_order,
    after_session_start,
    opened_account,
)
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.executions import OrdStatus
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture(autouse=True)
def _no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outbox is handed over when a test says so."""
    monkeypatch.setattr(broker, "PAUSE_S", 3600.0)


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as opened:
        yield opened


def sent(service: Service, shares: int = 100, key: str = "k1") -> str:
    cl_ord_id = ordered(service, key, order_shares=shares).cl_ord_id
    assert cl_ord_id is not None
    return cl_ord_id


def cancelled(service: Service, cl_ord_id: str) -> bool:
    return cancelled_order(service, CancelCommand(cl_ord_id, "alice", "changed my mind")).result()


def replaced(service: Service, cl_ord_id: str, shares: int, key: str = "r1") -> OrderOutcome:
    return replaced_order(service, ReplaceCommand(cl_ord_id, "alice", key, shares), ACCOUNT).result()


def record(service: Service, cl_ord_id: str) -> OrderRecord:
    with service.store.reader() as reader:
        return order_record(reader, cl_ord_id)


def account(service: Service) -> AccountState:
    with service.store.reader() as reader:
        row = reader.account(ACCOUNT)
    assert row is not None
    return account_from_bytes(row.content)


def statuses(service: Service, cl_ord_id: str) -> list[OrdStatus]:
    return [event.ord_status for event in record(service, cl_ord_id).events]


def test_a_cancel_waits_for_the_broker_and_keeps_the_exposure_until_then(service: Service) -> None:
    order = sent(service)
    dispatch(service)
    assert cancelled(service, order)
    assert record(service, order).life.status is OrdStatus.PENDING_CANCEL
    assert record(service, order).placed.status == "pending_cancel"
    assert account(service).pending_buy_shares("IBM") == 100
    dispatch(service)
    assert statuses(service, order) == [
        OrdStatus.PENDING_NEW,
        OrdStatus.NEW,
        OrdStatus.PENDING_CANCEL,
        OrdStatus.CANCELED,
        OrdStatus.CANCELED,
    ]
    assert account(service).pending_buy_shares("IBM") == 0
    with pytest.raises(EdgeError, match="works no more"):
        cancelled(service, order)


def test_a_cancel_that_is_asked_for_again_is_told_so(service: Service) -> None:
    order = sent(service)
    assert [cancelled(service, order), cancelled(service, order)] == [True, False]


def test_an_unknown_order_is_not_found(service: Service) -> None:
    with pytest.raises(EdgeError, match="no order is called"):
        cancelled(service, "NONE")


@pytest.mark.parametrize("reason", ["", "  ", "done\nINFO forged", "\x1b[2J", "a\x00b"])
def test_a_cancel_gives_a_reason_that_can_be_shown(service: Service, reason: str) -> None:
    order = sent(service)
    with pytest.raises(EdgeError, match="says nothing that can be shown"):
        cancelled_order(service, CancelCommand(order, "alice", reason))
    assert record(service, order).life.status is OrdStatus.PENDING_NEW


def test_a_fill_that_is_quicker_than_the_cancel_counts(service: Service) -> None:
    """EXE-12's race: the market moved on before the broker heard of the cancel."""
    order = sent(service)
    dispatch(service)
    cancelled(service, order)
    service.writer.submit(partial(_settled, service)).result()
    life = record(service, order).life
    assert life.status is OrdStatus.FILLED
    assert life.cum_shares == 100
    dispatch(service)
    assert record(service, order).life == life
    assert account(service).position_shares("IBM") == 100


def _settled(service: Service, transaction: Transaction) -> None:
    planned_session(service.desk(ACCOUNT, "assay"), transaction, date(2013, 1, 3), service.broker)


def test_a_larger_order_takes_the_place_of_a_smaller_one_by_a_decision_of_its_own(service: Service) -> None:
    old = sent(service)
    dispatch(service)
    outcome = replaced(service, old, 150)
    new = outcome.cl_ord_id
    assert new is not None
    assert new != old
    assert account(service).pending_buy_shares("IBM") == 150
    assert record(service, old).life.status is OrdStatus.PENDING_REPLACE
    dispatch(service)
    assert record(service, old).life.status is OrdStatus.REPLACED
    assert record(service, old).placed.status == "replaced"
    assert record(service, old).replaced_by == new
    assert record(service, new).replaces == (old,)
    advanced_session(service, "assay")
    assert account(service).position_shares("IBM") == 150
    assert record(service, new).life.status is OrdStatus.FILLED
    assert record(service, old).life.cum_shares == 0


def test_a_replacement_is_sent_twice_and_decided_once(service: Service) -> None:
    old = sent(service)
    first, again = replaced(service, old, 150), replaced(service, old, 150)
    assert (first.is_replayed, again.is_replayed) == (False, True)
    assert first.answer == again.answer


def test_a_replacement_that_the_policy_refuses_leaves_the_order_as_it_was(lake: Lake, tmp_path: Path) -> None:
    """GOV: a replacement that adds risk passes every rule, and the refusal is a decision with a trace."""
    with service_at(tmp_path / "home", lake) as service:
        old = sent(service)
        answer: DecisionAnswer = replaced(service, old, 1).answer
        assert (answer.action, answer.cl_ord_id) == ("deny", None)
        assert "minimum-size" in {rule for rule, *_ in answer.reasons}
        assert account(service).pending_buy_shares("IBM") == 100
        assert record(service, old).life.status is OrdStatus.PENDING_NEW


def test_an_order_that_never_reached_the_broker_is_replaced_there_too(service: Service, tmp_path: Path) -> None:
    old = sent(service)
    new = replaced(service, old, 120).cl_ord_id
    newest = replaced(service, new or "", 130, "r2").cl_ord_id
    dispatch(service)
    advanced_session(service, "assay")
    assert account(service).position_shares("IBM") == 130
    assert record(service, newest or "").replaces == (new, old)
    with closing(SimulatedBroker(tmp_path / "home" / BROKER)) as other:
        assert other.n_orders() == 3


def test_a_replacement_taken_back_before_it_was_sent_takes_back_what_it_replaced(service: Service) -> None:
    old = sent(service)
    dispatch(service)
    new = replaced(service, old, 120).cl_ord_id or ""
    cancelled(service, new)
    dispatch(service)
    advanced_session(service, "assay")
    assert account(service).position_shares("IBM") == 0
    assert record(service, new).life.status is OrdStatus.CANCELED


def test_open_orders_are_the_same_after_a_restart(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake) as service:
        order = sent(service)
        cancelled(service, order)
        before = record(service, order)
    with service_at(tmp_path / "home", lake) as service:
        assert record(service, order).events[: len(before.events)] == before.events
        dispatch(service)
        assert record(service, order).life.status is OrdStatus.CANCELED
        assert account(service).pending_buy_shares("IBM") == 0


def _died(service: Service, transaction: Transaction) -> None:
    _settled(service, transaction)
    raise EdgeError("the power went before the commit", reason="log-unavailable")


def _traded_unheard(service: Service) -> str:
    """An order that the broker has executed in a session whose append was lost."""
    order = sent(service)
    dispatch(service)
    with pytest.raises(EdgeError, match="before the commit"):
        service.writer.submit(partial(_died, service)).result()
    return order


def test_a_fill_that_nobody_noted_outlives_a_cancel(service: Service) -> None:
    """EXE-12: the broker traded, the log died before its commit, then somebody cancels: what traded has traded."""
    order = _traded_unheard(service)
    cancelled(service, order)
    dispatch(service)
    assert account(service).pending_buy_shares("IBM") == 100
    advanced_session(service, "assay")
    assert record(service, order).life.status is OrdStatus.FILLED
    assert account(service).position_shares("IBM") == 100


def test_a_fill_that_nobody_noted_outlives_a_replacement_that_is_canceled_itself(service: Service) -> None:
    """EXE-12."""
    order = _traded_unheard(service)
    new = replaced(service, order, 120).cl_ord_id or ""
    cancelled(service, new)
    dispatch(service)
    assert record(service, order).life.status is OrdStatus.NEW
    advanced_session(service, "assay")
    assert account(service).position_shares("IBM") == 100
    assert [record(service, each).life.is_open for each in (order, new)] == [False, False]


@pytest.mark.parametrize("n_changes", [1, 2])
def test_a_fill_that_nobody_noted_outlives_a_replacement(service: Service, tmp_path: Path, n_changes: int) -> None:
    """EXE-12: the replacement is refused, the old order has its place back, and nothing is lost or doubled."""
    order = newest = _traded_unheard(service)
    for number in range(n_changes):
        newest = replaced(service, newest, 120 + 10 * number, f"r{number}").cl_ord_id or ""
    dispatch(service)
    assert record(service, newest).life.status is OrdStatus.REJECTED
    assert (record(service, order).life.status, record(service, order).placed.status) == (OrdStatus.NEW, "new")
    assert account(service).pending_buy_shares("IBM") == 100
    advanced_session(service, "assay")
    assert record(service, order).life.status is OrdStatus.FILLED
    assert account(service).position_shares("IBM") == 100
    with service.store.reader() as reader:
        assert [len(reader.outbox(state)) for state in (OrderState.PENDING, OrderState.RECALLED)] == [0, 0]
    assert log_folder(tmp_path / "home", "paper").verification().is_intact


START = after_session_start(opened_account("paper", Decimal(100_000)), date(2013, 1, 2))


def pending(key: str, shares: int) -> PendingOrder:
    return PendingOrder(key, key.encode() * 16, "IBM", shares, Decimal("10.00"), 4.0, 0.01)


def test_an_order_that_is_taken_out_leaves_the_account_as_it_was() -> None:
    one = after_order(START, pending("a", 100))
    both = after_order(one, pending("b", 50))
    assert without_order(both, "b") == one
    assert without_order(one, "a") == START
    assert without_order(both, "a").same_orders_today_count("IBM", 1) == 1


def test_what_it_filled_stays_and_no_cash_is_set_aside_for_it_any_more() -> None:
    filled = after_fill(after_order(START, pending("a", 100)), Fill("a", 40, Decimal("9.50"), Decimal(0)))
    after = without_order(filled, "a")
    assert after.position_shares("IBM") == 40
    assert after.free_cash_usd == after.cash_usd
    assert after.orders_today_count == 0
    assert after.imbalance_usd == 0


def test_an_order_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(DataError, match="no pending order"):
        without_order(START, "a")


def test_an_order_replaced_before_it_was_sent_is_told_its_end_with_the_one_after_it(service: Service) -> None:
    """EXE-12: no order of a chain is left open for ever."""
    old = sent(service)
    new = replaced(service, old, 120).cl_ord_id or ""
    newest = replaced(service, new, 130, "r2").cl_ord_id or ""
    dispatch(service)
    assert [record(service, each).life.status for each in (old, new, newest)] == [
        OrdStatus.REPLACED,
        OrdStatus.REPLACED,
        OrdStatus.NEW,
    ]


@pytest.mark.parametrize("is_sent_before", [True, False])
def test_an_order_whose_replacement_is_canceled_before_it_was_sent_is_canceled_too(
    service: Service, *, is_sent_before: bool
) -> None:
    old = sent(service)
    if is_sent_before:
        dispatch(service)
    new = replaced(service, old, 120).cl_ord_id or ""
    cancelled(service, new)
    dispatch(service)
    ended = record(service, old)
    assert (ended.life.status, ended.placed.status, ended.placed.is_open) == (OrdStatus.CANCELED, "canceled", False)


def test_a_replacement_held_back_by_a_halt_expires_and_takes_the_old_order_with_it(service: Service) -> None:
    """EXE-03, EXE-12: neither leaves during the halt, moving on included, and neither works on afterwards."""
    old = sent(service)
    dispatch(service)
    new = replaced(service, old, 120).cl_ord_id or ""
    halting = replace(service, halted=lambda: frozenset({"IBM"}))
    advanced_session(halting, "assay")
    dispatch(halting)
    assert record(service, new).life.status is OrdStatus.EXPIRED
    assert record(service, old).life.status is OrdStatus.CANCELED
    assert account(service).position_shares("IBM") == 0
    dispatch(service)
    assert record(service, new).life.cum_shares == 0


def test_replacing_again_and_again_runs_into_the_limit_of_messages(service: Service) -> None:
    """EXE-16: a replacement is a message like any other; three a session is what the shipped policy lets out."""
    newest = sent(service)
    for number, shares in enumerate((110, 120)):
        newest = replaced(service, newest, shares, f"r{number}").cl_ord_id or ""
    answer = replaced(service, newest, 130, "r3").answer
    assert answer.action == "deny"
    assert "message-rate" in {rule for rule, *_ in answer.reasons}
    assert account(service).pending_buy_shares("IBM") == 120


def _switched(service: Service, *, is_engaged: bool = True) -> None:
    asked = KillSwitchRequest(ACCOUNT, is_engaged, "risk", "drill", Decimal(100_000), service.clock())
    assert kill_switch_set(service.store, asked)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_fill_that_nobody_noted_outlives_the_kill_switch(
    service: Service, tmp_path: Path, *, is_replaced: bool
) -> None:
    """ENG-14, EXE-12: the account lets go of every order at once, and gets back the one that traded all the same."""
    order = _traded_unheard(service)
    newest = replaced(service, order, 120).cl_ord_id or "" if is_replaced else order
    _switched(service)
    assert account(service).pending_buy_shares("IBM") == 0
    dispatch(service)
    assert account(service).pending_buy_shares("IBM") == 100
    assert record(service, order).placed.status == "new"
    with service.store.reader() as reader:
        assert reader.outbox(OrderState.RECALLED) == []
    advanced_session(service, "assay")
    assert account(service).position_shares("IBM") == 100
    told = record(service, order)
    assert (told.life.status, told.life.order_shares, told.placed.status) == (OrdStatus.FILLED, 100, "filled")
    assert newest == order or record(service, newest).placed.status == "canceled"
    assert log_folder(tmp_path / "home", "paper").verification().is_intact
