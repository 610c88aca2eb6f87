"""Risk over HTTP: exposure, value at risk, limits, the throttle and who lets automation go on."""

from __future__ import annotations

from asyncio import to_thread
from functools import partial
from typing import Any

import msgspec
from litestar import Request, Router, get, post

from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere, ServiceHere
from api.http.routes.account import Account, readable_account
from api.http.schemas.risk import (
    BreachesBody,
    BreachesView,
    LimitsView,
    ReleaseBody,
    ThrottlesView,
    breach_view,
    use_view,
)
from api.http.tokens import Principal
from api.use_cases.model_desk import serving_desk
from api.use_cases.risk import (
    RiskBacktest,
    RiskDesk,
    RiskReport,
    recorded_breaches,
    risk_backtest,
    risk_limits,
    risk_report,
)
from api.use_cases.service import Service
from api.use_cases.throttles import ThrottleRelease, throttle_released, throttle_state, throttle_uses

SCOPE, OPERATE, PATH = "plan:read", "operate", "/api/v1/risk"
MAX_USES = 100
_PROBLEMS = ("not-found", "unknown-account")
_release_decoder = msgspec.json.Decoder(ReleaseBody)
_breaches_decoder = msgspec.json.Decoder(BreachesBody)


@get(
    f"{PATH}/report",
    operation_id="risk_report",
    summary="The risk of an account",
    tags=["risk"],
    opt={"scope": SCOPE, "problems": _PROBLEMS},
    sync_to_thread=True,
)
def report(parts: PartsHere, principal: PrincipalHere, account_id: Account = None) -> RiskReport:
    """Exposure with pending orders counted, losses, halts that stand, value at risk and expected shortfall."""
    desk = _desk(parts, readable_account(parts.service, principal, account_id))
    with parts.service.store.reader() as reader:
        return risk_report(desk, reader)


@get(
    f"{PATH}/var",
    operation_id="value_at_risk",
    summary="Value at risk against what happened",
    tags=["risk"],
    opt={"scope": SCOPE, "problems": _PROBLEMS},
    sync_to_thread=True,
)
def value_at_risk(parts: PartsHere, principal: PrincipalHere, account_id: Account = None) -> RiskBacktest:
    """Each method, told at every close of the book held then and held against what the account made next.

    With Kupiec's and Christoffersen's tests, the Basel zone, and each breach.
    """
    desk = _desk(parts, readable_account(parts.service, principal, account_id))
    with parts.service.store.reader() as reader:
        return risk_backtest(desk, reader)


@get(
    f"{PATH}/limits",
    operation_id="risk_limits",
    summary="Limits and how far they are used up",
    tags=["risk"],
    opt={"scope": SCOPE, "problems": _PROBLEMS},
    sync_to_thread=True,
)
def limits(parts: PartsHere, principal: PrincipalHere, account_id: Account = None) -> LimitsView:
    """Every limit of the policy that runs; where the account stands is null for what only an order has."""
    account = readable_account(parts.service, principal, account_id)
    with parts.service.store.reader() as reader:
        return LimitsView(account, risk_limits(_desk(parts, account), reader))


@get(
    f"{PATH}/throttles",
    operation_id="throttles",
    summary="How the throttle stands",
    tags=["risk"],
    opt={"scope": SCOPE, "problems": _PROBLEMS},
    sync_to_thread=True,
)
def throttles(service: ServiceHere, principal: PrincipalHere, account_id: Account = None) -> ThrottlesView:
    """Whether automated execution is disabled, and each time that it was or was let go on, newest first."""
    return _throttles(service, readable_account(service, principal, account_id), has_changed=False)


@post(
    f"{PATH}/throttles/release",
    operation_id="release_throttle",
    summary="Let automation go on",
    tags=["risk"],
    opt={
        "scope": OPERATE,
        "body": ReleaseBody,
        "problems": ("bad-request", "invalid", "self-approval", "unknown-account", "read-only-log"),
    },
    status_code=200,
)
async def release_throttle(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere
) -> ThrottlesView:
    """Automated execution may go on: the log keeps who said so and why.

    The token must name a person, and where the terms of risk say so, another than the one whose order tripped it.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _release_decoder)
    service.require_writable()
    account = readable_account(service, principal, asked.account_id)
    four_eyes = service.risk_terms.release_needs_second_person
    release = ThrottleRelease(account, principal.name, asked.reason, service.clock(), four_eyes)
    has_changed = await to_thread(throttle_released, service.store, release)
    return await to_thread(partial(_throttles, service, account, has_changed=has_changed))


@post(
    f"{PATH}/breaches",
    operation_id="record_breaches",
    summary="Record breaches of value at risk",
    tags=["risk"],
    opt={"scope": OPERATE, "body": BreachesBody, "problems": ("not-found", "unknown-account", "read-only-log")},
    status_code=200,
)
async def record_breaches(request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere) -> BreachesView:
    """Open an incident for each breach that has none yet. Asked for twice, each is opened once."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _breaches_decoder)
    account = readable_account(parts.service, principal, asked.account_id)
    return await to_thread(_recorded, parts, account, principal)


def _recorded(parts: Parts, account: str, principal: Principal) -> BreachesView:
    models, desk = serving_desk(parts.service), _desk(parts, account)
    with parts.service.store.reader() as reader:
        found = risk_backtest(desk, reader)
    opened, n_known = recorded_breaches(desk, models, found, principal.name)
    return BreachesView(account, n_known, tuple(breach_view(each) for each in opened))


def _throttles(service: Service, account: str, *, has_changed: bool) -> ThrottlesView:
    with service.store.reader() as reader:
        state, uses = throttle_state(reader, account), throttle_uses(reader, account)
    is_disabled = state is not None and state.automation_is_disabled
    return ThrottlesView(account, is_disabled, has_changed, tuple(use_view(use) for use in uses[:MAX_USES]))


def _desk(parts: Parts, account: str) -> RiskDesk:
    policy = parts.service.generations.current.generation.policy
    return RiskDesk(parts.service.lake, policy, parts.service.risk_terms, account)


ROUTER = Router("/", route_handlers=[report, value_at_risk, limits, throttles, release_throttle, record_breaches])
