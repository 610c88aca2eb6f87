"""The kill switch of an account: thrown or released by one log entry, seen by the next decision's append."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from governance.entries import Entry, EntryKind
from governance.ports import LogStore
from governance.rows import account_digest
from nodes.journal.account import account_bytes, account_from_bytes, after_kill_switch, opened_account


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
    """Set the switch, durably. Returns whether that changed it; when it stood so already, nothing is written."""
    with store.transaction() as transaction:
        content = transaction.account(request.account_id)
        if content is None:
            state = opened_account(request.account_id, request.opening_cash_usd)
        else:
            state = account_from_bytes(content)
        if state.kill_switch_is_engaged == request.is_engaged:
            return False
        changed = account_bytes(after_kill_switch(state, is_engaged=request.is_engaged))
        facts = {
            "account_id": request.account_id,
            "account_digest": account_digest(changed),
            "is_engaged": request.is_engaged,
            "principal": request.principal,
            "reason": request.reason,
        }
        transaction.append(Entry(EntryKind.KILL_SWITCH, store.origin, request.at, request.at, facts))
        transaction.save_account(request.account_id, changed)
    return True
