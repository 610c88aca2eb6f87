"""Alerts over HTTP: conditions are armed and disarmed, alerts read and taken on, deliveries looked at and retried."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import PathParameter, QueryParameter

from adapters.sql.alert_tables import ArmedCondition, ArmedState, DeliveryState
from api.http.asked import Cursor, Limit, asked_instant
from api.http.bodies import decoded, require_json
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import Parts, PartsHere, PrincipalHere, ServiceHere
from api.http.problems import RequestError
from api.http.reach import require_whole_log
from api.http.routes.account import readable_account
from api.http.schemas.alert_board import (
    AcknowledgeBody,
    ArmBody,
    ArmedPage,
    ArmedView,
    BoardAlertView,
    BoardPage,
    DeliveryPage,
    DeliveryView,
    NamesView,
    NameView,
    armed_view,
    board_alert_view,
    delivery_view,
)
from api.http.tokens import ANY_ACCOUNT, Principal
from api.use_cases.arming import ArmRequest, armed_condition
from api.use_cases.telling import require_line
from dataflows.engine.conditions import condition_units
from dataflows.engine.plan import NodeKind

READ, WRITE, OPERATE, AUDIT = "plan:read", "orders:write", "operate", "audit:read"
PATH = "/api/v1/alerts"
_TAGS = ["alerts"]
_arm_decoder = msgspec.json.Decoder(ArmBody)
_acknowledge_decoder = msgspec.json.Decoder(AcknowledgeBody)
_ONE, _MOST = 1, 2**53

ArmedId = Annotated[
    str, PathParameter(description="A condition.", max_length=16, schema_extra={"pattern": "^arm-[0-9a-f]{12}$"})
]
AlertId = Annotated[
    str, PathParameter(description="An alert.", max_length=30, schema_extra={"pattern": "^alert-[0-9a-f]{24}$"})
]
DeliveryId = Annotated[int, PathParameter(description="A delivery.", ge=_ONE, le=_MOST)]
StateOfArmed = Annotated[
    Literal["armed", "fired", "disarmed", "expired"] | None,
    QueryParameter(name="state", description="Only those that stand so."),
]
StateOfAlert = Annotated[
    Literal["active", "acknowledged", "all"], QueryParameter(name="state", description="Which of them.")
]
StateOfDelivery = Annotated[
    Literal["waiting", "delivered", "dead", "spared"] | None,
    QueryParameter(name="state", description="Only those that stand so."),
]


@post(
    f"{PATH}/arm",
    operation_id="arm_alert",
    summary="Arm a condition",
    tags=_TAGS,
    opt={
        "scope": WRITE,
        "body": ArmBody,
        "also": ("201",),
        "problems": (
            "invalid", "policy-faults", "unknown-account", "unknown-symbol", "session-closed", "read-only-log",
            "queue-full",
        ),
    },
    status_code=200,
)  # fmt: skip
async def arm(request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere) -> Response[ArmedView]:
    """Hear once when a condition holds: 201 with its place, or 200 when the very same one is armed already.

    It is written as the rules of the policy are, over the same names, and asked whenever the log grows. What is not
    known holds nothing.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _arm_decoder)
    parts.service.require_writable()
    account = readable_account(parts.service, principal, asked.account_id)
    wanted = ArmRequest(
        condition=asked.condition,
        account_id=account,
        symbol=asked.symbol or "",
        title=asked.title or "",
        severity=asked.severity,
        expires_at=_expiry(asked.expires_at),
    )
    found, is_new = await to_thread(armed_condition, parts.service, parts.alert_board, wanted, principal.name)
    headers = {"location": f"{PATH}/armed/{found.armed_id}"}
    return Response(armed_view(found), status_code=201 if is_new else 200, headers=headers)


@get(
    f"{PATH}/armed",
    operation_id="armed_alerts",
    summary="Conditions, the oldest first",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("invalid",)},
    sync_to_thread=True,
)
def armed_alerts(
    parts: PartsHere, principal: PrincipalHere, standing: StateOfArmed = None, limit: Limit = 50, cursor: Cursor = None
) -> ArmedPage:
    """Every condition that was armed for an account that the token covers."""
    asked = {"state": standing}
    after = 0 if cursor is None else cursor_place(cursor, "armed", asked)
    wanted = None if standing is None else ArmedState(standing)
    found = parts.alert_board.conditions(wanted, after, limit, _accounts(principal))
    following = cursor_text(found[-1][0], "armed", asked) if len(found) == limit else None
    return ArmedPage(tuple(armed_view(each) for _, each in found), following)


@get(
    f"{PATH}/armed/{{armed_id:str}}",
    operation_id="armed_alert",
    summary="One condition",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("not-found",)},
    sync_to_thread=True,
)
def armed_alert(parts: PartsHere, principal: PrincipalHere, armed_id: ArmedId) -> ArmedView:
    """How a condition stands."""
    return armed_view(_reached(parts, principal, armed_id))


@post(
    f"{PATH}/armed/{{armed_id:str}}/disarm",
    operation_id="disarm_alert",
    summary="Disarm a condition",
    tags=_TAGS,
    opt={"scope": WRITE, "problems": ("not-found", "stale-condition", "read-only-log")},
    status_code=200,
    sync_to_thread=True,
)
def disarm(parts: PartsHere, principal: PrincipalHere, armed_id: ArmedId) -> ArmedView:
    """Ask a condition no longer. One that fired already is refused."""
    parts.service.require_writable()
    _reached(parts, principal, armed_id)
    return armed_view(parts.alert_board.disarmed(armed_id))


