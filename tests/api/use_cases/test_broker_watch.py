"""A service whose orders go to a local Alpaca: what happens there comes back into the log, once, and all verifies."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service
from api.settings import BrokerKind, Settings
from api.use_cases import broker, broker_watch
from api.use_cases.broker_watch import BrokerWatch, RemoteBroker, require_agreement
from api.use_cases.guarded_broker import GuardedRemote
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session, dispatch, opened_market
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.rows import OrderState
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import OrdStatus
from tests.adapters.brokers.alpaca.facade import KEY, SECRET, Exchange, served
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ordered, paper_settings

_ROUND_S = 3600.0


@dataclass
class Desk:
    """A service, the Alpaca it trades at, and who listens to it when a test says so."""

    service: Service
    exchange: Exchange
    watch: BrokerWatch

    def sent(self, key: str = "k1", **changes: object) -> str:
        """An order for 100 shares of IBM that Alpaca has."""
        name = ordered(self.service, key, **changes).cl_ord_id
        assert name is not None
        dispatch(self.service)
        return name

    def record(self, name: str) -> OrderRecord:
        with self.service.store.reader() as reader:
            return order_record(reader, name)

    def account(self) -> AccountState:
        with self.service.store.reader() as reader:
            row = reader.account(ACCOUNT)
        assert row is not None
        return account_from_bytes(row.content)

    def states(self) -> list[OrderState]:
        with self.service.store.reader() as reader:
            return [state for state in OrderState for _ in reader.outbox(state)]


@pytest.fixture(scope="module")
def alpaca() -> Iterator[tuple[Exchange, str]]:
    exchange = Exchange()
    with served(exchange) as address:
        yield exchange, address


@pytest.fixture
def settings(alpaca: tuple[Exchange, str], tmp_path: Path) -> Settings:
    exchange, address = alpaca
    exchange.__init__()  # type: ignore[misc]  # a new one on the same port
    kind = {"broker": BrokerKind.ALPACA, "broker_address": address, "broker_key": KEY, "broker_secret": SECRET}
    return paper_settings(tmp_path / "home", **kind)


@pytest.fixture
def desk(
    lake: Lake, settings: Settings, alpaca: tuple[Exchange, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A service that listens and hands over when a test says so."""
    alpaca[0].is_mute = True
    monkeypatch.setattr(broker, "PAUSE_S", _ROUND_S)
    monkeypatch.setattr(broker_watch, "OPEN_PAUSE_S", _ROUND_S)
    with opened(settings, lake) as service:
        yield Desk(service, alpaca[0], BrokerWatch(service, remote(service)))
    assert log_folder_to_read(settings.home).verification().is_intact


@contextmanager
def opened(settings: Settings, lake: Lake) -> Iterator[Service]:
    with open_service(settings, lake) as service:
        opened_market(service, "assay")
        yield service


def remote(service: Service) -> RemoteBroker:
    assert isinstance(service.broker, GuardedRemote)
    return service.broker


def test_what_alpaca_fills_is_booked_once_and_an_order_that_it_ends_is_over(desk: Desk) -> None:
    """EXE-17."""
    name = desk.sent()
    desk.exchange.traded(name, 30, "190.05")
    desk.exchange.traded(name, 20, "190.06")
    assert (desk.watch.watched(), desk.watch.watched()) == (2, 0)
    life = desk.record(name).life
    assert (life.status, life.cum_shares, life.leaves_shares) == (OrdStatus.PARTIALLY_FILLED, 50, 50)
    assert desk.account().position_shares("IBM") == 50
    desk.exchange.traded(name, 10, "190.07")
    desk.exchange.ended(name, "expired")
    assert desk.watch.watched() == 2
    life = desk.record(name).life
    assert (life.status, life.cum_shares, life.ended_shares) == (OrdStatus.CANCELED, 60, 40)
    assert (desk.account().pending_buy_shares("IBM"), desk.states()) == (0, [OrderState.DONE])
    assert [each.text for each in desk.record(name).events if each.text][-1] == "it expired"
    require_agreement(desk.service, remote(desk.service))


