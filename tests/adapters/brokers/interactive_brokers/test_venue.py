"""ib_async, unmodified, against a local gateway: orders, fills, corrections, cancels, refusals, lost connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.brokers.interactive_brokers.venue import CLIENT_ID, IbVenue
from adapters.brokers.remote import RemoteBroker
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import TimeInForce
from tests.adapters.brokers.interactive_brokers.gateway import ACCOUNT, Gateway, served
from tests.adapters.brokers.orders import outbound

_Place = tuple[Gateway, str, IbVenue]
_LATER: list[timedelta] = [timedelta()]


def _clock() -> datetime:
    return datetime.now(UTC) + _LATER[0]


@pytest.fixture(scope="module")
def place() -> Iterator[_Place]:
    gateway = Gateway()
    with served(gateway) as address:
        venue = IbVenue(address, ACCOUNT, _clock)
        yield gateway, address, venue
        venue.close()


@pytest.fixture
def gateway(place: _Place) -> Gateway:
    """The local gateway, well, its day begun anew."""
    found = place[0]
    found.orders.clear()
    found.executions.clear()
    found.positions.clear()
    found.is_silent = found.cancels_slowly = False
    found.refuses, found.pays, found.n_placed = "", True, 0
    _LATER[0] = timedelta()
    return found


@pytest.fixture
def broker(place: _Place, gateway: Gateway) -> RemoteBroker:  # noqa: ARG001  # made well
    return RemoteBroker(place[2], patience_s=0.5)


def test_an_order_is_placed_once_under_its_reference(gateway: Gateway, broker: RemoteBroker) -> None:
    """EXE-17."""
    words = [broker.handed_over([outbound("ONCE", -100)])[0] for _ in range(2)]
    assert [(word.exec_type, word.ord_status, word.leaves_shares) for word in words] == [
        (ExecType.NEW, OrdStatus.NEW, 100)
    ] * 2
    (order,) = gateway.orders
    assert (order.ref, order.symbol, order.action, order.shares) == ("ONCE", "IBM", "SELL", 100)
    assert (order.limit, order.tif, order.account, order.client_id) == ("190.1", "DAY", ACCOUNT, CLIENT_ID)
    assert gateway.n_placed == 1


def test_an_order_good_till_an_instant_says_so(gateway: Gateway, broker: RemoteBroker) -> None:
    until = {
        "time_in_force": TimeInForce.GTD.value,
        "limit_price_usd": Decimal("190.05"),
        "expires_at": datetime(2026, 11, 23, 20, 30, tzinfo=UTC),
    }
    broker.handed_over([outbound("GTD", instructions=until)])
    assert (gateway.of("GTD").good_till, gateway.of("GTD").limit) == ("20261123-20:30:00", "190.05")


def test_an_order_that_was_taken_in_silence_is_not_placed_again(gateway: Gateway, broker: RemoteBroker) -> None:
    """EXE-17: IB takes one reference twice, so the gateway is asked first."""
    gateway.is_silent = True
    with pytest.raises(EdgeError, match=r"the IB gateway at 127\.0\.0\.1:[0-9]+ does not answer: TimeoutError"):
        broker.handed_over([outbound("QUIET")])
    (word,) = broker.handed_over([outbound("QUIET")])
    assert (word.exec_type, gateway.n_placed) == (ExecType.NEW, 1)


def test_a_refusal_is_the_word_on_the_order_in_ibs_words(gateway: Gateway, broker: RemoteBroker) -> None:
    gateway.refuses = "Order rejected - reason: no trading permissions"
    (word,) = broker.handed_over([outbound("NO")])
    assert word.exec_type is ExecType.REJECTED
    assert "no trading permissions" in word.text


def test_executions_are_told_with_their_commission_until_they_are_heard(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("FILL")])
    gateway.traded("FILL", 40, 190.05, "0001.aa.01")
    assert broker.waited(5.0)
    (told,) = broker.executions()
    assert (told.order_id, told.exec_id, told.exec_type, told.venue) == ("FILL", "0001.aa.01", ExecType.TRADE, "NYSE")
    assert (told.last_shares, told.last_price_usd, told.fee_usd) == (40, Decimal("190.05"), Decimal("0.35"))
    broker.heard([told.exec_id])
    assert broker.executions() == ()
    assert broker.stood(["FILL"])[0].cum_shares == 40


def test_an_execution_waits_for_its_commission_but_not_for_ever(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("UNPAID")])
    gateway.pays = False
    gateway.traded("UNPAID", 40, 190.05, "0002.aa.01")
    assert broker.executions() == ()
    _LATER[0] = timedelta(minutes=1)
    assert [each.fee_usd for each in broker.executions()] == [Decimal(0)]


def test_an_execution_of_a_higher_number_corrects_the_one_before(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("RIGHT")])
    gateway.traded("RIGHT", 40, 190.05, "0003.aa.01")
    gateway.traded("RIGHT", 30, 190.06, "0003.aa.02")
    first, second = broker.executions()
    assert (first.exec_type, second.exec_type, second.exec_ref_id) == (
        ExecType.TRADE,
        ExecType.TRADE_CORRECT,
        "0003.aa.01",
    )
    assert broker.stood(["RIGHT"])[0].cum_shares == 30


def test_a_cancel_is_told_when_it_is_final(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("BACK")])
    gateway.cancels_slowly = True
    with pytest.raises(EdgeError, match="order BACK is pending_cancel at the broker"):
        broker.taken_back(["BACK"])
    gateway.ended("BACK")
    assert broker.taken_back(["BACK"])[0].exec_type is ExecType.CANCELED


def test_a_filled_order_is_told_as_filled_after_its_end(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("ALL")])
    gateway.traded("ALL", 100, 190.05, "0004.aa.01")
    (word,) = broker.taken_back(["ALL"])
    assert (word.ord_status, word.cum_shares) == (OrdStatus.FILLED, 100)


def test_a_replacement_ends_the_old_order_before_it_is_placed(gateway: Gateway, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("OLD")])
    (word,) = broker.exchanged([(*outbound("NEW", 150), ("OLD",))])
    assert word.exec_type is ExecType.NEW
    assert [(order.ref, order.status) for order in gateway.orders] == [("OLD", "Cancelled"), ("NEW", "Submitted")]


def test_after_a_lost_connection_orders_are_found_by_their_reference(gateway: Gateway, broker: RemoteBroker) -> None:
    """EXE-17."""
    broker.handed_over([outbound("KEPT")])
    gateway.drop()
    with suppress(EdgeError):  # the question that meets the end of the connection is asked again
        broker.open_orders()
    gateway.traded("KEPT", 10, 190.05, "0005.aa.01")
    (word,) = broker.handed_over([outbound("KEPT")])
    assert (word.exec_type, word.cum_shares, gateway.n_placed) == (ExecType.NEW, 10, 1)
    assert [each.exec_id for each in broker.executions()] == ["0005.aa.01"]
    assert broker.taken_back(["KEPT"])[0].exec_type is ExecType.CANCELED


def test_positions_and_open_orders_are_told_as_they_stand(gateway: Gateway, broker: RemoteBroker) -> None:
    gateway.positions.update({"IBM": 70, "MSFT": -5})
    broker.handed_over([outbound("WORKS")])
    assert broker.positions() == {"IBM": 70, "MSFT": -5}
    assert broker.open_orders() == {"WORKS"}


def test_a_gateway_that_is_not_there_is_away() -> None:
    venue = IbVenue("127.0.0.1:9", None, _clock)
    with pytest.raises(EdgeError, match=r"the IB gateway at 127\.0\.0\.1:9 does not answer: ConnectionRefusedError"):
        venue.known("X")
    venue.close()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(EdgeError, match="ASSAY_BROKER_ADDRESS='nowhere' is no host:port"):
        IbVenue("nowhere", None, _clock)
