"""A broker that hangs or fails: given up in time, left alone, and asked again without an order doubled or lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.brokers.remote import RemoteBroker
from adapters.brokers.simulated import SimulatedBroker
from adapters.brokers.standing import Standing
from adapters.upstreams.circuit import CircuitState
from adapters.upstreams.upstream import Upstream
from api.use_cases.guarded_broker import AT_ONCE, BROKER, GuardedBroker, GuardedRemote
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecType
from policies.resilience_terms import UpstreamTerms
from tests.adapters.brokers.orders import outbound
from tests.adapters.brokers.test_remote import InMemory

TERMS = UpstreamTerms(
    at_once=4, wait_s=1.0, deadline_s=0.2, failures=2, rest_s=0.05, longest_rest_s=0.05, probe_every_s=5.0
)
ORDER = ("order-1", 10, b"terms")


@dataclass
class Slow(SimulatedBroker):
    """The simulated broker over a line that a test can block: it does what it was asked all the same, later."""

    path: Path
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(self.path)
        self.gate.set()

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        self.gate.wait(5)
        return super().handed_over(orders)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    with closing(Slow(tmp_path / "broker.db")) as made:
        yield made


@pytest.fixture
def guarded(slow: Slow) -> Iterator[GuardedBroker]:
    upstream = Upstream(BROKER, TERMS, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    yield GuardedBroker(slow, upstream)
    slow.gate.set()
    upstream.close()


def test_orders_come_through(guarded: GuardedBroker, slow: Slow) -> None:
    (word,) = guarded.handed_over([ORDER])
    assert (word.exec_type, slow.n_orders()) == (ExecType.NEW, 1)
    assert guarded.taken_back(["order-1"])[0].exec_type is ExecType.CANCELED
    assert guarded.exchanged([("order-2", 5, b"terms", ("order-1",))])[0].exec_type is ExecType.NEW
    guarded.probed()


def test_an_order_that_a_hanging_broker_took_late_is_not_doubled_when_it_is_handed_over_again(
    guarded: GuardedBroker, slow: Slow
) -> None:
    slow.gate.clear()
    for _ in range(2):
        with pytest.raises(EdgeError, match=r"broker did not answer: no answer within 0\.2 s"):
            guarded.handed_over([ORDER])
    states = [guarded.upstream.standing.state]
    with pytest.raises(EdgeError, match="broker is left alone"):
        guarded.handed_over([ORDER])
    slow.gate.set()
    time.sleep(0.06)
    (word,) = guarded.handed_over([ORDER])
    assert (word.exec_type, slow.n_orders()) == (ExecType.NEW, 1)
    assert [*states, guarded.upstream.standing.state] == [CircuitState.OPEN, CircuitState.CLOSED]


@dataclass
class OneStays(InMemory):
    """A broker at which the cancel of one order never comes to its end."""

    stays: str = "ORDER-00"

    def cancel(self, standing: Standing) -> None:
        if standing.cl_ord_id != self.stays:
            super().cancel(standing)


def test_an_order_whose_cancel_takes_long_keeps_no_other_from_being_taken_back() -> None:
    """The kill switch takes back more orders than one question holds."""
    venue, names = OneStays(), [f"ORDER-{place:02}" for place in range(2 * AT_ONCE + 1)]
    venue.gate.set()
    patient = TERMS.model_copy(update={"deadline_s": 5.0})
    upstream = Upstream(BROKER, patient, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    with closing(upstream):
        guarded = GuardedRemote(RemoteBroker(venue, patience_s=0.05), upstream)
        guarded.handed_over([outbound(name) for name in names])
        with pytest.raises(EdgeError, match="order ORDER-00 is new at the broker, though its cancel was asked"):
            guarded.taken_back(names)
    assert set(venue.open_orders()) == {venue.stays}
