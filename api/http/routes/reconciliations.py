"""Reconciliations over HTTP: a broker's statement against the books, its breaks, and their corrections.

A statement that was sent is recorded with its report, once however often it is sent; corrections are booked in the name
of the token's principal, once however often they are asked for.
"""

from __future__ import annotations

from asyncio import to_thread
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import PathParameter

from adapters.statements.reading import Asked, read_statement
from api.http.asked import Limit
from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.routes.account import Account, readable_account
from api.http.schemas.reconciliations import (
    BookedCorrection,
    CorrectionsBody,
    CorrectionsView,
    ReconciliationsView,
    StatementBody,
)
from api.http.tokens import Principal
from api.use_cases.journal_posting import Bookkeeper
from api.use_cases.model_desk import store_append
from api.use_cases.reconciliation_report import ReconciliationView
from api.use_cases.reconciliations import (
    corrected,
    made,
    reconciliations,
    recorded,
    recorded_report,
    recorded_statement,
)
from api.use_cases.reconciling import StatementFile
from nodes.vocabulary.errors import DataError
from policies.reconciliation import shipped_reconciliation
from policies.statements import shipped_mapping

READ, WRITE, PATH = "plan:read", "orders:write", "/api/v1/journal/reconciliations"
_TAGS = ["journal"]
_PROBLEMS = ("invalid", "unknown-account", "read-only-log")
_statement_decoder = msgspec.json.Decoder(StatementBody)
_corrections_decoder = msgspec.json.Decoder(CorrectionsBody)
ReconciliationId = Annotated[
    str,
    PathParameter(
        description="A recorded reconciliation.", max_length=64, schema_extra={"pattern": "^rec-[0-9a-f]{12}$"}
    ),
]


@get(
    PATH,
    operation_id="list_reconciliations",
    summary="Reconciliations with the broker",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("invalid", "unknown-account")},
    sync_to_thread=True,
)
def list_reconciliations(
    parts: PartsHere, principal: PrincipalHere, account_id: Account = None, limit: Limit = 50
) -> ReconciliationsView:
    """Recorded reconciliations of an account, newest first, with how many corrections were posted since."""
    account = readable_account(parts.service, principal, account_id)
    with parts.service.store.reader() as reader:
        found = [row for row in reconciliations(reader) if row.account_id == account]
    return ReconciliationsView(account, tuple(reversed(found))[:limit])


@get(
    f"{PATH}/{{reconciliation_id:str}}",
    operation_id="get_reconciliation",
    summary="One reconciliation",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("not-found",)},
    sync_to_thread=True,
)
def one_reconciliation(
    parts: PartsHere, principal: PrincipalHere, reconciliation_id: ReconciliationId
) -> ReconciliationView:
    """The report of a statement as it was made then: every break with its cause, age and mend."""
    with parts.service.store.reader() as reader:
        found = recorded_report(reader, reconciliation_id)
    principal.require_account(found.account_id)
    return found


@post(
    PATH,
    operation_id="reconcile_statement",
    summary="Hold a statement against the books",
    tags=_TAGS,
    opt={"scope": WRITE, "body": StatementBody, "problems": _PROBLEMS},
    status_code=200,
)
async def reconcile_statement(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> ReconciliationView:
    """Match a broker's statement with the books and record the report; nothing else changes.

    What the statement knows better is booked when its corrections are posted.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _statement_decoder)
    parts.service.require_writable()
    account = readable_account(parts.service, principal, asked.account_id)
    return await to_thread(_reconciled, parts, principal, _file(asked, account))


@post(
    f"{PATH}/{{reconciliation_id:str}}/corrections",
    operation_id="post_corrections",
    summary="Book what a statement knows better",
    tags=_TAGS,
    opt={"scope": WRITE, "body": CorrectionsBody, "problems": ("not-found", "bad-request", *_PROBLEMS)},
    status_code=200,
)
async def post_corrections(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere, reconciliation_id: ReconciliationId
) -> CorrectionsView:
    """Book the corrections that the policy lets a person post, as new entries of the journal.

    The token must name a person. Breaks that the books no longer have are not corrected again.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _corrections_decoder)
    parts.service.require_writable()
    return await to_thread(_corrected, parts, principal, reconciliation_id, asked)


def _keeper(parts: Parts, principal: Principal) -> Bookkeeper:
    service = parts.service
    return Bookkeeper(parts.journal, store_append(service.store), service.clock, principal.name)


def _reconciled(parts: Parts, principal: Principal, file: StatementFile) -> ReconciliationView:
    keeper = _keeper(parts, principal)
    found, view = made(keeper, file, shipped_reconciliation())
    recorded(keeper, found, view)
    return view


def _corrected(parts: Parts, principal: Principal, reconciliation_id: str, asked: CorrectionsBody) -> CorrectionsView:
    with parts.service.store.reader() as reader:
        file, policy = recorded_statement(reader, reconciliation_id)
    principal.require_account(file.asked.account_id)
    keeper = _keeper(parts, principal)
    try:
        found, view = made(keeper, file, policy)
        posted = corrected(keeper, found, view, asked.because, asked.breaks)
    except DataError as error:
        raise RequestError(str(error), reason="invalid") from error
    booked = tuple(BookedCorrection(name, each.entry_key, each.sequence, each.is_new) for name, each in posted.booked)
    return CorrectionsView(posted.reconciliation_id, booked, made(keeper, file, policy)[1])


def _file(asked: StatementBody, account_id: str) -> StatementFile:
    """The statement that was sent. Raises RequestError where it cannot be understood."""
    days = Asked(account_id, _day(asked.since, "since"), _day(asked.until, "until"))
    if days.since is not None and days.until is not None and days.since > days.until:
        raise RequestError(f"since {days.since} is after until {days.until}; turn them round", reason="invalid")
    file = StatementFile(asked.statement.encode("utf-8", "surrogatepass"), shipped_mapping(asked.mapping), days)
    try:
        read_statement(file.data, file.mapping.mapping, days)
    except DataError as error:
        raise RequestError(str(error), reason="invalid") from error
    return file


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise RequestError(
            f"{name} is {text!r}, which is no day; write one like 2013-02-28", reason="invalid"
        ) from error


ROUTER = Router("/", route_handlers=[list_reconciliations, one_reconciliation, reconcile_statement, post_corrections])
