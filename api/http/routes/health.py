"""Probes: whether the process is alive, whether it can take orders, and how everything is that it depends on.

They are open, as probes have no tokens, and say nothing of accounts, orders or people.
"""

from __future__ import annotations

import msgspec
from litestar import Response, Router, get

from api.http.access import PUBLIC
from api.http.parts import PartsHere
from api.use_cases.health import Check, State, worst

_UNAVAILABLE = 503
_PROBE = {"scope": PUBLIC, "also": ("503",)}
_SOON = {"retry-after": "1", "cache-control": "no-store"}


class CheckView(msgspec.Struct, frozen=True):
    """How one thing is that the server depends on.

    Attributes:
        name: what was looked at.
        status: ok, degraded or down.
        detail: what was found, and the mend.
    """

    name: str
    status: str
    detail: str


class HealthView(msgspec.Struct, frozen=True):
    """How the server is.

    Attributes:
        status: ok, degraded or down; a server with something down takes no orders.
        checks: one for each thing that it depends on.
    """

    status: str
    checks: tuple[CheckView, ...]


class ReadyView(msgspec.Struct, frozen=True):
    """Whether the server can take orders.

    Attributes:
        status: ready or not ready.
        down: names of what is down; /health tells more.
        is_read_only: whether it shows a log that it never writes to: it takes no orders, ready or not.
    """

    status: str
    down: tuple[str, ...]
    is_read_only: bool


@get("/livez", opt={"scope": PUBLIC}, operation_id="livez", sync_to_thread=False, tags=["health"], summary="Alive")
def livez() -> dict[str, str]:
    """Whether this process answers; says nothing about what it depends on."""
    return {"status": "alive"}


@get("/readyz", opt=_PROBE, operation_id="readyz", sync_to_thread=True, tags=["health"], summary="Ready")
def readyz(parts: PartsHere) -> Response[ReadyView]:
    """Whether orders should be sent here: 200, or 503 with what is down."""
    down = tuple(check.name for check in parts.health.checks() if check.state is State.DOWN)
    is_read_only = parts.health.service.is_read_only
    if down:
        return Response(ReadyView("not ready", down, is_read_only), status_code=_UNAVAILABLE, headers=_SOON)
    return Response(ReadyView("ready", (), is_read_only))


@get("/health", opt=_PROBE, operation_id="health", sync_to_thread=True, tags=["health"], summary="Health")
def health(parts: PartsHere) -> Response[HealthView]:
    """How everything is that the server depends on: 200 when it takes orders, also when degraded, else 503."""
    checks = parts.health.checks()
    state = worst(checks)
    view = HealthView(state.value, tuple(map(_view, checks)))
    return Response(view, status_code=_UNAVAILABLE if state is State.DOWN else 200)


def _view(check: Check) -> CheckView:
    return CheckView(check.name, check.state.value, check.detail)


ROUTER = Router("/", route_handlers=[livez, readyz, health])
