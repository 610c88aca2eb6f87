"""What of the log a token reaches: entries about the accounts that it covers, and those that are about none.

A log is one chain of all its accounts, so what gives it whole (its entries in order, its bundles, its tail) is for
tokens that cover them all. Heads, hashes and proofs of growth tell nothing of an account and are for every auditor.
"""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from api.http.problems import RequestError
from api.http.tokens import ANY_ACCOUNT, Principal
from api.use_cases.finding import decision_named
from api.use_cases.model_log import MODEL_KINDS
from api.use_cases.tailing import POLICY_KINDS
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record

_OF_NO_ACCOUNT = frozenset(
    {EntryKind.GENESIS.value, *POLICY_KINDS, *(kind.value for kind in MODEL_KINDS), EntryKind.INCIDENT.value}
)
_ACCOUNT = "account_id"


def reached_decision(reader: LogReader, principal: Principal, name: str) -> Record:
    """A decision by name. Raises AssayError without one that the token covers."""
    record = decision_named(reader, name)
    require_entry(principal, record)
    return record


def require_entry(principal: Principal, record: Record) -> None:
    """Raises RequestError for an entry about an account that the token does not cover."""
    if record.kind in _OF_NO_ACCOUNT:
        return
    account_id = record.entry.facts.get(_ACCOUNT)
    if account_id is None:
        require_whole_log(principal)
    else:
        principal.require_account(account_id)


def require_whole_log(principal: Principal) -> None:
    """Raises RequestError unless the token covers every account that the log may ever speak of."""
    principal.require_account(ANY_ACCOUNT)


def whole_log_guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """`require_whole_log` of whoever asks, for routes that have no other use for the principal.

    What methods a path takes (OPTIONS) is told to everyone: the access guard has let nobody in by name.
    """
    if connection.scope.get("method") != "OPTIONS":
        require_whole_log(connection.user)


def reached_account(principal: Principal, account_id: str | None) -> str | None:
    """The one account that a list is to be about; None for all. Raises RequestError unless the token covers it."""
    if account_id is not None:
        principal.require_account(account_id)
        return account_id
    if principal.covers(ANY_ACCOUNT):
        return None
    if len(principal.accounts) != 1:
        named = ", ".join(sorted(principal.accounts)) or "none"
        raise RequestError(f"token covers the accounts {named}; name one of them", reason="bad-request")
    return next(iter(principal.accounts))
