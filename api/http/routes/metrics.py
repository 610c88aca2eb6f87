"""`/metrics`: what Prometheus scrapes.

It is open, like the probes: its labels name verdicts, reasons and routes, never an account, a principal or a symbol.
"""

from __future__ import annotations

from litestar import Response, Router, get

from adapters.telemetry.exposition import CONTENT_TYPE
from api.http.access import PUBLIC
from api.http.parts import PartsHere


@get(
    "/metrics",
    opt={"scope": PUBLIC},
    operation_id="metrics",
    sync_to_thread=True,
    tags=["health"],
    summary="Metrics",
    media_type="application/openmetrics-text",
)
def metrics(parts: PartsHere) -> Response[bytes]:
    """All metrics as OpenMetrics text, at most a second old; those of all workers together."""
    text = parts.telemetry.exposition(parts.service.store, parts.observed)
    return Response(text, headers={"content-type": CONTENT_TYPE})


ROUTER = Router("/", route_handlers=[metrics])