@get(
    f"{PATH}/names",
    operation_id="alert_names",
    summary="What conditions may read",
    tags=_TAGS,
    opt={"scope": READ},
    sync_to_thread=True,
)
def names(service: ServiceHere) -> NamesView:
    """Every name of the policy in force, with its unit."""
    generation = service.generations.current.generation
    nodes = {node.name: node for node in generation.order.nodes}
    told = []
    for name, unit in sorted(condition_units(generation.order).items()):
        node = nodes.get(name)
        summary = None if node is None else node.doc.summary or None
        told.append(NameView(name, unit.name, NodeKind.INPUT.value if node is None else node.kind.value, summary))
    return NamesView(generation.policy.family, generation.policy.version, tuple(told))


@get(
    PATH,
    operation_id="alerts",
    summary="Alerts, newest first",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("invalid",)},
    sync_to_thread=True,
)
def alerts(
    parts: PartsHere, principal: PrincipalHere, which: StateOfAlert = "active", limit: Limit = 50, cursor: Cursor = None
) -> BoardPage:
    """Alerts of accounts that the token covers, and of none: by default those that nobody has taken on."""
    asked = {"state": which}
    before = None if cursor is None else cursor_place(cursor, "alerts", asked)
    is_active = None if which == "all" else which == "active"
    found = parts.alert_board.alerts(is_active=is_active, before=before, count=limit, accounts=_accounts(principal))
    following = cursor_text(found[-1].sequence, "alerts", asked) if len(found) == limit else None
    return BoardPage(tuple(map(board_alert_view, found)), following)


@get(
    f"{PATH}/{{alert_id:str}}",
    operation_id="alert",
    summary="One alert",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("not-found",)},
    sync_to_thread=True,
)
def alert(parts: PartsHere, principal: PrincipalHere, alert_id: AlertId) -> BoardAlertView:
    """An alert, and who took it on."""
    found = parts.alert_board.alert(alert_id)
    _require_reach(principal, found.notice.account_id)
    return board_alert_view(found)


@post(
    f"{PATH}/{{alert_id:str}}/ack",
    operation_id="acknowledge_alert",
    summary="Take an alert on",
    tags=_TAGS,
    opt={"scope": OPERATE, "body": AcknowledgeBody, "problems": ("invalid", "not-found", "read-only-log")},
    status_code=200,
)
async def acknowledge(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere, alert_id: AlertId
) -> BoardAlertView:
    """Take an alert on: nobody else is called. Whoever was first stays the one who did."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _acknowledge_decoder)
    require_line(asked.note, "note")
    parts.service.require_writable()
    return await to_thread(_acknowledged, parts, principal, alert_id, asked.note)


def _acknowledged(parts: Parts, principal: Principal, alert_id: str, note: str) -> BoardAlertView:
    _require_reach(principal, parts.alert_board.alert(alert_id).notice.account_id)
    return board_alert_view(parts.alert_board.acknowledged(alert_id, principal.name, note))


@get(
    f"{PATH}/deliveries",
    operation_id="alert_deliveries",
    summary="Deliveries, newest first",
    tags=_TAGS,
    opt={"scope": AUDIT, "problems": ("invalid",)},
    sync_to_thread=True,
)
def deliveries(
    parts: PartsHere,
    principal: PrincipalHere,
    standing: StateOfDelivery = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """How alerts fare on their way; the dead ones are the dead letters. For tokens that cover every account."""
    require_whole_log(principal)
    asked = {"state": standing}
    before = None if cursor is None else cursor_place(cursor, "deliveries", asked)
    wanted = None if standing is None else DeliveryState(standing)
    found = parts.alert_board.deliveries(state=wanted, before=before, count=limit)
    following = cursor_text(found[-1].delivery_id, "deliveries", asked) if len(found) == limit else None
    return DeliveryPage(tuple(map(delivery_view, found)), following)


@post(
    f"{PATH}/deliveries/{{delivery_id:int}}/retry",
    operation_id="retry_delivery",
    summary="Try a dead letter again",
    tags=_TAGS,
    opt={"scope": OPERATE, "problems": ("not-found", "stale-condition", "read-only-log")},
    status_code=200,
    sync_to_thread=True,
)
def retry(parts: PartsHere, principal: PrincipalHere, delivery_id: DeliveryId) -> DeliveryView:
    """Try a delivery that was given up again, from the start."""
    parts.service.require_writable()
    require_whole_log(principal)
    return delivery_view(parts.alert_board.revived(delivery_id))


def _expiry(text: str | None) -> datetime | None:
    """When a condition ends. Raises RequestError (invalid) for text that is no instant."""
    try:
        return asked_instant(text, "expires_at")
    except RequestError as error:
        raise RequestError(str(error), reason="invalid") from error


def _accounts(principal: Principal) -> Sequence[str]:
    """Of which accounts a token may hear; () for all."""
    return () if principal.covers(ANY_ACCOUNT) else sorted(principal.accounts) or ("",)


def _reached(parts: Parts, principal: Principal, armed_id: str) -> ArmedCondition:
    found = parts.alert_board.condition(armed_id)
    principal.require_account(found.account_id)
    return found


def _require_reach(principal: Principal, account_id: str) -> None:
    if account_id:
        principal.require_account(account_id)


ROUTER = Router(
    "/",
    route_handlers=[
        arm, armed_alerts, armed_alert, disarm, names, alerts, alert, acknowledge, deliveries, retry,
    ],
)  # fmt: skip
