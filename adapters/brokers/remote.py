"""A broker somewhere else: what the outbox asks of it, told in the few questions that every broker can answer.

An order is known by its ClOrdID, which follows from what was asked. So before one is sent, the broker is asked whether
it has it: after a lost connection, a crash or a question that was given up, nobody can tell from here. What is asked
late all the same, by a thread that nobody waits for any more, waits for the lock and meets what was decided meanwhile:
an order that was taken back is remembered, and never sent.

That is safe while one process talks to the broker (`adapters.brokers.holder`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from adapters.brokers.standing import Standing, never_came, word
from adapters.brokers.wanted import WantedOrder, wanted_order
from nodes.kernels.fills import LimitOrder, SessionMarket, SimulatedFill
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecutionReport, OrdStatus

NOT_YET = "broker-not-done"
"""Reason of the errors that say that a broker answers, and is not done yet: asked again, it will be."""
PATIENCE_S = 4.0
"""How long a cancel may take to become final before it is asked about again."""
SETTLING_S = 15.0
"""How long a broker may not know an order whose sending did not come to an answer, and take it after all."""
_LOOK_AGAIN_S = 0.05


class Venue(Protocol):
    """What an adapter asks its broker. Each question raises EdgeError when the broker does not answer."""

    @property
    def woken(self) -> threading.Event:
        """Set when the broker may have something to report."""
        ...

    def known(self, cl_ord_id: str) -> Standing | None:
        """How an order stands; None when the broker has never had it."""
        ...

    def sent(self, order: WantedOrder) -> Standing:
        """Send an order that the broker has never had."""
        ...

    def replaced(self, old: Standing, order: WantedOrder) -> Standing | None:
        """Send an order in the place of one that has not traded; None where a broker has no such message."""
        ...

    def cancel(self, standing: Standing) -> None:
        """Ask to cancel an open order. It is canceled once its standing says so."""
        ...

    def open_orders(self) -> Mapping[str, Standing]:
        """The orders that the broker works, by ClOrdID; by its own name one that has none."""
        ...

    def executions(self) -> Sequence[ExecutionReport]:
        """Trades, corrections and busts that were not heard yet, oldest first."""
        ...

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These reports are in the log, and need not be told again."""
        ...

    def positions(self) -> Mapping[str, int] | None:
        """Shares held by symbol, negative when short, none of zero; None where the broker does not tell them."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


class RemoteBroker:
    """A broker behind a `Venue`; see `api.use_cases.broker.Broker` for what it is asked. For any number of threads.

    Args:
        venue: asks the broker.
        patience_s: how long a cancel may take to become final within one question.
        sleep: waits between two looks.
        settling_s: how long an order may stay unknown after it was sent without an answer: by then it is neither sent
            again nor called one that never came.
    """

    def __init__(
        self,
        venue: Venue,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], None] = time.sleep,
        settling_s: float = 0.0,
    ) -> None:
        self.venue = venue
        self._patience_s = patience_s
        self._sleep = sleep
        self._lock = threading.RLock()
        self._settling_s = settling_s
        self._taken_back: set[str] = set()
        self._slow: set[str] = set()
        self._unanswered: dict[str, float] = {}

    def close(self) -> None:
        """Let the connection go; nothing that waits for its turn is sent any more."""
        self.venue.close()

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders: ClOrdID, shares and the order's bytes of each. Raises EdgeError when the broker is away."""
        with self._lock:
            return tuple(self._handed_over(wanted_order(*order)) for order in orders)

    def _handed_over(self, order: WantedOrder) -> Acknowledgement:
        known = self._known(order.cl_ord_id)
        if known is None and order.cl_ord_id in self._taken_back:
            return never_came(order.cl_ord_id)
        return word(self._sent(order) if known is None else known)

    def exchanged(self, orders: Sequence[tuple[str, int, bytes, tuple[str, ...]]]) -> tuple[Acknowledgement, ...]:
        """Take orders, each in the place of others, which are ended first unless the broker replaces in one step.

        One in the place of an order that has traded is refused. What of that one was open may be canceled by then: the
        broker says so when it is asked how it stands.
        """
        with self._lock:
            return tuple(
                self._exchanged(wanted_order(name, shares, terms), older) for name, shares, terms, older in orders
            )

    def _exchanged(self, order: WantedOrder, older: Sequence[str]) -> Acknowledgement:
        known = self._known(order.cl_ord_id)
        if known is not None:
            return word(known)
        if order.cl_ord_id in self._taken_back:
            return never_came(order.cl_ord_id)
        self._taken_back.update(older)
        before = [each for each in map(self._known, older) if each is not None]
        if any(each.cum_shares for each in before):
            return word(_refused(order))
        for each in before:
            if each.status is OrdStatus.PENDING_REPLACE:
                message = f"order {each.cl_ord_id} is being replaced at the broker, which has not said how that ends"
                raise EdgeError(f"{message}; look at the broker, it is asked again", reason=NOT_YET)
            if each.is_open:
                sent = self.venue.replaced(each, order)
                if sent is not None:
                    return word(sent)
                if self._ended(each).cum_shares:
                    return word(_refused(order))
        return word(self._sent(order))

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders, those that have yet to come included. Raises EdgeError when the broker is not done yet."""
        with self._lock:
            self._taken_back.update(cl_ord_ids)
            if not cl_ord_ids:
                self.venue.open_orders()
            found = [self._known(cl_ord_id) for cl_ord_id in cl_ord_ids]
            for standing in found:
                if standing is not None and standing.is_open:
                    self.venue.cancel(standing)
            is_slow = bool(cl_ord_ids) and self._slow.issuperset(cl_ord_ids)  # it was waited for before
            until_s = time.monotonic() + (0.0 if is_slow else self._patience_s)
            self._slow.update(each.cl_ord_id for each in found if each is not None and each.is_open)
            return tuple(
                never_came(cl_ord_id) if standing is None else word(self._final(standing, until_s))
                for cl_ord_id, standing in zip(cl_ord_ids, found, strict=True)
            )

    def executed(
        self, cl_ord_id: str, session_on: date, order: LimitOrder, market: SessionMarket
    ) -> SimulatedFill | None:
        """None: what it executed, it reports by itself; what is left when a session is settled is taken back."""

    def stood(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """The word on each order that the broker has, of those asked about."""
        if not cl_ord_ids:
            return ()
        with self._lock:
            working = self.venue.open_orders()
            found = [working.get(cl_ord_id) or self.venue.known(cl_ord_id) for cl_ord_id in cl_ord_ids]
        return tuple(word(each) for each in found if each is not None)

    def open_orders(self) -> frozenset[str]:
        """What the broker works, by ClOrdID."""
        with self._lock:
            return frozenset(self.venue.open_orders())

    def positions(self) -> Mapping[str, int] | None:
        """Shares held by symbol; None where the broker does not tell them."""
        with self._lock:
            return self.venue.positions()

    def executions(self) -> tuple[ExecutionReport, ...]:
        """What it reports of trades, and has not been heard."""
        with self._lock:
            return tuple(self.venue.executions())

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These reports are in the log."""
        with self._lock:
            self.venue.heard(exec_ids)

    def waited(self, longest_s: float) -> bool:
        """Wait until the broker may have something to report, but no longer than this; whether it rang."""
        has_rung = self.venue.woken.wait(longest_s)
        self.venue.woken.clear()
        return has_rung

    def rung(self) -> None:
        """End a wait."""
        self.venue.woken.set()

    def _known(self, cl_ord_id: str) -> Standing | None:
        """How an order stands. Raises EdgeError while one that may be on its way is not known there."""
        standing = self.venue.known(cl_ord_id)
        sent_s = self._unanswered.get(cl_ord_id)
        if standing is not None or sent_s is None:
            self._unanswered.pop(cl_ord_id, None)
        elif time.monotonic() - sent_s < self._settling_s:
            message = f"order {cl_ord_id} was sent without an answer, and the broker does not know it yet"
            raise EdgeError(f"{message}; wait, it is asked again before it is sent again", reason=NOT_YET)
        return standing

    def _sent(self, order: WantedOrder) -> Standing:
        self._unanswered[order.cl_ord_id] = time.monotonic()
        standing = self.venue.sent(order)
        del self._unanswered[order.cl_ord_id]
        return standing

    def _ended(self, standing: Standing) -> Standing:
        self.venue.cancel(standing)
        return self._final(standing, time.monotonic() + self._patience_s)

    def _final(self, standing: Standing, until_s: float) -> Standing:
        """How an order stands once it is closed. Raises EdgeError when that takes too long."""
        name = standing.cl_ord_id
        while standing.is_open:
            if time.monotonic() > until_s:
                message = f"order {name} is {standing.status.name.lower()} at the broker, though its cancel was asked"
                raise EdgeError(f"{message}; look at the broker, it is asked again", reason=NOT_YET)
            self._sleep(_LOOK_AGAIN_S)
            standing = self.venue.known(name) or standing
        return standing


def _refused(order: WantedOrder) -> Standing:
    return Standing(order.cl_ord_id, OrdStatus.REJECTED, text="the order that it was to replace has traded")
