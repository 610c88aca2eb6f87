"""Query parameters that no route reads are refused: a misspelt filter must not be answered as if it had been heard."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from api.http.access import PUBLIC
from api.http.problems import refused_fields

STATE = "queries"
_SHOWN = 40
_MAX_NAMED = 16


def known_queries(app: Litestar) -> Mapping[tuple[str, str], frozenset[str]]:
    """The query parameters that each method of each path template reads, those of its dependencies included."""
    return {
        (route.path_format, method): frozenset(each.field_alias for each in read.expected_query_params)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (_, read) in route.route_handler_map.items()
    }


def require_known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raises RequestError that names each query parameter which the route does not read; probes may carry any."""
    text = connection.scope["query_string"]
    if not text or handler.opt.get("scope") == PUBLIC or connection.scope.get("method") == "OPTIONS":
        return
    place = (connection.scope.get("path_template", ""), str(connection.scope.get("method")))
    known = connection.app.state[STATE].get(place, frozenset())
    given = dict.fromkeys(name for name, _ in parse_qsl(text.decode("latin-1"), keep_blank_values=True))
    unknown = [(f"query {name[:_SHOWN]}", _mend(name, known)) for name in given if name not in known]
    if unknown:
        raise refused_fields(unknown[:_MAX_NAMED])


def _mend(name: str, known: frozenset[str]) -> str:
    if not known:
        return "is not read; this path takes no query parameters, leave it out"
    near = get_close_matches(name[:_SHOWN], known, 1)
    return f"is not read; did you mean {near[0]}?" if near else f"is not read; name one of {', '.join(sorted(known))}"
