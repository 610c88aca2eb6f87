"""The HTTP application: routes, conventions and the edge around them.

To add routes, write a module in `api.http.routes` with a `ROUTER`, and name it in `ROUTERS` below. All its paths belong
to one domain (`api.http.domains`), which can be served alone. Its handlers

- say which scope they need: `opt={"scope": "audit:read"}`, or `opt={"scope": PUBLIC}` (`api.http.access`);
- take what they need as arguments: `service: ServiceHere`, `principal: PrincipalHere` (`api.http.parts`);
- raise AssayError with a reason from the catalogue (`api.http.problem_kinds`), which becomes a problem detail;
- are plain functions with `sync_to_thread=True` when they read the log, so that they hold nobody up;
- have an `operation_id`, and return a msgspec struct, which documents itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.exceptions import HTTPException, ValidationException
from litestar.routes import HTTPRoute

from api.http.access import require_declared
from api.http.edge import Edge
from api.http.faults import unforeseen
from api.http.headers import require_single
from api.http.openapi import document
from api.http.parts import Parts, dependencies
from api.http.problems import MAX_BODY_BYTES, MEDIA_TYPE, Problem, problem, problem_of_status, refused_fields
from api.http.queries import STATE, known_queries, require_known
from api.http.routes import (
    account,
    alerts,
    analysis,
    attribution,
    backtests,
    bundles,
    catalog,
    console,
    decisions,
    docs,
    events,
    events_data,
    evidence,
    evidence_packs,
    execution,
    explain,
    forecasts,
    fundamentals,
    health,
    incidents,
    jobs,
    journal,
    keys,
    latency,
    log,
    market,
    market_data,
    metrics,
    models,
    operations,
    orders,
    policy,
    policy_editing,
    policy_impacts,
    policy_proofs,
    policy_stages,
    portfolio,
    problems,
    reconciliations,
    risk,
    scenarios,
    sentiment,
    significance,
    slo,
    sources,
    venue_rules,
    why_not,
)
from nodes.vocabulary.errors import AssayError

ROUTERS = (
    account.ROUTER,
    alerts.ROUTER,
    analysis.ROUTER,
    attribution.ROUTER,
    attribution.STRATEGY,
    backtests.ROUTER,
    bundles.ROUTER,
    catalog.ROUTER,
    console.ROUTER,
    decisions.ROUTER,
    docs.ROUTER,
    events.ROUTER,
    events_data.ROUTER,
    events_data.STREAMS,
    evidence.ROUTER,
    evidence_packs.ROUTER,
    execution.ROUTER,
    latency.ROUTER,
    explain.ROUTER,
    forecasts.ROUTER,
    fundamentals.ROUTER,
    health.ROUTER,
    incidents.ROUTER,
    jobs.ROUTER,
    jobs.STREAMS,
    journal.ROUTER,
    keys.ROUTER,
    log.ROUTER,
    market.ROUTER,
    market_data.ROUTER,
    metrics.ROUTER,
    models.ROUTER,
    operations.ROUTER,
    orders.ROUTER,
    policy.ROUTER,
    policy_editing.ROUTER,
    policy_impacts.ROUTER,
    policy_impacts.STREAMS,
    policy_proofs.ROUTER,
    policy_stages.ROUTER,
    portfolio.ROUTER,
    problems.ROUTER,
    reconciliations.ROUTER,
    risk.ROUTER,
    scenarios.ROUTER,
    sentiment.ROUTER,
    significance.ROUTER,
    slo.ROUTER,
    sources.ROUTER,
    venue_rules.ROUTER,
    why_not.ROUTER,
)


def app(parts: Parts, routers: Sequence[Router] = ROUTERS) -> Litestar:
    """The application over a service, with some routers or all."""
    application = Litestar(
        route_handlers=list(routers),
        guards=[require_single, parts.access.guard, require_known],
        dependencies=dependencies(parts),
        exception_handlers={AssayError: _ours, HTTPException: _frameworks, Exception: _unforeseen},
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )
    require_declared(application)
    application.state[STATE] = known_queries(application)
    application.state["telemetry"] = parts.telemetry
    application.state["document"] = lru_cache(maxsize=1)(partial(document, routers))
    fast = {("POST", orders.PATH): orders.Execution(parts)} if orders.ROUTER in routers else {}
    has_tls = parts.settings.has_tls or parts.settings.behind_tls_proxy
    edge = Edge(application.asgi_handler, fast, parts.telemetry, _methods(application), has_tls=has_tls)
    application.asgi_handler = edge
    application.state["edge"] = edge
    return application


def _methods(application: Litestar) -> dict[str, str]:
    """The methods of each path, by template."""
    routes = [route for route in application.routes if isinstance(route, HTTPRoute)]
    return {route.path_format: _allowed(route.methods) for route in routes}


def _allowed(methods: Iterable[str]) -> str:
    """What an Allow header says: HEAD wherever GET, which the edge answers alike."""
    named = set(methods)
    return ", ".join(sorted(named | {"HEAD"} if "GET" in named else named))


def _ours(request: Request[Any, Any, Any], error: AssayError) -> Response[bytes]:
    return _response(request, problem(error))


def _frameworks(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """An error of Litestar's in our form; one about parameters names each of them."""
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        return _response(request, problem(refused_fields([_field(each) for each in error.extra])))
    asked = f"{request.method} {request.scope['path']}"
    headers = {
        name: _allowed(value.split(", ")) if name.lower() == "allow" else value
        for name, value in (error.headers or {}).items()
    }
    return _response(request, problem_of_status(error.status_code, error.detail, headers, asked))


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return _response(request, unforeseen(error, request.scope["path"], request.scope["state"]["trace"]))


def _field(said: Mapping[str, Any]) -> tuple[str, str]:
    source = said.get("source", "request")
    where = getattr(source, "value", source)
    return f"{where} {said.get('key', '')}".strip(), str(said.get("message", "is wrong"))


def _response(request: Request[Any, Any, Any], found: Problem) -> Response[bytes]:
    request.app.state["telemetry"].refused(found.kind.slug, found.kind.status)
    content = found.content(request.scope["path"], request.scope["state"]["trace"].trace_id)
    return Response(content, status_code=found.kind.status, headers=dict(found.headers), media_type=MEDIA_TYPE)
