"""The way of an accepted order to the broker: the outbox is handed over, and what the broker says becomes an entry.

A row leaves the outbox's PENDING state in the append that records the broker's word. Whoever dies between handing over
and noting the word, or does it at the same time as another worker, hands over again: the broker knows the order by its
ClOrdID and says the same word again, and the append takes it only once. So an order is in effect exactly once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Protocol, Self

from api.use_cases.background import Background
from governance.entries import Entry, EntryKind
from governance.ports import LogStore, Transaction
from governance.rows import OrderState, OutboundOrder
from governance.writer import Writer
from nodes.kernels.fills import LimitOrder, SessionMarket, SimulatedFill
from nodes.vocabulary.executions import Acknowledgement

MAX_BATCH = 256
MAX_RECORDED = 32
PAUSE_S = 0.1


class Broker(Protocol):
    """Where orders go. It knows an order by its ClOrdID: saying the same again changes nothing."""

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders: ClOrdID, shares and the order's bytes of each."""
        ...

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders, those that have yet to come included."""
        ...

    def executed(
        self, cl_ord_id: str, session_on: date, order: LimitOrder, market: SessionMarket
    ) -> SimulatedFill | None:
        """What a session made of an order; None when the broker does not have it."""
        ...


class Clock(Protocol):
    """The shell's clock."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        ...


class Dispatcher:
    """Hands the outbox of a log to a broker. Any number may work on one log.

    Args:
        store: the log.
        writer: its writer in this process.
        broker: where orders go.
        clock: the shell's clock.
        background: keeps how its thread does.
    """

    def __init__(
        self, store: LogStore, writer: Writer, broker: Broker, clock: Clock, background: Background | None = None
    ) -> None:
        self._store = store
        self._writer = writer
        self._broker = broker
        self._clock = clock
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._background = background or Background("dispatcher")

    def dispatched(self) -> int:
        """Hand over and take back all that waits. Returns of how many orders the broker's word was recorded here."""
        n_recorded = 0
        while batch := self._waiting():
            n_recorded += self._record(batch)
        return n_recorded

    def __enter__(self) -> Self:
        """Dispatch in a thread until the block ends; whatever goes wrong is told and tried again."""
        self._thread = threading.Thread(target=self._serve, name=f"outbox of log {self._store.origin}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Finish what is being dispatched and end the thread."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        with self._background.running():
            while not self._is_over.wait(self._background.pause_s(PAUSE_S)):
                self._background.round(self.dispatched)

    def _waiting(self) -> list[OutboundOrder]:
        with self._store.reader() as reader:
            rows = [*reader.outbox(OrderState.PENDING, MAX_BATCH), *reader.outbox(OrderState.RECALLED, MAX_BATCH)]
        return rows[:MAX_BATCH]

    def _record(self, batch: list[OutboundOrder]) -> int:
        """Ask the broker about a batch, and put what it says into the log, a few orders to an append.

        Orders that are being decided wait for the append that they come into.
        """
        new = [row for row in batch if row.state is OrderState.PENDING]
        recalled = [row for row in batch if row.state is OrderState.RECALLED]
        terms = [(row.cl_ord_id, row.order_shares, row.order) for row in new]
        words = (*self._broker.handed_over(terms), *self._broker.taken_back([row.cl_ord_id for row in recalled]))
        rows, n_recorded = [*new, *recalled], 0
        for at in range(0, len(rows), MAX_RECORDED):
            some = slice(at, at + MAX_RECORDED)
            work = partial(_recorded, self._store.origin, self._clock, rows[some], words[some])
            n_recorded += self._writer.submit(work).result()
        return n_recorded


def _recorded(
    origin: str, clock: Clock, rows: list[OutboundOrder], words: tuple[Acknowledgement, ...], transaction: Transaction
) -> int:
    """Record the broker's word on each order that still stands where it stood when the broker was asked."""
    n_recorded = 0
    transaction.expect_orders([row.cl_ord_id for row in rows])
    for row, word in zip(rows, words, strict=True):
        now = transaction.order(row.cl_ord_id)
        if now is None or now.state is not row.state:
            continue
        transaction.append(_entry(origin, row, word, clock()))
        is_new = row.state is OrderState.PENDING
        transaction.mark_order(row.cl_ord_id, OrderState.SENT if is_new else OrderState.DONE)
        n_recorded += 1
    return n_recorded


def _entry(origin: str, row: OutboundOrder, word: Acknowledgement, at: datetime) -> Entry:
    facts = {
        "decision_id": row.decision_id,
        "account_id": row.account_id,
        "cl_ord_id": word.cl_ord_id,
        "exec_id": word.exec_id,
        "exec_type": word.exec_type.value,
        "ord_status": word.ord_status.value,
        "leaves_shares": word.leaves_shares,
        "cum_shares": word.cum_shares,
    }
    return Entry(EntryKind.ACKNOWLEDGEMENT, origin, at, at, facts)
