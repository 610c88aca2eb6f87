"""Canceling and replacing a working order, each inside the append like the order itself.

A cancel is asked for by an entry, and never judged: getting out is always allowed. The order counts as working until
the broker has said that it is canceled, and a fill that is quicker wins.

A replacement is a new order and a new decision, judged by every rule as if the order that it replaces had never been
accepted: what the client gives up does not count against it. When the policy lets it out, it takes the place of the old
one in the account in the same append, so that the two never work side by side; the broker is asked to exchange them in
one step. When the policy does not, the old order stays as it is. A smaller order that the policy would not let out anew
can still be had by canceling.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from api.use_cases.broker_words import replaced_facts
from api.use_cases.deciding import INSTRUCTIONS, Asked, DecisionAnswer, OrderRequest, kept_answer, newly_decided
from api.use_cases.desk import Desk
from api.use_cases.ordering import MAX_ORDER_SHARES, OrderOutcome, waiting_for_readiness
from api.use_cases.planning import running_plan
from api.use_cases.service import Service
from api.use_cases.standing_orders import split_ratio, told_entries
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import AccountState, after_expiry
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.orders import PendingOrder


@dataclass(frozen=True, slots=True)
class CancelCommand:
    """A working order that is to be taken back.

    Attributes:
        cl_ord_id: ClOrdID of the order.
        principal: who asks.
        reason: why, in words.
    """

    cl_ord_id: str
    principal: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplaceCommand:
    """A working order that another is to take the place of.

    Attributes:
        cl_ord_id: ClOrdID of the order.
        principal: who asks.
        key: the client's idempotency key.
        shares: OrderQty (38) of the new one, what was filled already included; always positive.
        client_order_id: the client's own name for it; None without one.
    """

    cl_ord_id: str
    principal: str
    key: str
    shares: int
    client_order_id: str | None = None

    @property
    def asked(self) -> Asked:
        """The command as a request carries it."""
        key = f"{len(self.principal)}:{self.principal}:{self.key}"
        said = (self.cl_ord_id, self.principal, self.key, self.shares, self.client_order_id)
        facts = {} if self.client_order_id is None else {"client_order_id": self.client_order_id}
        return Asked(key, digest("replace-command", encode(said)), facts)


class _Working(NamedTuple):
    """An order that works: its row in the outbox and what is left of it in the account."""

    row: OutboundOrder
    content: dict[str, Any]
    order: PendingOrder


class _Past(NamedTuple):
    """What came before of an order that is to be replaced.

    Attributes:
        filled_shares: how many have traded, in the shares of today.
        is_todays: whether it was accepted in the running session, whose counts it is in.
    """

    filled_shares: int
    is_todays: bool


def cancelled_order(service: Service, command: CancelCommand) -> Future[bool]:
    """Ask for a cancel, durably; the future says whether that is new, False for one that was asked for already.

    Raises:
        EdgeError: the log is read-only or no reason is given; the future raises it when no such order works.
    """
    service.require_writable()
    if not command.reason.strip() or not command.reason.isprintable():
        message = f"reason {command.reason[:64]!a} says nothing that can be shown; say in one line why the order goes"
        raise EdgeError(message, reason="invalid")
    return service.writer.submit(partial(_cancelled, service, command))


def replaced_order(service: Service, command: ReplaceCommand, account_id: str) -> Future[OrderOutcome]:
    """Decide a replacement; the future resolves once its decision is durable.

    Raises:
        EdgeError: the log is read-only or the command is malformed; the future raises it when no such order works, a
            change of it is under way, or the key was used for another request.
    """
    service.require_writable()
    service.require_account(account_id)
    if not command.key:
        message = "replacement has no idempotency key; send one that is new for each change and the same for a retry"
        raise EdgeError(message, reason="missing-key")
    if not 0 < command.shares <= MAX_ORDER_SHARES:
        message = (
            f"replacement of {command.shares} shares is none; ask for 1 to {MAX_ORDER_SHARES}, or cancel the order"
        )
        raise EdgeError(message, reason="invalid")
    work = partial(_replaced, service, command, account_id)
    return service.writer.submit(work, waiting_for_readiness(service, account_id), (account_id, command.asked.key))


def _cancelled(service: Service, command: CancelCommand, transaction: Transaction) -> bool:
    row = _row(transaction, command.cl_ord_id)
    if row.state is OrderState.RECALLED:
        return False
    desk = service.desk(row.account_id, command.principal)
    working = _working(desk, transaction, row)
    facts = {
        "decision_id": row.decision_id,
        "account_id": row.account_id,
        "key": working.order.order_key,
        "symbol": working.order.symbol,
        "principal": command.principal,
        "reason": command.reason,
    }
    at = desk.clock()
    transaction.append(Entry(EntryKind.CANCEL_REQUEST, desk.store.origin, at, at, facts))
    if service.broker is not None:
        transaction.mark_order(command.cl_ord_id, OrderState.RECALLED)
        return True
    after = after_expiry(desk.account(transaction), working.order.order_key)
    known = {"canceled_shares": working.order.order_shares, "account_digest": desk.save_account(transaction, after)}
    transaction.append(Entry(EntryKind.CANCEL, desk.store.origin, at, at, {**facts, **known}))
    transaction.mark_order(command.cl_ord_id, OrderState.DONE)
    return True


def _replaced(service: Service, command: ReplaceCommand, account_id: str, transaction: Transaction) -> OrderOutcome:
    asked = command.asked
    kept = kept_answer(transaction, account_id, asked.key, asked.digest, said_as=command.key)
    if kept is not None:
        return OrderOutcome(kept, is_replayed=True)
    desk = service.desk_under(service.generations.in_force(transaction), account_id, command.principal)
    desk.require_active(transaction)
    row = _row(transaction, command.cl_ord_id)
    if row.account_id != account_id:
        raise EdgeError(f"no order of account {account_id!r} is called {command.cl_ord_id[:64]!r}", reason="not-found")
    working = _working(desk, transaction, row)
    if row.state is OrderState.RECALLED:
        message = f"order {command.cl_ord_id} is being canceled; wait for its end, then send a new order"
        raise EdgeError(message, reason="order-closed")
    state, key = desk.account(transaction), working.order.order_key
    past = _past(desk, transaction, working, state)
    answer = newly_decided(
        desk,
        transaction,
        _request(service, desk, transaction, command, working, past),
        without_order(state, key) if past.is_todays else after_expiry(state, key),
    )
    if answer.cl_ord_id is not None:
        _exchange(service, desk, transaction, command, working, answer)
    return OrderOutcome(answer, is_replayed=False)


def _past(desk: Desk, transaction: Transaction, working: _Working, state: AccountState) -> _Past:
    """What came before of an order, which may have worked, and been split, in earlier sessions."""
    row = working.row
    with desk.store.reader() as reader:
        decided_on = told_entries(reader, transaction, row.decision_id)[0].facts["session_on"]
        size = int(abs(row.order_shares) * split_ratio(reader, row, working.order.symbol))
    return _Past(max(size - abs(working.order.order_shares), 0), decided_on == state.decided_on)


def _request(  # noqa: PLR0913, PLR0917  # a change of an order, and what it is a change of
    service: Service,
    desk: Desk,
    transaction: Transaction,
    command: ReplaceCommand,
    working: _Working,
    past: _Past,
) -> OrderRequest:
    plan = running_plan(service, desk, transaction)
    row = plan.rows.get(working.order.symbol)
    if row is None:
        message = f"{working.order.symbol!r} is not in the day plan of {plan.session_on} any more; cancel the order"
        raise EdgeError(message, reason="unknown-symbol")
    direction = 1 if working.order.order_shares > 0 else -1
    left = command.shares - past.filled_shares
    if left <= 0:
        filled = f"{past.filled_shares} shares of order {command.cl_ord_id} are filled"
        message = f"{filled}; replace it by more, or cancel the rest"
        raise EdgeError(message, reason="invalid")
    fields = {**row.fields, "proposed_order_shares": direction * left}
    replaces = (command.cl_ord_id, *working.content.get("replaces", ()))
    kept = {name: value for name, value in working.content.items() if name == INSTRUCTIONS}
    asked = replace(command.asked, facts={**command.asked.facts, **kept})
    return OrderRequest(plan.session_on, plan.as_of, fields, plan.trace, plan.entry_id, asked, replaces=replaces)


def _exchange(  # noqa: PLR0913, PLR0917  # one exchange of two orders
    service: Service,
    desk: Desk,
    transaction: Transaction,
    command: ReplaceCommand,
    working: _Working,
    answer: DecisionAnswer,
) -> None:
    """Say of the old order that another takes its place; the broker hears of both at once, when it gets the new one.

    Until then the old one counts as sent: it has left the account, and its end is still to come.
    """
    at = desk.clock()
    known = {"decision_id": working.row.decision_id, "account_id": working.row.account_id}
    facts = {
        **known,
        "symbol": working.order.symbol,
        "principal": command.principal,
        "replaced_by": answer.cl_ord_id,
        "replaced_by_decision": answer.decision_id,
    }
    transaction.append(Entry(EntryKind.REPLACE_REQUEST, desk.store.origin, at, at, facts))
    transaction.mark_order(command.cl_ord_id, OrderState.DONE if service.broker is None else OrderState.SENT)
    if service.broker is None:
        said = replaced_facts(command.cl_ord_id)
        transaction.append(Entry(EntryKind.ACKNOWLEDGEMENT, desk.store.origin, at, at, {**known, **said}))


def _row(transaction: Transaction, cl_ord_id: str) -> OutboundOrder:
    row = transaction.order(cl_ord_id)
    if row is None:
        raise EdgeError(
            f"no order is called {cl_ord_id[:64]!r}; list them at /api/v1/execution/orders", reason="not-found"
        )
    return row


def _working(desk: Desk, transaction: Transaction, row: OutboundOrder) -> _Working:
    content = decode(row.order)
    order = desk.account(transaction).orders.order(content["order_key"])
    if order is None or row.state is OrderState.DONE:
        message = f"order {row.cl_ord_id} works no more; look at its history, and send a new order"
        raise EdgeError(message, reason="order-closed")
    return _Working(row, content, order)


def without_order(state: AccountState, order_key: str) -> AccountState:
    """The account as if an order of the running session had never been accepted: what a replacement is judged against.

    What the order filled stays. Raises DataError when no such order is pending.
    """
    order = state.order(order_key)
    return replace(after_expiry(state, order_key), today_counts=_uncounted(state.today_counts, order))


def _uncounted(counts: tuple[tuple[str, int, int], ...], order: PendingOrder) -> tuple[tuple[str, int, int], ...]:
    """The counts of a session's orders with one less."""
    is_buy = order.order_shares > 0
    fewer = [
        (symbol, max(n_buys - is_buy, 0), max(n_sales - (not is_buy), 0))
        if symbol == order.symbol
        else (symbol, n_buys, n_sales)
        for symbol, n_buys, n_sales in counts
    ]
    return tuple((symbol, n_buys, n_sales) for symbol, n_buys, n_sales in fewer if n_buys or n_sales)
