"""How an order stands follows from the entries about it, in FIX words inside and Alpaca's outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session, dispatch
from api.use_cases.order_status import WORDS, OrderStatus, order_status, orders_of
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import OrdStatus
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as served:
        yield served


def _status(service: Service, sent: str | None) -> OrderStatus:
    assert sent is not None
    with service.store.reader() as reader:
        return order_status(reader, sent)


def test_an_order_is_new_at_the_broker_then_filled(service: Service) -> None:
    sent = ordered(service, client_order_id="mine").cl_ord_id
    dispatch(service)
    waiting = _status(service, sent)
    advanced_session(service, "assay")
    filled = _status(service, sent)
    assert (waiting.client_order_id, waiting.leaves_shares) == ("mine", 100)
    assert (filled.status, filled.cum_shares, filled.leaves_shares) == ("filled", 100, 0)
    assert filled.average_price_usd == filled.last_price_usd


def test_an_order_that_the_kill_switch_took_back_is_canceled_and_says_why(service: Service) -> None:
    sent = ordered(service).cl_ord_id
    stop = KillSwitchRequest(
        account_id=ACCOUNT,
        is_engaged=True,
        principal="risk",
        reason="feed looks wrong",
        opening_cash_usd=service.opening_cash_usd,
        at=service.clock(),
    )
    kill_switch_set(service.store, stop)
    dispatch(service)
    advanced_session(service, "assay")
    status = _status(service, sent)
    assert (status.status, status.reason, status.cum_shares) == ("canceled", "feed looks wrong", 0)


def test_orders_are_listed_newest_first_and_denied_ones_are_none(service: Service) -> None:
    kept = [ordered(service, "a").cl_ord_id, ordered(service, "b", symbol="MSFT").cl_ord_id]
    denied = ordered(service, "c", symbol="MSFT")
    with service.store.reader() as reader:
        found = [status.cl_ord_id for status in orders_of(reader, ACCOUNT, 10)]
        assert orders_of(reader, ACCOUNT, 1)[0].cl_ord_id == found[0]
    assert denied.cl_ord_id is None
    assert found == kept[::-1]


def test_an_unknown_order_is_not_found(service: Service) -> None:
    with pytest.raises(EdgeError, match="there is no order 'ABC'; name one by the ClOrdID") as raised:
        _status(service, "ABC")
    assert raised.value.reason == "not-found"


def test_every_fix_status_has_a_word() -> None:
    assert set(WORDS) == set(OrdStatus)
