"""The way of an accepted order to the broker: the outbox is handed over, and what the broker says becomes an entry.

A row leaves the outbox's PENDING state in the append that records the broker's word. Whoever dies between handing over
and noting the word, or does it at the same time as another worker, hands over again: the broker knows the order by its
ClOrdID and says the same word again, and the append takes it only once. So an order is in effect exactly once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Protocol, Self

from adapters.brokers.remote import NOT_YET
from api.use_cases.background import Background
from api.use_cases.broker_words import BrokerWords, Clock, Outbound, rejection
from api.use_cases.standing_orders import traded_since
from governance.ports import LogReader, LogStore
from governance.rows import OrderState, OutboundOrder
from governance.writer import Writer
from nodes.kernels.fills import LimitOrder, SessionMarket, SimulatedFill
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecType

MAX_BATCH = 256
MAX_RECORDED = 32
PAUSE_S = 0.1
LATE_S = 10.0
"""How long an order whose cancel does not end waits before the broker is asked about it again."""


class Broker(Protocol):
    """Where orders go. It knows an order by its ClOrdID: saying the same again changes nothing."""

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders: ClOrdID, shares and the order's bytes of each."""
        ...

    def exchanged(self, orders: Sequence[tuple[str, int, bytes, tuple[str, ...]]]) -> tuple[Acknowledgement, ...]:
        """Take orders, each in the place of others: ClOrdID, shares, bytes and the ClOrdIDs of those, newest first.

        What is replaced is canceled in the same step, also what has yet to come. Refused is an order in the place of
        one that has traded by then; the others then stay as they are.
        """
        ...

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders, those that have yet to come included; one that has traded by then stays as it is."""
        ...

    def executed(
        self, cl_ord_id: str, session_on: date, order: LimitOrder, market: SessionMarket
    ) -> SimulatedFill | None:
        """What a session made of an order; None when the broker does not have it."""
        ...


class HaltedNow(Protocol):
    """Which shares are halted."""

    def __call__(self) -> frozenset[str]:
        """The symbols in which no order may leave now."""
        ...


class Dispatcher:
    """Hands the outbox of a log to a broker. Any number may work on one log.

    Orders in a halted share stay in the outbox until it has reopened; taking orders back goes on.

    Args:
        store: the log.
        writer: its writer in this process.
        broker: where orders go.
        clock: the shell's clock.
        background: keeps how its thread does.
        halted: which shares are halted; None where nothing tells halts.
        reports: held while the broker's word is recorded, and by whoever books what it reports.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what a dispatcher works with
        self,
        store: LogStore,
        writer: Writer,
        broker: Broker,
        clock: Clock,
        background: Background | None = None,
        halted: HaltedNow | None = None,
        reports: threading.Lock | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._broker = broker
        self._words = BrokerWords(store, clock)
        self._reports = reports or threading.Lock()
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._background = background or Background("dispatcher")
        self._halted = halted
        self._late: dict[str, float] = {}
        self._late_error: EdgeError | None = None

    def dispatched(self) -> int:
        """Take back and hand over all that waits. Returns of how many orders the broker's word was recorded here.

        What is to be taken back goes first: it waits neither for other orders nor for the halts to be known. A cancel
        that does not end keeps nothing else from leaving: it is asked about again after a while.

        Raises:
            EdgeError: the broker does not answer, or an order is still open there though its cancel was asked.
        """
        n_recorded = 0
        self._late_error = None
        for waiting in (self._recalled, self._pending):
            while batch := waiting():
                n_recorded += self._record(batch)
        if self._late_error is not None:
            raise self._late_error
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

    def _recalled(self) -> Sequence[OutboundOrder]:
        with self._store.reader() as reader:
            return self._recalled_rows(reader)

    def _recalled_rows(self, reader: LogReader) -> list[OutboundOrder]:
        """What is to be taken back, but for what the broker was not done with a moment ago."""
        now_s = time.monotonic()
        self._late = {name: until_s for name, until_s in self._late.items() if until_s > now_s}
        rows = reader.outbox(OrderState.RECALLED) if self._late else reader.outbox(OrderState.RECALLED, MAX_BATCH)
        return [row for row in rows if row.cl_ord_id not in self._late][:MAX_BATCH]

    def _pending(self) -> Sequence[OutboundOrder]:
        with self._store.reader() as reader:
            recalled = self._recalled_rows(reader)
            pending = reader.outbox(OrderState.PENDING, MAX_BATCH)
            halted = self._halted() if pending and self._halted is not None else frozenset()
            if halted:  # the first orders may all wait for a reopening: look behind them
                pending = [row for row in reader.outbox(OrderState.PENDING) if _symbol(row) not in halted]
        return [*recalled, *pending][:MAX_BATCH]

    def _record(self, batch: Sequence[OutboundOrder]) -> int:
        """Ask the broker about a batch, and put what it says into the log, a few orders to an append.

        Orders that are being decided wait for the append that they come into.
        """
        new = [Outbound(row) for row in batch if row.state is OrderState.PENDING]
        plain = [each for each in new if not each.replaces]
        exchanges = [each for each in new if each.replaces]
        recalled = [Outbound(row) for row in batch if row.state is OrderState.RECALLED]
        words = [*self._broker.handed_over([each.terms for each in plain])] if plain else []
        words += self._exchanged(exchanges)
        ended, said = self._ended(recalled)
        words += said
        asked = [*plain, *exchanges, *ended]
        n_recorded = 0
        for at in range(0, len(asked), MAX_RECORDED):
            some = slice(at, at + MAX_RECORDED)
            work = partial(self._words.recorded, asked[some], tuple(words[some]))
            with self._reports:
                n_recorded += self._writer.submit(work).result()
        return n_recorded

    def _exchanged(self, exchanges: list[Outbound]) -> list[Acknowledgement]:
        """The broker's word on each order in the place of others.

        How many shares it is for was decided by what those had traded then. Where they have traded since, it would be
        too many: it is refused without asking the broker, and the other has its place back.
        """
        late = {each.row.cl_ord_id for each in exchanges if self._has_traded_since(each)}
        asked = [each for each in exchanges if each.row.cl_ord_id not in late]
        words = iter(self._broker.exchanged([(*each.terms, each.replaces) for each in asked]) if asked else ())
        return [rejection(each.row.cl_ord_id) if each.row.cl_ord_id in late else next(words) for each in exchanges]

    def _has_traded_since(self, each: Outbound) -> bool:
        with self._store.reader() as reader:
            older = [row for row in map(reader.order, each.replaces) if row is not None]
            return any(traded_since(reader, row, each.row.decision_id) for row in older)

    def _ended(self, recalled: list[Outbound]) -> tuple[list[Outbound], list[Acknowledgement]]:
        """Those that the broker is done with, of the orders that are to be taken back, and its word on each."""
        try:
            return recalled, self._taken_back(recalled)
        except EdgeError as error:
            if error.reason != NOT_YET:
                raise
            if len(recalled) > 1:  # all were asked to end: now which of them have
                parts = [self._ended([each]) for each in recalled]
                return [each for ended, _ in parts for each in ended], [word for _, said in parts for word in said]
            self._late_error = error
            self._late[recalled[0].row.cl_ord_id] = time.monotonic() + LATE_S
            return [], []

    def _taken_back(self, recalled: list[Outbound]) -> list[Acknowledgement]:
        """The broker's word on each order that is to be taken back, with all that it was to take the place of.

        One in the place of an order that has traded is as good as refused: the other has its place back.
        """
        if not recalled:
            return []
        words = self._broker.taken_back([each.row.cl_ord_id for each in recalled])
        older = [earlier for each in recalled for earlier in each.replaces]
        told = self._broker.taken_back(older) if older else ()
        traded = {word.cl_ord_id for word in told if word.exec_type is not ExecType.CANCELED}
        return [
            rejection(word.cl_ord_id, word.text) if traded.intersection(each.replaces) else word
            for each, word in zip(recalled, words, strict=True)
        ]


def _symbol(row: OutboundOrder) -> str:
    """The share of an order."""
    return str(Outbound(row).content["symbol"])
