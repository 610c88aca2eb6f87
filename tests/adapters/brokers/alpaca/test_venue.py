"""Alpaca's own client, unmodified, against a local Alpaca: orders, fills, cancels, refusals, lost answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.brokers.alpaca.venue import AlpacaVenue
from adapters.brokers.remote import RemoteBroker
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import TimeInForce
from tests.adapters.brokers.alpaca.facade import KEY, SECRET, Exchange, served
from tests.adapters.brokers.orders import outbound


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Exchange, str, AlpacaVenue]]:
    exchange = Exchange()
    with served(exchange) as address:
        venue = AlpacaVenue(address, KEY, SECRET, lambda: datetime.now(UTC))
        yield exchange, address, venue
        venue.close()


@pytest.fixture
def exchange(place: tuple[Exchange, str, AlpacaVenue]) -> Exchange:
    """The local Alpaca, well and empty of faults."""
    found = place[0]
    found.loses_answers = found.is_down = found.cancels_slowly = False
    found.refuses, found.n_posted = "", 0
    found.orders.clear()
    return found


@pytest.fixture
def broker(place: tuple[Exchange, str, AlpacaVenue], exchange: Exchange) -> RemoteBroker:  # noqa: ARG001  # made well
    return RemoteBroker(place[2], patience_s=0.3)


def test_an_order_goes_out_once_however_often_it_is_handed_over(exchange: Exchange, broker: RemoteBroker) -> None:
    """EXE-17."""
    words = [broker.handed_over([outbound("ONCE")])[0] for _ in range(3)]
    assert {(word.exec_type, word.ord_status, word.leaves_shares) for word in words} == {
        (ExecType.NEW, OrdStatus.NEW, 100)
    }
    (order,) = exchange.orders.values()
    assert exchange.n_posted == 1
    assert (order["symbol"], order["qty"], order["side"], order["limit_price"]) == ("IBM", "100", "buy", "190.1")


def test_an_order_whose_answer_was_lost_is_not_doubled(exchange: Exchange, broker: RemoteBroker) -> None:
    """EXE-17: asked by ClOrdID before it is sent again."""
    exchange.loses_answers = True
    with pytest.raises(EdgeError, match="Alpaca answered 504"):
        broker.handed_over([outbound("LOST", -30)])
    exchange.loses_answers = False
    (word,) = broker.handed_over([outbound("LOST", -30)])
    assert (word.exec_type, len(exchange.orders), exchange.n_posted) == (ExecType.NEW, 1, 1)
    assert next(iter(exchange.orders.values()))["side"] == "sell"


def test_a_refusal_is_the_word_on_the_order_in_alpacas_words(exchange: Exchange, broker: RemoteBroker) -> None:
    exchange.refuses = "insufficient buying power"
    (word,) = broker.handed_over([outbound("POOR")])
    assert (word.exec_type, word.ord_status, word.text) == (
        ExecType.REJECTED,
        OrdStatus.REJECTED,
        "insufficient buying power",
    )


def test_what_alpaca_does_not_take_is_refused_here(exchange: Exchange, broker: RemoteBroker) -> None:
    asked = {
        "time_in_force": TimeInForce.GTD.value,
        "limit_price_usd": None,
        "expires_at": datetime(2026, 11, 23, 20, tzinfo=UTC),
    }
    (word,) = broker.handed_over([outbound("GTD", instructions=asked)])
    assert (word.exec_type, exchange.n_posted) == (ExecType.REJECTED, 0)
    assert "no order of time in force GTD" in word.text


def test_a_cancel_is_told_when_it_is_final(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("BACK")])
    exchange.cancels_slowly = True
    with pytest.raises(EdgeError, match="order BACK is pending_cancel at the broker, though its cancel was asked"):
        broker.taken_back(["BACK"])
    exchange.ended("BACK", "canceled")
    assert broker.taken_back(["BACK"])[0].exec_type is ExecType.CANCELED


def test_an_order_that_was_taken_back_before_it_came_is_never_sent(exchange: Exchange, broker: RemoteBroker) -> None:
    """A hand-over that nobody waits for any more must not bring it to life."""
    assert broker.taken_back(["NEVER"])[0].exec_type is ExecType.CANCELED
    assert broker.handed_over([outbound("NEVER")])[0].exec_type is ExecType.CANCELED
    assert exchange.n_posted == 0


def test_a_cancel_that_comes_too_late_leaves_a_filled_order(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("LATE")])
    exchange.traded("LATE", 100, "190.05")
    (word,) = broker.taken_back(["LATE"])
    assert (word.exec_type, word.ord_status, word.cum_shares) == (ExecType.NEW, OrdStatus.FILLED, 100)


def test_a_replacement_ends_the_old_order_before_it_is_sent(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("OLD")])
    (word,) = broker.exchanged([(*outbound("NEW", 150), ("OLD",))])
    found = {order["client_order_id"]: order["status"] for order in exchange.orders.values()}
    assert (word.exec_type, found) == (ExecType.NEW, {"OLD": "canceled", "NEW": "accepted"})
    assert broker.exchanged([(*outbound("NEW", 150), ("OLD",))]) == (word,)
    assert broker.handed_over([outbound("OLD")])[0].exec_type is ExecType.CANCELED


def test_an_order_that_has_traded_is_not_replaced(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("PART")])
    exchange.traded("PART", 40, "190.05")
    (word,) = broker.exchanged([(*outbound("MORE", 150), ("PART",))])
    assert (word.exec_type, len(exchange.orders)) == (ExecType.REJECTED, 1)
    assert word.text == "the order that it was to replace has traded"


def test_trades_are_told_until_they_are_heard(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("FILL")])
    broker.heard([each.exec_id for each in broker.executions()])
    name = exchange.traded("FILL", 40, "190.05")
    (told,) = broker.executions()
    assert (told.order_id, told.exec_id, told.exec_type) == ("FILL", name, ExecType.TRADE)
    assert (told.last_shares, told.last_price_usd) == (40, Decimal("190.05"))
    assert broker.executions() == (told,)
    broker.heard([told.exec_id])
    assert broker.executions() == ()


def test_the_stream_rings_when_something_trades(exchange: Exchange, broker: RemoteBroker) -> None:
    broker.handed_over([outbound("RING")])
    until_s = time.monotonic() + 10.0
    while not exchange.listening and time.monotonic() < until_s:
        time.sleep(0.02)
    broker.waited(0.0)
    exchange.traded("RING", 1, "190.05")
    assert broker.waited(10.0)


def test_orders_and_positions_are_told_as_they_stand(exchange: Exchange, broker: RemoteBroker) -> None:
    exchange.positions.clear()
    exchange.positions.update({"IBM": 70, "MSFT": -5, "FB": 0})
    broker.handed_over([outbound("WORKS"), outbound("OVER")])
    exchange.ended("OVER", "expired")
    assert broker.positions() == {"IBM": 70, "MSFT": -5}
    assert broker.open_orders() == {"WORKS"}
    works, over = broker.stood(["WORKS", "OVER", "UNKNOWN"])
    assert (works.exec_type, over.exec_type, over.text) == (ExecType.NEW, ExecType.CANCELED, "it expired")


@pytest.mark.parametrize(("is_down", "secret", "said"), [(True, SECRET, "503"), (False, "wrong", "401")])
def test_an_alpaca_that_does_not_answer_us_is_away(
    place: tuple[Exchange, str, AlpacaVenue], exchange: Exchange, *, is_down: bool, secret: str, said: str
) -> None:
    venue = AlpacaVenue(place[1], KEY, secret, lambda: datetime.now(UTC))
    exchange.is_down = is_down
    with pytest.raises(EdgeError, match=f"Alpaca answered {said}"):
        venue.known("X")
    venue.close()


def test_an_address_where_nothing_listens_is_away_and_no_secret_is_told() -> None:
    venue = AlpacaVenue("http://127.0.0.1:9", KEY, SECRET, lambda: datetime.now(UTC))
    with pytest.raises(EdgeError, match="Alpaca does not answer: ConnectionError") as caught:
        venue.known("X")
    venue.close()
    assert SECRET not in str(caught.value)
