"""The way of an accepted order to the broker: the outbox is handed over, and what the broker says becomes an entry.

A row leaves the outbox's PENDING state in the append that records the broker's word. Whoever dies between handing over
and noting the word, or does it at the same time as another worker, hands over again: the broker knows the order by its
ClOrdID and says the same word again, and the append takes it only once. So an order is in effect exactly once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol, Self, SupportsBytes

from api.use_cases.background import Background
from governance.entries import Entry, EntryKind
from governance.ports import LogStore, Transaction
from governance.rows import OrderState, OutboundOrder
from governance.writer import Writer
from nodes.journal.account import AccountState, account_from_bytes, after_expiry
from nodes.kernels.fills import LimitOrder, SessionMarket, SimulatedFill
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.executions import Acknowledgement, ExecType, OrdStatus
from nodes.vocabulary.orders import PendingOrder

MAX_BATCH = 256
MAX_RECORDED = 32
PAUSE_S = 0.1
_REPLACES_NOTHING = encode("replaces") + encode(())
"""As it stands in the bytes of an order of its own; no text of a client can hold these bytes."""
_REPLACED = (ExecType.REPLACED, OrdStatus.REPLACED)
_CANCELED = (ExecType.CANCELED, OrdStatus.CANCELED)


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


class Clock(Protocol):
    """The shell's clock."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
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
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what a dispatcher works with
        self,
        store: LogStore,
        writer: Writer,
        broker: Broker,
        clock: Clock,
        background: Background | None = None,
        halted: HaltedNow | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._broker = broker
        self._clock = clock
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None
        self._background = background or Background("dispatcher")
        self._halted = halted

    def dispatched(self) -> int:
        """Take back and hand over all that waits. Returns of how many orders the broker's word was recorded here.

        What is to be taken back goes first: it waits neither for other orders nor for the halts to be known.
        """
        n_recorded = 0
        for waiting in (self._recalled, self._pending):
            while batch := waiting():
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

    def _recalled(self) -> Sequence[OutboundOrder]:
        with self._store.reader() as reader:
            return reader.outbox(OrderState.RECALLED, MAX_BATCH)

    def _pending(self) -> Sequence[OutboundOrder]:
        with self._store.reader() as reader:
            recalled = reader.outbox(OrderState.RECALLED, MAX_BATCH)
            pending = reader.outbox(OrderState.PENDING, MAX_BATCH)
            halted = self._halted() if pending and self._halted is not None else frozenset()
            if halted:  # the first orders may all wait for a reopening: look behind them
                pending = [row for row in reader.outbox(OrderState.PENDING) if _symbol(row) not in halted]
        return [*recalled, *pending][:MAX_BATCH]

    def _record(self, batch: Sequence[OutboundOrder]) -> int:
        """Ask the broker about a batch, and put what it says into the log, a few orders to an append.

        Orders that are being decided wait for the append that they come into.
        """
        new = [_Outbound(row) for row in batch if row.state is OrderState.PENDING]
        plain = [each for each in new if not each.replaces]
        exchanges = [each for each in new if each.replaces]
        recalled = [_Outbound(row) for row in batch if row.state is OrderState.RECALLED]
        words = [*self._broker.handed_over([each.terms for each in plain])] if plain else []
        words += self._broker.exchanged([(*each.terms, each.replaces) for each in exchanges]) if exchanges else ()
        words += self._taken_back(recalled)
        asked = [*plain, *exchanges, *recalled]
        n_recorded = 0
        for at in range(0, len(asked), MAX_RECORDED):
            some = slice(at, at + MAX_RECORDED)
            work = partial(_recorded, self._store.origin, self._clock, asked[some], tuple(words[some]))
            n_recorded += self._writer.submit(work).result()
        return n_recorded

    def _taken_back(self, recalled: list[_Outbound]) -> list[Acknowledgement]:
        """The broker's word on each order that is to be taken back, with all that it was to take the place of.

        One in the place of an order that has traded is as good as refused: the other has its place back.
        """
        words = self._broker.taken_back([each.row.cl_ord_id for each in recalled])
        older = [earlier for each in recalled for earlier in each.replaces]
        told = self._broker.taken_back(older) if older else ()
        traded = {word.cl_ord_id for word in told if word.exec_type is not ExecType.CANCELED}
        return [
            _refused(word) if traded.intersection(each.replaces) else word
            for each, word in zip(recalled, words, strict=True)
        ]


def _refused(word: Acknowledgement) -> Acknowledgement:
    name = word.cl_ord_id
    return Acknowledgement(name, f"{name}-8", ExecType.REJECTED, OrdStatus.REJECTED, 0, 0)


@dataclass(frozen=True, slots=True)
class _Outbound:
    """An order of the outbox, and what its bytes say."""

    row: OutboundOrder

    @property
    def content(self) -> Mapping[str, Any]:
        """All that its bytes say; nearly every order goes out without anybody reading them."""
        found: Mapping[str, Any] = decode(self.row.order)
        return found

    @property
    def replaces(self) -> tuple[str, ...]:
        """The orders that it is to take the place of."""
        return tuple(self.content.get("replaces", ())) if _REPLACES_NOTHING not in self.row.order else ()

    @property
    def terms(self) -> tuple[str, int, bytes]:
        """What a broker takes."""
        return self.row.cl_ord_id, self.row.order_shares, self.row.order