def test_a_filled_order_needs_no_end(desk: Desk) -> None:
    name = desk.sent()
    desk.exchange.traded(name, 100, "190.05")
    assert (desk.watch.watched(), desk.watch.watched()) == (1, 0)
    assert (desk.record(name).life.status, desk.states()) == (OrdStatus.FILLED, [OrderState.DONE])


def test_an_end_waits_for_the_trades_that_came_before_it(desk: Desk) -> None:
    """Else they would count as traded after the end."""
    name = desk.sent()
    desk.exchange.traded(name, 30, "190.05")
    late = desk.exchange.activities.pop()
    desk.exchange.ended(name, "canceled")
    assert (desk.watch.watched(), desk.record(name).life.status) == (0, OrdStatus.NEW)
    desk.exchange.activities.append(late)
    assert desk.watch.watched() == 2
    record = desk.record(name)
    assert (record.life.status, record.life.cum_shares) == (OrdStatus.CANCELED, 30)
    assert all(event.taken in {"", "applied"} for event in record.events)


def test_a_cancel_of_a_partly_filled_order_ends_what_is_left(desk: Desk) -> None:
    name = desk.sent()
    desk.exchange.traded(name, 40, "190.05")
    cancelled_order(desk.service, CancelCommand(name, "alice", "enough")).result()
    dispatch(desk.service)
    desk.watch.watched()
    life = desk.record(name).life
    assert (life.status, life.cum_shares, life.is_whole) == (OrdStatus.CANCELED, 40, True)
    assert (desk.account().position_shares("IBM"), desk.account().pending_buy_shares("IBM")) == (40, 0)


def test_an_order_that_traded_before_the_kill_switch_reached_it_has_its_place_back_as_far_as_it_is_left(
    desk: Desk,
) -> None:
    """EXE-16: the account let go of all of it, while the broker had filled it."""
    name = desk.sent()
    desk.exchange.traded(name, 40, "190.05")
    desk.watch.watched()
    stop = KillSwitchRequest(ACCOUNT, True, "risk", "drill", desk.account().cash_usd, desk.service.clock())  # noqa: FBT003
    kill_switch_set(desk.service.store, stop)
    late = (desk.exchange.traded(name, 60, "190.06"), desk.exchange.activities.pop())[1]
    dispatch(desk.service)
    assert desk.account().pending_buy_shares("IBM") == 60
    desk.exchange.activities.append(late)
    desk.watch.watched()
    assert (desk.account().position_shares("IBM"), desk.account().pending_buy_shares("IBM")) == (100, 0)
    assert (desk.record(name).life.status, desk.states()) == (OrdStatus.FILLED, [OrderState.DONE])


def test_a_replacement_takes_the_place_of_an_order_that_has_not_traded(desk: Desk) -> None:
    old = desk.sent()
    asked = ReplaceCommand(old, "alice", "k2", 80)
    new = replaced_order(desk.service, asked, ACCOUNT).result().cl_ord_id
    assert new is not None
    dispatch(desk.service)
    found = {order["client_order_id"]: order["status"] for order in desk.exchange.orders.values()}
    assert found == {old: "canceled", new: "accepted"}
    assert [desk.record(name).life.status for name in (old, new)] == [OrdStatus.REPLACED, OrdStatus.NEW]


def test_a_replacement_of_an_order_that_traded_meanwhile_is_refused_and_what_traded_is_kept(desk: Desk) -> None:
    old = desk.sent()
    new = replaced_order(desk.service, ReplaceCommand(old, "alice", "k2", 80), ACCOUNT).result().cl_ord_id
    assert new is not None
    desk.exchange.traded(old, 40, "190.05")
    dispatch(desk.service)
    desk.watch.watched()
    assert [desk.record(name).life.status for name in (old, new)] == [OrdStatus.PARTIALLY_FILLED, OrdStatus.REJECTED]
    assert (desk.account().position_shares("IBM"), desk.account().pending_buy_shares("IBM")) == (40, 60)


