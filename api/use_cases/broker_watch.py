"""What a broker somewhere else says by itself: its trades are booked, its ends are told, its books are held to ours.

Each round asks first for reports of trades, then how the orders stand that are out. An end is told only when every
share that the broker says was traded is in the log: what is reported late would else count as traded after the end.

Everything that is asked may be asked again: a trade is known by its ExecID, and an order is told to be over once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import structlog

from api.use_cases.background import Background
from api.use_cases.broker import Broker
from api.use_cases.broker_words import BrokerWords, Outbound
from api.use_cases.execution_reports import booked_report
from api.use_cases.executions import standing_executions
from api.use_cases.service import Service
from governance.ports import LogReader
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecType, ExecutionReport, OrdStatus

PRINCIPAL = "broker"
"""Under whose name its reports are booked."""
OPEN_PAUSE_S = 2.0
"""How long the broker may go unasked, unless it rings: Alpaca answers 200 questions a minute, and a round is two."""
_LATER = "key-in-flight"
_log = structlog.get_logger("assay.broker")


class RemoteBroker(Broker, Protocol):
    """A broker that reports by itself what it does."""

    def stood(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """The word on each order that the broker has, of those asked about."""
        ...

    def open_orders(self) -> frozenset[str]:
        """What the broker works, by ClOrdID, or by its own name where it has none."""
        ...

    def positions(self) -> Mapping[str, int] | None:
        """Shares held by symbol, negative when short, none of zero; None where the broker does not tell them."""
        ...

    def executions(self) -> tuple[ExecutionReport, ...]:
        """Trades, corrections and busts that were not heard, oldest first."""
        ...

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These reports are in the log, or a person was told of them."""
        ...

    def waited(self, longest_s: float) -> bool:
        """Wait until the broker may have something to report; whether it rang."""
        ...

    def rung(self) -> None:
        """End a wait."""
        ...


def _tell(report: ExecutionReport, because: str) -> None:
    """Say that a report was not booked."""
    _log.error("report not booked", exec_id=report.exec_id, order=report.order_id, because=because)


@dataclass
class BrokerWatch:
    """Listens to a broker, for one log.

    Attributes:
        service: the log, and how it is written to.
        broker: whom it listens to.
        background: keeps how its thread does.
        told: called with a report that cannot be booked, and why, once.
    """

    service: Service
    broker: RemoteBroker
    background: Background = field(default_factory=lambda: Background("broker-watch"))
    told: Callable[[ExecutionReport, str], None] = _tell
    _is_over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Listen in a thread until the block ends."""
        self._thread = threading.Thread(target=self._serve, name="broker watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End the thread after its round."""
        self._is_over.set()
        self.broker.rung()
        if self._thread is not None:
            self._thread.join()

    def caught_up(self) -> int:
        """Record the word on what waits in the outbox and has reached the broker before, then take in all it says.

        Who died or lost the connection before noting the word has traded all the same. Nothing is sent.
        """
        with self.service.store.reader() as reader:
            waiting = {row.cl_ord_id: row for row in reader.outbox(OrderState.PENDING)}
        words = self.broker.stood([*waiting])
        known = [Outbound(waiting[word.cl_ord_id]) for word in words]
        return (self._recorded(known, words) if words else 0) + self.watched()

    def watched(self) -> int:
        """Take in what the broker has to say now. Returns how many reports and ends were recorded."""
        return self._booked() + self._ended()

    def _serve(self) -> None:
        with self.background.running():
            while not self._is_over.is_set():
                self.background.round(self.watched)
                self._rest(self.background.pause_s(OPEN_PAUSE_S))

    def _rest(self, longest_s: float) -> None:
        """Wait for the bell, looking up now and then whether all is over."""
        until_s = time.monotonic() + longest_s
        while not self._is_over.is_set() and time.monotonic() < until_s:
            if self.broker.waited(min(longest_s, OPEN_PAUSE_S)):
                return

    def _booked(self) -> int:
        """Book what was traded. What has to wait for an acknowledgement is asked for again."""
        heard, n_booked = [], 0
        for report in self.broker.executions():
            try:
                n_booked += not booked_report(self.service, report, PRINCIPAL).is_known
            except EdgeError as error:
                if error.reason == _LATER:
                    continue
                if error.reason not in {"invalid", "not-found", "unknown-account"}:
                    raise
                self.told(report, str(error))
            heard.append(report.exec_id)
        self.broker.heard(heard)
        return n_booked

    def _ended(self) -> int:
        """Record the end of each order that the broker works no more, once all that it traded is in the log."""
        with self.service.store.reader() as reader:
            sent = {row.cl_ord_id: row for row in reader.outbox(OrderState.SENT)}
        words = [word for word in self.broker.stood([*sent]) if word.leaves_shares == 0 and _is_end(word)]
        with self.service.store.reader() as reader:
            ends = [
                (Outbound(sent[word.cl_ord_id]), _end(word))
                for word in words
                if _traded(reader, sent[word.cl_ord_id]) >= word.cum_shares
            ]
        return self._recorded([each for each, _ in ends], tuple(word for _, word in ends)) if ends else 0

    def _recorded(self, asked: list[Outbound], words: tuple[Acknowledgement, ...]) -> int:
        recorder = BrokerWords(self.service.store, self.service.clock)
        with self.service.report_lock:
            return self.service.writer.submit(lambda append: recorder.recorded(asked, words, append)).result()


