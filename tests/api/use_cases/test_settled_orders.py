"""What sessions make of working orders: lasting ones go on, caps are shared, and nothing is booked twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.settings import SHIPPED_ASSUMPTIONS
from api.use_cases import broker
from api.use_cases.execution_reports import booked_report
from api.use_cases.incidents import incidents
from api.use_cases.market import advanced_session, dispatch
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from api.use_cases.sessions import planned_session
from governance.entries import EntryKind, child_cl_ord_id
from governance.ports import Transaction
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import TimeInForce
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ROOMY, edited_policy, ordered, service_at

UNTIL = datetime(2013, 1, 8, 21, tzinfo=UTC)
LASTING = Instructions(TimeInForce.GTD, None, UNTIL)
FAR = Instructions(TimeInForce.GTD, Decimal("20.00"), UNTIL)


@pytest.fixture(scope="module", autouse=True)
def _no_thread() -> Iterator[None]:
    """The outbox is handed over when a test says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broker, "PAUSE_S", 3600.0)
        yield


def sent(service: Service, key: str, shares: int, **changes: Any) -> str:
    """An order that the broker has."""
    order_id = ordered(service, key, order_shares=shares, **changes).cl_ord_id
    assert order_id is not None
    dispatch(service)
    return order_id


def record(service: Service, order_id: str) -> OrderRecord:
    with service.store.reader() as reader:
        return order_record(reader, order_id)


def account(service: Service) -> AccountState:
    with service.store.reader() as reader:
        row = reader.account(ACCOUNT)
    assert row is not None
    return account_from_bytes(row.content)


class Story:
    """Three orders and two sessions: a large lasting one, another account's of its share, and one that never trades."""

    def __init__(self, service: Service, home: Path) -> None:
        self.service, self.home = service, home
        self.large = sent(service, "large", 500, instructions=LASTING)
        self.second = sent(service, "second", 100, account_id="second")
        self.far = sent(service, "far", 100, symbol="MSFT", instructions=FAR)
        advanced_session(service, "assay")
        self.first_day = [record(service, each) for each in (self.large, self.second, self.far)]
        self.working_shares = account(service).pending_buy_shares("IBM")
        advanced_session(service, "assay")
        self.second_day = [record(service, each) for each in (self.large, self.second, self.far)]
        cancelled_order(service, CancelCommand(self.far, "alice", "it never comes")).result()
        dispatch(service)


