"""What a broker said of an order, put into the log: its word, and what follows from it for order and account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, SupportsBytes

from api.use_cases.standing_orders import standing_order
from governance.entries import Entry, EntryKind
from governance.ports import LogStore, Transaction
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import AccountState, account_from_bytes, after_expiry
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.executions import Acknowledgement, ExecType, OrdStatus
from nodes.vocabulary.orders import PendingOrder

_REPLACES_NOTHING = encode("replaces") + encode(())
"""As it stands in the bytes of an order of its own; no text of a client can hold these bytes."""
_REPLACED = (ExecType.REPLACED, OrdStatus.REPLACED)
_CANCELED = (ExecType.CANCELED, OrdStatus.CANCELED)


class Clock(Protocol):
    """The shell's clock."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Outbound:
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


@dataclass(frozen=True)
class BrokerWords:
    """Puts a broker's words into a log.

    Attributes:
        store: the log.
        clock: the shell's clock.
    """

    store: LogStore
    clock: Clock

    def recorded(self, asked: list[Outbound], words: tuple[Acknowledgement, ...], transaction: Transaction) -> int:
        """Record the broker's word on each order that still stands where it stood when the broker was asked."""
        n_recorded = 0
        transaction.expect_orders([each.row.cl_ord_id for each in asked])
        for each, word in zip(asked, words, strict=True):
            row, now = each.row, transaction.order(each.row.cl_ord_id)
            if now is None or now.state is not row.state:
                continue
            transaction.append(_entry(self.store.origin, row, word, self.clock()))
            is_new = row.state is OrderState.PENDING
            is_ended = word.exec_type in {ExecType.CANCELED, ExecType.REJECTED}
            is_over = is_ended or (word.ord_status is OrdStatus.FILLED and self._left(row, transaction) is None)
            if is_ended:
                self._release(each, word, transaction)
            elif not is_new and not is_over:
                self._traded(row, transaction)
            if each.replaces and word.exec_type is not ExecType.REJECTED:
                self._tell_ends(each, _REPLACED if is_new and not is_ended else _CANCELED, transaction)
            transaction.mark_order(row.cl_ord_id, OrderState.DONE if is_over else OrderState.SENT)
            n_recorded += 1
        return n_recorded

    def _release(self, each: Outbound, word: Acknowledgement, transaction: Transaction) -> None:
        """Take an order that the broker does not work out of its account, if it is still there.

        An order that was refused in the place of another gives its place back: the other has traded, its fills come.
        """
        content = transaction.account(each.row.account_id)
        state = None if content is None else _state(content)
        if state is None:
            return
        order = state.orders.order(each.content["order_key"])
        after = state if order is None else after_expiry(state, order.order_key)
        if word.exec_type is ExecType.REJECTED:
            after = self._reinstated(each, after, transaction)
        if after is state:
            return
        transaction.save_account(each.row.account_id, after)
        if order is None:
            return
        facts = {
            "decision_id": each.row.decision_id,
            "account_id": each.row.account_id,
            "key": order.order_key,
            "symbol": order.symbol,
            "canceled_shares": order.order_shares,
            "reason": word.text or f"the broker said {word.exec_type.name.lower()}",
            "account_digest": after.digest,
        }
        at = self.clock()
        transaction.append(Entry(EntryKind.CANCEL, self.store.origin, at, at, facts))

    def _traded(self, row: OutboundOrder, transaction: Transaction) -> None:
        """Give an order its place back that the account has let go of, while the broker had traded it by then.

        Whoever throws the kill switch lets go of every order at once, without asking the broker; when a session's
        append was lost, the broker knows of a fill that the log does not. Its fill comes, and is booked then.
        """
        content = transaction.account(row.account_id)
        state = None if content is None else _state(content)
        after = None if state is None else self._with_place_back(row, f"{row.cl_ord_id}-9", state, transaction)
        if after is not None and after is not state:
            transaction.save_account(row.account_id, after)

    def _reinstated(self, each: Outbound, state: AccountState, transaction: Transaction) -> AccountState:
        """The account with the order back that the broker has instead: the oldest that waits for its end.

        Those between the two never reached the broker, and end here.
        """
        found = [
            row for row in map(transaction.order, each.replaces) if row is not None and row.state is OrderState.SENT
        ]
        if not found:
            return state
        *between, oldest = found
        for row in between:
            self._tell_end(row, _CANCELED, transaction)
        return self._with_place_back(oldest, f"{each.row.cl_ord_id}-9", state, transaction)

    def _left(self, row: OutboundOrder, transaction: Transaction) -> PendingOrder | None:
        """What of an order has not traded by what the log knows of it, in the shares of today; None of one that has."""
        with self.store.reader() as reader:
            return standing_order(reader, transaction, row)

    def _with_place_back(
        self, row: OutboundOrder, exec_id: str, state: AccountState, transaction: Transaction
    ) -> AccountState:
        """The account with what is left of an order that the broker has all the same, and an entry that says so."""
        order = self._left(row, transaction)
        if order is None or state.orders.order(order.order_key) is not None:
            return state
        after = replace(state, orders=state.orders.accepted(order))
        is_recalled = row.state is OrderState.RECALLED
        asked = ExecType.PENDING_CANCEL if is_recalled else ExecType.PENDING_REPLACE
        facts = {
            **_end_facts(row.cl_ord_id, asked, OrdStatus.NEW),
            "decision_id": row.decision_id,
            "account_id": row.account_id,
            "account_digest": after.digest,
            "is_refusal": True,
            "exec_id": exec_id,
            "leaves_shares": abs(order.order_shares),
        }
        at = self.clock()
        transaction.append(Entry(EntryKind.ACKNOWLEDGEMENT, self.store.origin, at, at, facts))
        return after

    def _tell_ends(self, each: Outbound, end: tuple[ExecType, OrdStatus], transaction: Transaction) -> None:
        """Say of every order that waits for its end with this one, whose place it took or was to take, that it came."""
        for row in map(transaction.order, each.replaces):
            if row is not None and row.state is OrderState.SENT:
                self._tell_end(row, end, transaction)

    def _tell_end(self, row: OutboundOrder, end: tuple[ExecType, OrdStatus], transaction: Transaction) -> None:
        at = self.clock()
        facts = {"decision_id": row.decision_id, "account_id": row.account_id, **_end_facts(row.cl_ord_id, *end)}
        transaction.append(Entry(EntryKind.ACKNOWLEDGEMENT, self.store.origin, at, at, facts))
        transaction.mark_order(row.cl_ord_id, OrderState.DONE)


def _state(content: SupportsBytes) -> AccountState:
    return content if isinstance(content, AccountState) else account_from_bytes(bytes(content))


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
        **({"reason": word.text} if word.text else {}),
    }
    return Entry(EntryKind.ACKNOWLEDGEMENT, origin, at, at, facts)


def rejection(cl_ord_id: str, text: str = "") -> Acknowledgement:
    """The word that an order was refused."""
    return Acknowledgement(cl_ord_id, f"{cl_ord_id}-8", ExecType.REJECTED, OrdStatus.REJECTED, 0, 0, text)