def _symbol(row: OutboundOrder) -> str:
    """The share of an order."""
    return str(_Outbound(row).content["symbol"])


def _recorded(
    origin: str, clock: Clock, asked: list[_Outbound], words: tuple[Acknowledgement, ...], transaction: Transaction
) -> int:
    """Record the broker's word on each order that still stands where it stood when the broker was asked."""
    n_recorded = 0
    transaction.expect_orders([each.row.cl_ord_id for each in asked])
    for each, word in zip(asked, words, strict=True):
        row, now = each.row, transaction.order(each.row.cl_ord_id)
        if now is None or now.state is not row.state:
            continue
        transaction.append(_entry(origin, row, word, clock()))
        is_new = row.state is OrderState.PENDING
        is_over = word.exec_type in {ExecType.CANCELED, ExecType.REJECTED}
        if is_over:
            _release(origin, clock, each, word, transaction)
        if each.replaces and word.exec_type is not ExecType.REJECTED:
            _tell_ends(origin, clock, each, _REPLACED if is_new and not is_over else _CANCELED, transaction)
        transaction.mark_order(row.cl_ord_id, OrderState.DONE if is_over else OrderState.SENT)
        n_recorded += 1
    return n_recorded


def _release(origin: str, clock: Clock, each: _Outbound, word: Acknowledgement, transaction: Transaction) -> None:
    """Take an order that the broker does not work out of its account, if it is still there.

    An order that was refused in the place of another gives its place back: the other has traded, and its fills come.
    """
    content = transaction.account(each.row.account_id)
    state = None if content is None else _state(content)
    order = None if state is None else state.orders.order(each.content["order_key"])
    if state is None or order is None:
        return
    after = after_expiry(state, order.order_key)
    if word.exec_type is ExecType.REJECTED:
        after = _reinstated(origin, clock, each, after, transaction)
    facts = {
        "decision_id": each.row.decision_id,
        "account_id": each.row.account_id,
        "key": order.order_key,
        "symbol": order.symbol,
        "canceled_shares": order.order_shares,
        "reason": f"the broker said {word.exec_type.name.lower()}",
        "account_digest": after.digest,
    }
    at = clock()
    transaction.append(Entry(EntryKind.CANCEL, origin, at, at, facts))
    transaction.save_account(each.row.account_id, after)


def _reinstated(
    origin: str, clock: Clock, each: _Outbound, state: AccountState, transaction: Transaction
) -> AccountState:
    """The account with the order back that the broker has instead: the oldest that waits for its end.

    Those between the two never reached the broker, and end here.
    """
    found = [row for row in map(transaction.order, each.replaces) if row is not None and row.state is OrderState.SENT]
    if not found:
        return state
    *between, oldest = found
    for row in between:
        _tell_end(origin, clock, row, _CANCELED, transaction)
    at, said = clock(), _end_facts(oldest.cl_ord_id, ExecType.PENDING_REPLACE, OrdStatus.NEW)
    known = {"decision_id": oldest.decision_id, "account_id": oldest.account_id, "is_refusal": True}
    refused = {**said, **known, "exec_id": f"{each.row.cl_ord_id}-9", "leaves_shares": abs(oldest.order_shares)}
    transaction.append(Entry(EntryKind.ACKNOWLEDGEMENT, origin, at, at, refused))
    content = decode(oldest.order)
    order = PendingOrder(**{item.name: content[item.name] for item in fields(PendingOrder)})
    return replace(state, orders=state.orders.accepted(order))


def _state(content: SupportsBytes) -> AccountState:
    return content if isinstance(content, AccountState) else account_from_bytes(bytes(content))


def _tell_ends(
    origin: str, clock: Clock, each: _Outbound, end: tuple[ExecType, OrdStatus], transaction: Transaction
) -> None:
    """Say of every order that waits for its end with this one, whose place it took or was to take, that it has come."""
    for row in map(transaction.order, each.replaces):
        if row is not None and row.state is OrderState.SENT:
            _tell_end(origin, clock, row, end, transaction)


def _tell_end(
    origin: str, clock: Clock, row: OutboundOrder, end: tuple[ExecType, OrdStatus], transaction: Transaction
) -> None:
    at = clock()
    facts = {"decision_id": row.decision_id, "account_id": row.account_id, **_end_facts(row.cl_ord_id, *end)}
    transaction.append(Entry(EntryKind.ACKNOWLEDGEMENT, origin, at, at, facts))
    transaction.mark_order(row.cl_ord_id, OrderState.DONE)


def replaced_facts(cl_ord_id: str) -> dict[str, Any]:
    """What an acknowledgement says of an order that another took the place of."""
    return _end_facts(cl_ord_id, *_REPLACED)


def _end_facts(cl_ord_id: str, exec_type: ExecType, ord_status: OrdStatus) -> dict[str, Any]:
    return {
        "cl_ord_id": cl_ord_id,
        "exec_id": f"{cl_ord_id}-{ord_status.value}",
        "exec_type": exec_type.value,
        "ord_status": ord_status.value,
        "leaves_shares": 0,
    }


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