def thin(folder: Path) -> Path:
    """The shipped assumptions with a tenth of the cap on a bar's volume."""
    text, cap = SHIPPED_ASSUMPTIONS.read_text(encoding="utf-8"), "max_fill_participation_frac: 0.001"
    assert cap in text
    file = folder / "assumptions.yaml"
    file.write_text(text.replace(cap, "max_fill_participation_frac: 0.0001"), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def story(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    with service_at(folder / "home", lake, assumptions=thin(folder), accounts=(ACCOUNT, "second")) as service:
        yield Story(service, folder / "home")


def test_what_the_cap_leaves_of_a_lasting_order_trades_in_the_next_session(story: Story) -> None:
    """API-STR-02: a ten-thousandth of the day's volume in each."""
    first, second = story.first_day[0].life, story.second_day[0].life
    assert (first.status, second.status) == (OrdStatus.PARTIALLY_FILLED, OrdStatus.FILLED)
    volume = story.service.lake.bars_on(date(2013, 1, 3))["IBM"]["volume_shares"]
    assert first.cum_shares == volume // 10_000 < second.cum_shares == 500
    assert story.working_shares == 500 - first.cum_shares
    assert {name.split("-")[1] for name, *_ in second.fills} == {"20130103", "20130104"}


def test_no_part_of_a_lasting_order_trades_more_than_its_route_gives_it(story: Story) -> None:
    """EXE-15."""
    for child in story.second_day[0].children:
        assert child.cum_shares <= child.order.shares


def test_another_accounts_order_of_the_share_finds_the_cap_used_and_ends_with_its_session(story: Story) -> None:
    life = story.first_day[1].life
    assert (life.status, life.cum_shares) == (OrdStatus.EXPIRED, 0)
    assert "of which others of ours had" in story.first_day[1].events[-1].text


def test_a_lasting_order_that_does_not_trade_works_on_and_can_be_canceled(story: Story) -> None:
    for each in (story.first_day[2], story.second_day[2]):
        assert (each.life.status, each.life.leaves_shares, each.placed.is_open) == (OrdStatus.NEW, 100, True)
    assert record(story.service, story.far).life.status is OrdStatus.CANCELED
    assert account(story.service).orders == account(story.service).orders.__class__()


def test_a_log_with_lasting_orders_verifies(story: Story) -> None:
    assert log_folder_to_read(story.home).verification().findings == ()


def _died(service: Service, transaction: Transaction) -> None:
    planned_session(service.desk(ACCOUNT, "assay"), transaction, date(2013, 1, 3), service.broker)
    raise EdgeError("the power went before the commit", reason="log-unavailable")


def test_what_a_broker_reports_after_a_lost_append_is_booked_once(lake: Lake, tmp_path: Path) -> None:
    """SGN-07: one report names the execution that the session finds again; another one it has no room for."""
    with service_at(tmp_path / "home", lake) as service:
        same, other = sent(service, "same", 100), sent(service, "other", 100, symbol="MSFT")
        with pytest.raises(EdgeError, match="before the commit"):
            service.writer.submit(partial(_died, service)).result()
        told = ((same, f"{child_cl_ord_id(same, 0)}-1", 100), (other, "x1", 30))
        for order_id, exec_id, shares in told:
            report = ExecutionReport(order_id, exec_id, ExecType.TRADE, shares, Decimal("27.00"))
            booked_report(service, report, "broker")
        advanced_session(service, "assay")
        lives = [record(service, each).life for each in (same, other)]
        assert [(life.status, life.cum_shares) for life in lives] == [(OrdStatus.FILLED, 100), (OrdStatus.EXPIRED, 30)]
        assert [account(service).position_shares(symbol) for symbol in ("IBM", "MSFT")] == [100, 30]
        assert len(entries(service.store, EntryKind.FILL)) == 2
        with service.store.reader() as reader:
            (found,) = incidents(reader)
    assert "traded 100 MSFT, of whose order 70 were left; it is not booked: ask the broker" in found.what
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


def test_where_nobody_is_sent_orders_a_lasting_one_works_on_from_session_to_session(lake: Lake, tmp_path: Path) -> None:
    """A research log has no broker: each session's bar fills right here, orders of one symbol under one cap."""
    policy, home = edited_policy(tmp_path, ROOMY), tmp_path / "home"
    with service_at(home, lake, policy=policy, origin="research/x", assumptions=thin(tmp_path)) as service:
        names = [sent(service, "large", 600, instructions=LASTING), sent(service, "small", 100)]
        advanced_session(service, "assay")
        lives = [record(service, each).life for each in names]
        volume = service.lake.bars_on(date(2013, 1, 3))["IBM"]["volume_shares"]
        assert [life.cum_shares for life in lives] == [volume // 10_000, 0]
        assert [life.is_open for life in lives] == [True, False]
        advanced_session(service, "assay")
        assert record(service, names[0]).life.status is OrdStatus.FILLED
    assert log_folder_to_read(home).verification().findings == ()


def test_a_lasting_order_is_split_with_its_share_and_replaced_in_the_shares_of_today(
    lake: Lake, tmp_path: Path
) -> None:
    """AAPL split two for one on 2005-02-28; 40 of 100 shares had traded before, so 60 are 120 now."""
    asked = Instructions(TimeInForce.GTD, Decimal("60.01"), datetime(2005, 3, 31, 21, tzinfo=UTC))
    with service_at(tmp_path / "home", lake, market_on=date(2005, 2, 24)) as service:
        order_id = sent(service, "split", 100, symbol="AAPL", instructions=asked)
        report = ExecutionReport(order_id, "x1", ExecType.TRADE, 40, Decimal("60.00"))
        booked_report(service, report, "broker")
        for _ in range(2):
            advanced_session(service, "assay")
        life, (left,) = record(service, order_id).life, account(service).orders
        assert (life.status, life.cum_shares, life.leaves_shares) == (OrdStatus.PARTIALLY_FILLED, 40, 120)
        assert (left.order_shares, account(service).position_shares("AAPL")) == (120, 80)
        command = ReplaceCommand(order_id, "alice", "r1", 150)
        outcome = replaced_order(service, command, ACCOUNT).result()
        assert outcome.answer.order_shares == 150 - 80
    assert log_folder_to_read(tmp_path / "home").verification().findings == ()
