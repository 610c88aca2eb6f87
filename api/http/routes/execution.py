"""Execution, in the vocabulary of FIX: routes that are planned, orders that are sent, changed and followed.

An order that comes in here takes the same way as `POST /api/v1/actions/execute`: one decision inside one append.
"""

from __future__ import annotations

from asyncio import to_thread, wrap_future
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from api.http.asked import Cursor, Limit
from api.http.bodies import decoded, require_json
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import Parts, PartsHere, PrincipalHere, ServiceHere
from api.http.problems import RequestError
from api.http.routes.account import Account, readable_account
from api.http.schemas.execution import (
    ExecutionOrdersView,
    ExecutionOrderView,
    ExecutionView,
    RouteView,
    execution_order_view,
    execution_view,
    route_view,
)
from api.http.schemas.execution_bodies import CancelBody, ReplaceBody, RouteBody, SubmitBody
from api.http.schemas.execution_reports import ReportBody
from api.http.tokens import Principal
from api.http.trace_context import trace_context
from api.use_cases.execution_reports import booked_report
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.ordering import OrderCommand, OrderOutcome, order_outcome
from api.use_cases.placed_orders import orders_page
from api.use_cases.routing import RouteQuestion, planned_route
from api.use_cases.service import Service

READ, WRITE = "plan:read", "orders:write"
ORDERS = "execution-orders"
_ROUTE, _SUBMIT = msgspec.json.Decoder(RouteBody), msgspec.json.Decoder(SubmitBody)
_CANCEL, _REPLACE = msgspec.json.Decoder(CancelBody), msgspec.json.Decoder(ReplaceBody)
_REPORT = msgspec.json.Decoder(ReportBody)
_REPLAYED = {"idempotency-replayed": "true"}
_DECIDING = (
    "unknown-account",
    "key-in-flight",
    "session-closed",
    "read-only-log",
    "not-in-force",
    "key-reused",
    "unknown-symbol",
    "queue-full",
    "log-unavailable",
    "generation-changed",
    "draining",
)


