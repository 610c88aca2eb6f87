"""Whether the server is alive."""

from __future__ import annotations

from litestar import Router, get

from api.http.access import PUBLIC


@get("/livez", opt={"scope": PUBLIC}, operation_id="livez", sync_to_thread=False, tags=["health"], summary="Alive")
def livez() -> dict[str, str]:
    """Whether this process answers; says nothing about what it depends on."""
    return {"status": "alive"}


ROUTER = Router("/", route_handlers=[livez])
