"""A broker that may not answer: asked through deadline, bulkhead and circuit, as policy has it.

Nothing is lost by giving up on it: it knows an order by its ClOrdID, so that what it has done late all the same is the
answer when it is asked again. Orders wait in the outbox meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

from adapters.brokers.remote import NOT_YET
from adapters.upstreams.upstream import Upstream
from api.use_cases.broker import Broker
from api.use_cases.broker_watch import RemoteBroker
from nodes.kernels.fills import LimitOrder, SessionMarket, SimulatedFill
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecutionReport

BROKER = "broker"
AT_ONCE = 8
"""Orders within one question to a broker somewhere else, which has to be done before its deadline."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class GuardedBroker:
    """A broker behind a circuit; see `api.use_cases.broker.Broker` for what it is asked.

    Attributes:
        inner: the broker.
        upstream: as something that may not answer.
    """

    inner: Broker
    upstream: Upstream

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders. Raises EdgeError when the broker does not answer."""
        return self.upstream.asked(lambda: self.inner.handed_over(orders))

    def exchanged(self, orders: Sequence[tuple[str, int, bytes, tuple[str, ...]]]) -> tuple[Acknowledgement, ...]:
        """Take orders, each in the place of others. Raises EdgeError when the broker does not answer."""
        return self.upstream.asked(lambda: self.inner.exchanged(orders))

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders. Raises EdgeError when the broker does not answer."""
        return self.upstream.asked(lambda: self.inner.taken_back(cl_ord_ids))

    def executed(
        self, cl_ord_id: str, session_on: date, order: LimitOrder, market: SessionMarket
    ) -> SimulatedFill | None:
        """What a session made of an order. Raises EdgeError when the broker does not answer."""
        return self.upstream.asked(lambda: self.inner.executed(cl_ord_id, session_on, order, market))

    def probed(self) -> None:
        """Ask the broker how it is. Raises EdgeError when it does not answer."""
        self.taken_back(())


@dataclass(frozen=True)
class GuardedRemote(GuardedBroker):
    """A broker somewhere else, asked about few orders at a time: each is a question of its own there.

    Attributes:
        inner: the broker.
    """

    inner: RemoteBroker

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders. Raises EdgeError when the broker does not answer."""
        some = partial(super().handed_over)
        return tuple(word for part in _parts(orders) for word in some(part))

    def exchanged(self, orders: Sequence[tuple[str, int, bytes, tuple[str, ...]]]) -> tuple[Acknowledgement, ...]:
        """Take orders, each in the place of others. Raises EdgeError when the broker does not answer."""
        one = partial(super().exchanged)
        return tuple(word for each in orders for word in one((each,)))

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders. Raises EdgeError when the broker does not answer.

        One whose cancel takes long keeps no other from being asked for: what was found wrong is raised after all.
        """
        if not cl_ord_ids:
            return super().taken_back(())
        words: list[Acknowledgement] = []
        late: list[EdgeError] = []
        for part in _parts(cl_ord_ids):
            try:
                words += super().taken_back(part)
            except EdgeError as error:
                if error.reason != NOT_YET:
                    raise
                late.append(error)
        if late:
            raise late[0]
        return tuple(words)

    def stood(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """The word on each order that the broker has. Raises EdgeError when it does not answer."""
        return tuple(
            word for part in _parts(cl_ord_ids) for word in self.upstream.asked(partial(self.inner.stood, part))
        )

    def open_orders(self) -> frozenset[str]:
        """What the broker works, by ClOrdID. Raises EdgeError when it does not answer."""
        return self.upstream.asked(self.inner.open_orders)

    def positions(self) -> Mapping[str, int] | None:
        """Shares held by symbol; None where it does not tell them. Raises EdgeError when it does not answer."""
        return self.upstream.asked(self.inner.positions)

    def executions(self) -> tuple[ExecutionReport, ...]:
        """What the broker reports and has not been heard. Raises EdgeError when it does not answer."""
        return self.upstream.asked(self.inner.executions)

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These reports are in the log."""
        self.inner.heard(exec_ids)

    def waited(self, longest_s: float) -> bool:
        """Wait until the broker may have something to report; whether it rang."""
        return self.inner.waited(longest_s)

    def rung(self) -> None:
        """End a wait."""
        self.inner.rung()


def _parts(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))
