"""What a broker says of an order moves the order, its account and what it replaced together, and is taken once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.standing import Standing, word
from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases import broker
from api.use_cases.broker_words import BrokerWords, Outbound, rejection, replaced_facts
from api.use_cases.execution_reports import booked_report
from api.use_cases.market import dispatch
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.rows import OrderState
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.executions import Acknowledgement, ExecType, ExecutionReport, OrdStatus
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture
def service(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(broker, "PAUSE_S", 3600.0)
    with service_at(tmp_path / "home", lake) as opened:
        yield opened
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


def sent(service: Service) -> Outbound:
    """An order for 100 shares that the broker has, as the outbox has it."""
    ordered(service)
    dispatch(service)
    with service.store.reader() as reader:
        (row,) = reader.outbox(OrderState.SENT)
    return Outbound(row)


def recorded(service: Service, asked: Outbound, said: Acknowledgement) -> int:
    words = BrokerWords(service.store, service.clock)
    return service.writer.submit(lambda append: words.recorded([asked], (said,), append)).result()


def pending_shares(service: Service) -> int:
    with service.store.reader() as reader:
        row = reader.account(ACCOUNT)
    assert row is not None
    return account_from_bytes(row.content).pending_buy_shares("IBM")


def test_an_end_that_nobody_asked_for_frees_the_account_and_says_why(service: Service) -> None:
    asked = sent(service)
    said = word(Standing(asked.row.cl_ord_id, OrdStatus.EXPIRED, 0))
    assert (recorded(service, asked, said), recorded(service, asked, said)) == (1, 0)
    assert pending_shares(service) == 0
    told = [entry for entry in entries(service.store) if entry.facts.get("reason") == "it expired"]
    assert [entry.kind for entry in told] == [EntryKind.ACKNOWLEDGEMENT, EntryKind.CANCEL]


def test_what_is_filled_and_booked_needs_no_more_of_an_end(service: Service) -> None:
    """A fill that comes while the order is recalled leaves its row so, until the broker's word on the cancel."""
    asked = sent(service)
    name = asked.row.cl_ord_id
    with service.store.transaction() as append:
        append.mark_order(name, OrderState.RECALLED)
    booked_report(service, ExecutionReport(name, "x1", ExecType.TRADE, 100, Decimal(190)), "broker")
    with service.store.reader() as reader:
        (row,) = reader.outbox(OrderState.RECALLED)
    recalled = Outbound(row)
    assert recorded(service, recalled, word(Standing(name, OrdStatus.FILLED, 100))) == 1
    with service.store.reader() as reader:
        assert len(reader.outbox(OrderState.DONE)) == 1
    assert pending_shares(service) == 0


def test_a_rejection_is_an_end_in_the_words_that_it_is_given() -> None:
    said = rejection("A", "as told")
    assert (said.exec_id, said.exec_type, said.leaves_shares, said.text) == ("A-8", ExecType.REJECTED, 0, "as told")


def test_an_order_that_was_replaced_has_that_end() -> None:
    assert replaced_facts("A")["ord_status"] == OrdStatus.REPLACED.value
