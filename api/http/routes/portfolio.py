"""Portfolios over HTTP: allocation under the caps of the policy, and what there is to borrow."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

import msgspec
from litestar import Request, Response, Router, post

from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.tokens import Principal
from api.use_cases.allocation import LimitsConflictError, Place, allocated
from api.use_cases.allocation_words import AllocationAsked, AllocationView
from api.use_cases.borrow import BorrowAsked, BorrowView, checked_borrow
from api.use_cases.desk import environment_bytes
from api.use_cases.gate_policies import Asking, policy_in_force
from dataflows.borrowing import BORROW
from dataflows.portfolio import PORTFOLIO
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes, opened_account
from nodes.vocabulary.errors import DataError

SCOPE = "plan:read"
MAX_BODY_BYTES = 16 * 1_048_576
"""Longest body that is read here: 500 returns of 2,600 sessions are some 13 MB."""
_DECODER = msgspec.json.Decoder(AllocationAsked)
_BORROW_DECODER = msgspec.json.Decoder(BorrowAsked)


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
            asking=_asking(parts, reader, PORTFOLIO.name),
            lake=service.lake,
            account=None if asked.account_id is None else _account(parts, reader, asked.account_id),
        )
    try:
        return allocated(asked, place)
    except LimitsConflictError as error:
        conflict = msgspec.to_builtins(error.conflict)
        raise RequestError(str(error), reason=error.reason, members={"conflict": conflict}) from error
    except DataError as error:  # a book or a covariance that allows no portfolio is the question's, not the server's
        raise RequestError(str(error), reason="invalid") from error


@post(
    "/api/v1/borrow/check",
    operation_id="check_borrow",
    status_code=200,
    summary="Whether a sale has a locate",
    tags=["portfolio"],
    opt={"scope": SCOPE, "body": BorrowAsked, "problems": ("no-table", "queue-full", "invalid")},
)
async def check_borrow(request: Request[Any, Any, Any], parts: PartsHere) -> Response[BorrowView]:
    """What the newest list shows of a share, what borrowing it costs, and what the policy says of the short sale.

    Nothing is reserved: a locate is good for the orders of the day of its list.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _BORROW_DECODER)
    return Response(await to_thread(_borrow, parts, asked))


def _borrow(parts: Parts, asked: BorrowAsked) -> BorrowView:
    with parts.service.store.reader() as reader:
        asking = _asking(parts, reader, BORROW.name)
    with parts.data.store() as store:
        return checked_borrow(asked, store, asking, parts.service.clock())


def _asking(parts: Parts, reader: LogReader, name: str) -> Asking:
    service = parts.service
    return Asking(policy_in_force(reader, name), service.store.origin, environment_bytes(service.environment))


def _account(parts: Parts, reader: LogReader, account_id: str) -> AccountState:
    row = reader.account(account_id)
    if row is None:
        return opened_account(account_id, parts.service.opening_cash_usd)
    return account_from_bytes(row.content)


ROUTER = Router("/", route_handlers=[allocate, check_borrow])
