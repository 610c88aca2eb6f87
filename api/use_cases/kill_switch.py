"""The kill switch of an account: thrown or released by one log entry, seen by the next decision's append.

Throwing it takes every working order back: an entry each, the cash that they had set aside free again, their rows in
the outbox recalled, so that no broker fills them. Anything may throw it; only a named person releases it, by a call of
its own, which brings no order back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.use_cases.persons import CLOCKWORK, person
from governance.entries import Entry, EntryKind, cl_ord_id
from governance.ports import LogStore, Transaction
from governance.rows import OrderState
from nodes.journal.account import (
    AccountState,
    account_from_bytes,
    after_cancel,
    after_kill_switch,
    opened_account,
)
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.orders import PendingOrder


@dataclass(frozen=True)
class KillSwitchRequest:
    """Who throws or releases the switch, and why.

    Attributes:
        account_id: the account that it stops.
        is_engaged: whether trading is to stop.
        principal: who asks.
        reason: why, in words.
        opening_cash_usd: cash that the account is opened with when it has no state yet.
        at: now, by the shell's clock.
    """

    account_id: str
    is_engaged: bool
    principal: str
    reason: str
    opening_cash_usd: Decimal
    at: datetime


def kill_switch_set(store: LogStore, request: KillSwitchRequest) -> bool:
    """Set the switch, durably. Returns whether that changed it; when it stood so already, nothing is written.

    Raises EdgeError when it is to be released in nobody's name.
    """
    if not request.is_engaged and person(request.principal) in {"", person(CLOCKWORK)}:
        message = f"{request.principal!r} names no person; release the kill switch under the name of whoever decides it"
        raise EdgeError(message, reason="bad-request")
    with store.transaction() as transaction:
        state = _account(transaction, request)
        if state.kill_switch_is_engaged == request.is_engaged:
            return False
        after = after_kill_switch(state, is_engaged=request.is_engaged)
        canceled = tuple(state.orders) if request.is_engaged else ()
        if canceled:
            after = after_cancel(after)
        facts = {
            "account_id": request.account_id,
            "account_digest": after.digest,
            "is_engaged": request.is_engaged,
            "principal": request.principal,
            "reason": request.reason,
            "n_canceled": len(canceled),
        }
        transaction.append(Entry(EntryKind.KILL_SWITCH, store.origin, request.at, request.at, facts))
        for order in canceled:
            _cancel(store, transaction, request, order)
        transaction.save_account(request.account_id, after)
    return True


def _account(transaction: Transaction, request: KillSwitchRequest) -> AccountState:
    content = transaction.account(request.account_id)
    if content is None:
        return opened_account(request.account_id, request.opening_cash_usd)
    return account_from_bytes(bytes(content))


def _cancel(store: LogStore, transaction: Transaction, request: KillSwitchRequest, order: PendingOrder) -> None:
    facts = {
        "decision_id": order.decision_id,
        "account_id": request.account_id,
        "key": order.order_key,
        "symbol": order.symbol,
        "canceled_shares": order.order_shares,
        "principal": request.principal,
        "reason": request.reason,
    }
    transaction.append(Entry(EntryKind.CANCEL, store.origin, request.at, request.at, facts))
    transaction.mark_order(cl_ord_id(request.account_id, order.order_key), OrderState.RECALLED)
