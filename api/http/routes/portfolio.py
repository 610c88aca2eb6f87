"""Portfolios over HTTP: allocation under the caps of the policy."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

import msgspec
from litestar import Request, Response, Router, post

from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.tokens import Principal
from api.use_cases.allocation import LimitsConflictError, Place, allocated, portfolio_policy
from api.use_cases.allocation_words import AllocationAsked, AllocationView
from api.use_cases.desk import environment_bytes
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes, opened_account

SCOPE = "plan:read"
MAX_BODY_BYTES = 16 * 1_048_576
"""Longest body that is read here: 500 returns of 2,600 sessions are some 13 MB."""
_DECODER = msgspec.json.Decoder(AllocationAsked)


@post(
    "/api/v1/portfolio/allocate",
    operation_id="allocate_portfolio",
    status_code=200,
    summary="A portfolio under every cap",
    tags=["portfolio"],
    opt={
        "scope": SCOPE,
        "body": AllocationAsked,
        "problems": ("unknown-account", "limits-conflict", "invalid"),
    },
    request_max_body_size=MAX_BODY_BYTES,
)
async def allocate(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[AllocationView]:
    """Orders in whole shares that lead to a portfolio which keeps every cap of the policy, each cap with its price.

    Nothing is sent and nothing is logged. When no portfolio keeps all caps, `conflict` names the fewest that conflict.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _DECODER)
    return Response(await to_thread(_answer, parts, principal, asked))


def _answer(parts: Parts, principal: Principal, asked: AllocationAsked) -> AllocationView:
    service = parts.service
    if asked.account_id is not None:
        principal.require_account(asked.account_id)
        service.require_account(asked.account_id)
    with service.store.reader() as reader:
        place = Place(
            policy=portfolio_policy(reader),
            lake=service.lake,
            account=None if asked.account_id is None else _account(parts, reader, asked.account_id),
            origin=service.store.origin,
            environment=environment_bytes(service.environment),
        )
    try:
        return allocated(asked, place)
    except LimitsConflictError as error:
        conflict = msgspec.to_builtins(error.conflict)
        raise RequestError(str(error), reason=error.reason, members={"conflict": conflict}) from error


def _account(parts: Parts, reader: LogReader, account_id: str) -> AccountState:
    row = reader.account(account_id)
    if row is None:
        return opened_account(account_id, parts.service.opening_cash_usd)
    return account_from_bytes(row.content)


ROUTER = Router("/", route_handlers=[allocate])