def _is_end(word: Acknowledgement) -> bool:
    return word.exec_type in {ExecType.CANCELED, ExecType.REJECTED} or word.ord_status is OrdStatus.FILLED


def _end(word: Acknowledgement) -> Acknowledgement:
    """The end of an order that the log does not have as filled.

    Filled by its broker all the same, it took over what an order before it had traded: the rest never will.
    """
    if word.ord_status is not OrdStatus.FILLED:
        return word
    name, text = word.cl_ord_id, "the rest was traded by the order that it replaced"
    return Acknowledgement(name, f"{name}-4", ExecType.CANCELED, OrdStatus.CANCELED, 0, word.cum_shares, text)


def _traded(reader: LogReader, row: OutboundOrder) -> int:
    """How many shares of an order the log knows to have traded."""
    entries = [record.entry for record in reader.history(row.decision_id)]
    filled: int = sum(entry.facts["fill_shares"] for entry in standing_executions(entries))
    return abs(filled)


_OUT = (OrderState.PENDING, OrderState.SENT, OrderState.RECALLED)


def differences(service: Service, broker: RemoteBroker) -> tuple[str, ...]:
    """Where the broker's books and ours differ: positions, where it tells them, and open orders that are none of ours.

    An order of ours that the broker does not have is no difference: it is handed over, or its end is told, by and by.
    """
    held, ours = broker.positions(), _positions(service)
    with service.store.reader() as reader:
        out = {row.cl_ord_id for state in _OUT for row in reader.outbox(state)}
    found = [
        f"{symbol}: the broker holds {held.get(symbol, 0)} shares, the log {ours[symbol]}"
        for symbol in (sorted({*held, *ours}) if held is not None else ())
        if held is not None and held.get(symbol, 0) != ours[symbol]
    ]
    foreign = sorted(broker.open_orders() - out)
    return (*found, *(f"order {name} works at the broker, and is none of this log" for name in foreign))


def _positions(service: Service) -> Counter[str]:
    """Shares held by symbol over all accounts, by the log."""
    found: Counter[str] = Counter()
    with service.store.reader() as reader:
        for row in map(reader.account, service.accounts):
            for holding in () if row is None else account_from_bytes(row.content).holdings:
                found[holding.symbol] += holding.position_shares
    return found


def require_agreement(service: Service, broker: RemoteBroker) -> None:
    """Raises EdgeError when the broker's books are not ours, so that nothing is decided on wrong positions."""
    found = differences(service, broker)
    if found:
        message = f"the broker's books are not those of log {service.store.origin!r}: {'; '.join(found[:10])}"
        mend = "report trades that are missing with `assay order report`, close at the broker what is not ours"
        raise EdgeError(f"{message}; {mend}, then start again", reason="broker-differs")
