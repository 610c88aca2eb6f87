"""The documentation of the API: the OpenAPI document and a console to try it in, all from this server.

The console is Swagger UI from the installed package `swagger-ui-bundle`; its pages load nothing from anywhere else, and
their content security policy would not let them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api.http.access import PUBLIC
from api.http.openapi import older

_CACHED = "public, max-age=300"
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS: Mapping[str, str] = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_START = """window.addEventListener("load", () => SwaggerUIBundle({
  url: "/docs/openapi-3.0.json", dom_id: "#console", deepLinking: true, persistAuthorization: false,
  tryItOutEnabled: true, displayRequestDuration: true, docExpansion: "list", validatorUrl: null,
}));
"""
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Assay API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/assets/favicon-32x32.png"><link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script></head>
<body><div id="console"></div><noscript>The console needs JavaScript; the document is /openapi.json.</noscript></body>
</html>
"""


@get("/openapi.json", opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def openapi_json(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The OpenAPI 3.1 document."""
    headers = {"cache-control": _CACHED, "access-control-allow-origin": "*"}
    return Response(request.app.state["document"](), headers=headers, media_type=MediaType.JSON)


@get("/docs/openapi-3.0.json", opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def older_json(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The same in OpenAPI 3.0.3."""
    return Response(older(request.app.state["document"]()), headers={"cache-control": _CACHED})


@get("/docs", opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def console() -> Response[str]:
    """The console."""
    return Response(_PAGE, media_type=MediaType.HTML, headers={"content-security-policy": _CSP})


@get("/docs/assets/{name:str}", opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def asset(name: FromPath[str]) -> Response[bytes]:
    """A file of the console."""
    if name == "start.js":
        return Response(_START.encode(), media_type="text/javascript", headers={"cache-control": _CACHED})
    if name not in _ASSETS:
        raise NotFoundException(f"the console has no file {name[:80]!r}")
    return Response(
        (_bundle() / name).read_bytes(), media_type=_ASSETS[name], headers={"cache-control": "public, max-age=86400"}
    )


def _bundle() -> Traversable:
    """The folder of Swagger UI's newest version in the installed package."""
    vendor = files("swagger_ui_bundle") / "vendor"
    return max((each for each in vendor.iterdir() if each.name.startswith("swagger-ui-")), key=lambda each: each.name)


ROUTER = Router("/", route_handlers=[openapi_json, older_json, console, asset])