@post(
    "/api/v1/execution/route-order",
    operation_id="route_order",
    status_code=200,
    summary="Plan a route without sending",
    tags=["execution"],
    opt={
        "scope": READ,
        "body": RouteBody,
        "problems": ("unknown-account", "session-closed", "unknown-symbol", "impossible-quote", "invalid"),
    },
)
async def route_order(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[RouteView]:
    """What each venue is expected to cost, the split that costs least, and why each venue is in it or not.

    It is the order run that a decision would be; nothing is sent and nothing is logged.
    """
    asked = await _body(request, _ROUTE)
    account_id = readable_account(parts.service, principal, asked.account_id)
    question = RouteQuestion(
        account_id, principal.name, asked.symbol, asked.order_shares, tuple(each.book for each in asked.quotes)
    )
    return Response(route_view(await to_thread(planned_route, parts.service, question)))


@post(
    "/api/v1/execution/submit-order",
    operation_id="submit_order",
    status_code=200,
    summary="Send an order in the vocabulary of FIX",
    tags=["execution"],
    opt={
        "scope": WRITE,
        "body": SubmitBody,
        "problems": ("invalid", *_DECIDING),
        "links": {"execution_order": {"order_id": "$response.body#/order_id"}},
    },
)
async def submit_order(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[ExecutionView]:
    """Decide an order and, when the policy lets it out, hand it to the broker, part by part to the venues.

    The ClOrdID is the idempotency key: sent twice, the order is decided once.
    """
    asked = await _body(request, _SUBMIT)
    account_id = readable_account(parts.service, principal, asked.account_id)
    _require_room(parts)
    trace = request.scope["state"].get("trace") or trace_context(None)
    command = OrderCommand(
        account_id=account_id,
        principal=principal.name,
        key=asked.cl_ord_id,
        symbol=asked.symbol,
        order_shares=asked.order_shares,
        client_order_id=asked.cl_ord_id,
        traceparent=trace.text,
        instructions=asked.instructions,
    )
    outcome = await order_outcome(parts.service, command)
    return _executed(asked.cl_ord_id, outcome)


@get(
    "/api/v1/execution/orders",
    operation_id="execution_orders",
    summary="Orders of an account, with their lives",
    tags=["execution"],
    opt={
        "scope": READ,
        "problems": ("invalid", "unknown-account"),
        "links": {"execution_order": {"order_id": "$response.body#/orders/0/order_id"}},
    },
    sync_to_thread=True,
)
def execution_orders(
    service: ServiceHere,
    principal: PrincipalHere,
    account_id: Account = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ExecutionOrdersView:
    """Orders that went out, newest first, each with every state that it was in."""
    account = readable_account(service, principal, account_id)
    asked = {"account_id": account}
    with service.store.reader() as reader:
        before = reader.head().size if cursor is None else cursor_place(cursor, ORDERS, asked)
        page = orders_page(reader, account, limit, before)
        found = tuple(order_record(reader, order.answer.cl_ord_id or "") for order in page.orders)
    next_cursor = None if page.next_sequence is None else cursor_text(page.next_sequence, ORDERS, asked)
    return ExecutionOrdersView(tuple(execution_order_view(record) for record in found), next_cursor)


@get(
    "/api/v1/execution/orders/{order_id:str}",
    operation_id="execution_order",
    summary="One order with its life",
    tags=["execution"],
    opt={"scope": READ},
    sync_to_thread=True,
)
def execution_order(service: ServiceHere, principal: PrincipalHere, order_id: FromPath[str]) -> ExecutionOrderView:
    """One order by its OrderID, with every state that it was in, told from its entries in the log."""
    return execution_order_view(_record(service, principal, order_id))


@post(
    "/api/v1/execution/orders/{order_id:str}/cancel",
    operation_id="cancel_order",
    status_code=202,
    summary="Ask for a cancel",
    tags=["execution"],
    opt={
        "scope": WRITE,
        "body": CancelBody,
        "problems": (
            "not-found",
            "order-closed",
            "invalid",
            "read-only-log",
            "queue-full",
            "log-unavailable",
            "draining",
        ),
    },
)
async def cancel_order(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, order_id: FromPath[str]
) -> Response[ExecutionOrderView]:
    """Take a working order back. It works until the broker has said that it is canceled; a quicker fill counts.

    Asked for again while it is under way, the answer is the same.
    """
    asked = await _body(request, _CANCEL)
    await to_thread(_record, service, principal, order_id)
    command = CancelCommand(order_id, principal.name, asked.reason)
    is_new = await wrap_future(cancelled_order(service, command))
    view = execution_order_view(await to_thread(_record, service, principal, order_id))
    return Response(view, headers={} if is_new else _REPLAYED)


@post(
    "/api/v1/execution/orders/{order_id:str}/replace",
    operation_id="replace_order",
    status_code=200,
    summary="Put another order in the place of one",
    tags=["execution"],
    opt={
        "scope": WRITE,
        "body": ReplaceBody,
        "problems": ("not-found", "order-closed", *_DECIDING),
        "links": {"execution_order": {"order_id": "$response.body#/order_id"}},
    },
)
async def replace_order(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere, order_id: FromPath[str]
) -> Response[ExecutionView]:
    """Decide another size for a working order; every rule judges it as if the old one had never been accepted.

    When the policy does not let it out, the old order stays as it is, and the answer says why.
    """
    asked = await _body(request, _REPLACE)
    _require_room(parts)
    record = await to_thread(_record, parts.service, principal, order_id)
    command = ReplaceCommand(order_id, principal.name, asked.cl_ord_id, int(asked.order_qty), asked.cl_ord_id)
    outcome = await wrap_future(replaced_order(parts.service, command, record.placed.account_id))
    return _executed(asked.cl_ord_id, outcome)


@post(
    "/api/v1/execution/orders/{order_id:str}/reports",
    operation_id="report_execution",
    status_code=201,
    summary="Book a broker's report of a trade",
    tags=["execution"],
    opt={
        "scope": WRITE,
        "body": ReportBody,
        "problems": (
            "not-found",
            "key-in-flight",
            "invalid",
            "read-only-log",
            "queue-full",
            "log-unavailable",
            "draining",
        ),
    },
)
async def report_execution(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, order_id: FromPath[str]
) -> Response[ExecutionOrderView]:
    """Book a trade that a broker reports of its own accord, the correction of one, or that one never was.

    Each is an entry of its own that says who reported it; a trade counts after the order's end, too. The ExecID makes
    it known: sent twice, it is booked once. More shares than the order has, and corrections of trades that do not
    stand, are refused.
    """
    asked = await _body(request, _REPORT)
    await to_thread(_record, service, principal, order_id)
    found = await to_thread(booked_report, service, asked.report(order_id), principal.name)
    return Response(execution_order_view(found.record), headers=_REPLAYED if found.is_known else {})


def _executed(cl_ord_id: str, outcome: OrderOutcome) -> Response[ExecutionView]:
    return Response(execution_view(cl_ord_id, outcome), headers=_REPLAYED if outcome.is_replayed else {})


def _record(service: Service, principal: Principal, order_id: str) -> OrderRecord:
    with service.store.reader() as reader:
        found = order_record(reader, order_id)
    principal.require_account(found.placed.account_id)
    return found


def _require_room(parts: Parts) -> None:
    """Raises RequestError while the writer is behind."""
    n_waiting = parts.service.writer.n_waiting
    if n_waiting >= parts.settings.max_waiting:
        raise RequestError(f"{n_waiting} orders wait to be decided; slow down", reason="queue-full")


async def _body(request: Request[Any, Any, Any], decoder: msgspec.json.Decoder[Any]) -> Any:  # noqa: ANN401
    require_json(dict(request.scope["headers"]))
    return decoded(await request.body(), decoder)


ROUTER = Router(
    "/",
    route_handlers=[
        route_order,
        submit_order,
        execution_orders,
        execution_order,
        cancel_order,
        replace_order,
        report_execution,
    ],
)