def test_a_refused_order_leaves_the_account_free(desk: Desk) -> None:
    desk.exchange.refuses = "insufficient buying power"
    name = desk.sent()
    record = desk.record(name)
    assert (record.life.status, desk.account().pending_buy_shares("IBM")) == (OrdStatus.REJECTED, 0)
    assert "insufficient buying power" in {event.text for event in record.events}


def test_an_order_is_taken_back_at_the_broker_when_its_session_is_settled(desk: Desk) -> None:
    name = desk.sent()
    desk.exchange.traded(name, 25, "190.05")
    desk.watch.watched()
    advanced_session(desk.service, "alice")
    dispatch(desk.service)
    order = desk.exchange.by_client(name)
    assert order is not None
    assert (order["status"], desk.record(name).life.cum_shares) == ("canceled", 25)
    assert desk.account().position_shares("IBM") == 25


def test_a_trade_of_an_order_that_is_not_ours_is_told_once_and_not_booked(desk: Desk) -> None:
    heard: list[str] = []
    watch = replace(desk.watch, told=lambda report, because: heard.append(f"{report.order_id}: {because}"))
    name = desk.sent()
    ours = desk.exchange.by_client(name) or {}
    other = str(uuid.uuid4())
    desk.exchange.orders[other] = {**ours, "client_order_id": "THEIRS", "id": other}
    desk.exchange.traded("THEIRS", 5, "190.05")
    assert (watch.watched(), watch.watched()) == (0, 0)
    assert heard == ["THEIRS: no order is called 'THEIRS'; ask the broker whose it is"]
    assert entries(desk.service.store, EntryKind.FILL) == []
    with pytest.raises(EdgeError, match="IBM: the broker holds 5 shares, the log 0; order THEIRS works at the broker"):
        require_agreement(desk.service, remote(desk.service))


def test_an_order_pending_when_alpaca_was_lost_goes_out_once_after_it_is_back(
    lake: Lake, settings: Settings, alpaca: tuple[Exchange, str]
) -> None:
    """EXE-17, SGN-07: the answer is lost, Alpaca is away, the server is started anew; one order, its fill booked."""
    exchange = alpaca[0]
    with opened(settings, lake) as service:
        exchange.loses_answers = True
        name = ordered(service).cl_ord_id
        assert name is not None
        until(lambda: service.dispatching.error is not None)
        assert exchange.n_posted == 1
        exchange.is_down, exchange.loses_answers = True, False
    exchange.is_down = False
    exchange.traded(name, 100, "190.05")
    with opened(settings, lake) as service, service.store.reader() as reader:
        until(lambda: order_record(reader, name).life.status is OrdStatus.FILLED)
    assert (exchange.n_posted, len(exchange.orders)) == (1, 1)
    assert log_folder_to_read(settings.home).verification().is_intact


def test_a_second_process_does_not_talk_to_the_broker_of_a_home(desk: Desk, lake: Lake, settings: Settings) -> None:
    assert desk.states() == []
    with pytest.raises(EdgeError, match="another process talks to the broker of this home"), opened(settings, lake):
        pass


def test_a_service_does_not_start_on_positions_that_are_not_the_brokers(
    lake: Lake, settings: Settings, alpaca: tuple[Exchange, str]
) -> None:
    alpaca[0].positions["IBM"] = 7
    differ = "the broker's books are not those of log 'paper': IBM: the broker holds 7"
    with pytest.raises(EdgeError, match=differ), opened(settings, lake):
        pass


def until(is_true: Callable[[], bool], patience_s: float = 30.0) -> None:
    ends_s = time.monotonic() + patience_s
    while not is_true():
        assert time.monotonic() < ends_s
        time.sleep(0.02)
