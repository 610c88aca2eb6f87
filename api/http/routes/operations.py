"""The operator's page: how everything is, what was away and for how many seconds, in JSON or HTML."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get

from api.http.parts import PartsHere
from api.http.schemas.operations import OperationsView, operations_view
from api.use_cases.operations import operations

PATH = "/internal"
_HTML = "text/html"
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page's own policy, in its head, names its style by digest; both hold."""


@get(
    PATH,
    opt={"scope": "audit:read"},
    operation_id="operations",
    tags=["health"],
    summary="The operator's page",
    sync_to_thread=True,
)
def page(request: Request[Any, Any, Any], parts: PartsHere) -> Response[OperationsView]:
    """How everything is, what was away, since when and for how many seconds.

    A client that accepts text/html first is given the page, any other JSON.
    """
    found = operations(parts.health, parts.upstreams, parts.data)
    if request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip() == _HTML:
        text: Any = parts.page(found)
        return Response(text, media_type=f"{_HTML}; charset=utf-8", headers={"content-security-policy": _CSP})
    return Response(operations_view(found))


ROUTER = Router("/", route_handlers=[page])
