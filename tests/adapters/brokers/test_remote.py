"""What holds of every broker somewhere else, told with one in memory that a test can make slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from adapters.brokers.remote import RemoteBroker
from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from tests.adapters.brokers.orders import outbound


@dataclass
class InMemory:
    """A broker of a few lines."""

    orders: dict[str, Standing] = field(default_factory=dict)
    n_sent: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)
    ends: OrdStatus | None = OrdStatus.CANCELED

    def known(self, cl_ord_id: str) -> Standing | None:
        return self.orders.get(cl_ord_id)

    def sent(self, order: WantedOrder) -> Standing:
        self.gate.wait(5.0)
        self.n_sent += 1
        self.orders[order.cl_ord_id] = Standing(order.cl_ord_id, OrdStatus.NEW, 0, order.shares)
        return self.orders[order.cl_ord_id]

    def replaced(self, old: Standing, order: WantedOrder) -> Standing | None:  # noqa: ARG002  # as the port has it
        return None

    def cancel(self, standing: Standing) -> None:
        if self.ends is not None:
            self.orders[standing.cl_ord_id] = replace(standing, status=self.ends, leaves_shares=0)

    def open_orders(self) -> Mapping[str, Standing]:
        return {name: each for name, each in self.orders.items() if each.is_open}

    def executions(self) -> Sequence[ExecutionReport]:
        return ()

    def heard(self, exec_ids: Sequence[str]) -> None:
        """Nothing was told."""

    def positions(self) -> Mapping[str, int] | None:
        return None

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def venue() -> InMemory:
    found = InMemory()
    found.gate.set()
    return found


def test_an_order_asked_for_twice_at_once_is_sent_once(venue: InMemory) -> None:
    """EXE-17: a question that was given up goes on beside the next one."""
    venue.gate.clear()
    broker = RemoteBroker(venue)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(broker.handed_over, [outbound("A")]) for _ in range(2)]
        venue.gate.set()
        words = [each.result()[0] for each in asked]
    assert (venue.n_sent, {word.exec_type for word in words}) == (1, {ExecType.NEW})


def test_an_order_taken_back_while_it_waits_for_its_turn_is_not_sent(venue: InMemory) -> None:
    broker = RemoteBroker(venue)
    broker.taken_back(["A"])
    assert broker.handed_over([outbound("A")])[0].exec_type is ExecType.CANCELED
    assert broker.exchanged([(*outbound("A"), ("B",))])[0].exec_type is ExecType.CANCELED
    assert broker.handed_over([outbound("C")])[0].exec_type is ExecType.NEW
    assert venue.n_sent == 1


def test_an_order_sent_without_an_answer_is_not_sent_again_before_it_settles(venue: InMemory) -> None:
    """EXE-17: the broker may know it only later, and IB takes the same name twice; nor has it never come."""
    ends = iter([EdgeError("the line is cut", reason="unavailable")])

    class Cut(InMemory):
        def sent(self, order: WantedOrder) -> Standing:
            for error in ends:
                raise error
            return super().sent(order)

    cut = Cut(gate=venue.gate)
    broker = RemoteBroker(cut, settling_s=0.05)
    with pytest.raises(EdgeError, match="the line is cut"):
        broker.handed_over([outbound("A")])
    with pytest.raises(EdgeError, match="was sent without an answer, and the broker does not know it yet") as early:
        broker.handed_over([outbound("A")])
    assert early.value.reason == "broker-not-done"
    with pytest.raises(EdgeError, match="it is asked again before it is sent again"):
        broker.taken_back(["A"])
    time.sleep(0.05)
    assert broker.taken_back(["A"])[0].exec_type is ExecType.CANCELED
    assert cut.n_sent == 0


def test_a_cancel_that_does_not_end_is_waited_for_once(venue: InMemory) -> None:
    """EXE-17: asked again, it is looked at and no more, so that others do not wait for it."""
    broker, venue.ends = RemoteBroker(venue, patience_s=0.05), None
    broker.handed_over([outbound("A")])
    took_s = []
    for _ in range(2):
        started_s = time.monotonic()
        with pytest.raises(EdgeError, match="though its cancel was asked"):
            broker.taken_back(["A"])
        took_s.append(time.monotonic() - started_s)
    assert took_s[0] >= 0.05 > took_s[1]


def test_what_an_exchange_replaces_is_never_sent_after_it(venue: InMemory) -> None:
    broker = RemoteBroker(venue)
    assert broker.exchanged([(*outbound("NEW"), ("OLD",))])[0].exec_type is ExecType.NEW
    assert broker.handed_over([outbound("OLD")])[0].exec_type is ExecType.CANCELED


def test_an_order_that_trades_while_it_is_to_be_replaced_is_kept(venue: InMemory) -> None:
    broker = RemoteBroker(venue)
    broker.handed_over([outbound("OLD")])
    venue.ends = OrdStatus.FILLED
    venue.cancel = lambda _: venue.orders.update(OLD=Standing("OLD", OrdStatus.FILLED, 100))  # type: ignore[assignment, method-assign]
    (word,) = broker.exchanged([(*outbound("NEW"), ("OLD",))])
    assert (word.exec_type, "NEW" in venue.orders) == (ExecType.REJECTED, False)


def test_an_order_whose_replacement_is_pending_is_not_replaced_a_second_time(venue: InMemory) -> None:
    """EXE-17: the answer was lost, and the broker knows the new one by its name only once it has made it."""
    broker = RemoteBroker(venue)
    broker.handed_over([outbound("OLD")])
    venue.orders["OLD"] = replace(venue.orders["OLD"], status=OrdStatus.PENDING_REPLACE)
    with pytest.raises(EdgeError, match="order OLD is being replaced at the broker") as caught:
        broker.exchanged([(*outbound("NEW"), ("OLD",))])
    assert (caught.value.reason, venue.n_sent) == ("broker-not-done", 1)


def test_a_cancel_that_does_not_come_to_its_end_is_asked_about_again(venue: InMemory) -> None:
    broker = RemoteBroker(venue, patience_s=0.02, sleep=lambda _: None)
    broker.handed_over([outbound("A")])
    venue.ends = None
    with pytest.raises(EdgeError, match="order A is new at the broker, though its cancel was asked") as caught:
        broker.taken_back(["A"])
    assert caught.value.reason == "broker-not-done"


def test_nobody_waits_longer_than_asked_unless_it_rings(venue: InMemory) -> None:
    broker = RemoteBroker(venue)
    assert not broker.waited(0.0)
    broker.rung()
    assert (broker.waited(5.0), broker.waited(0.0)) == (True, False)


def test_how_orders_stand_is_asked_of_those_that_work_and_those_that_do_not(venue: InMemory) -> None:
    broker = RemoteBroker(venue)
    broker.handed_over([outbound("A"), outbound("B")])
    broker.taken_back(["B"])
    assert [(word.cl_ord_id, word.exec_type) for word in broker.stood(["A", "B", "C"])] == [
        ("A", ExecType.NEW),
        ("B", ExecType.CANCELED),
    ]
    assert broker.stood([]) == ()
    assert broker.executions() == ()
    assert broker.open_orders() == {"A"}
