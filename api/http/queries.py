"""Query parameters that no route reads are refused: a filter that was not heard must not be answered as if it were."""

from __future__ import annotations

from collections import Counter
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


def known_queries(app: Litestar) -> Mapping[tuple[str, str], Mapping[str, bool]]:
    """The query parameters that each method of each path template reads, and whether each may come again."""
    return {
        (route.path_format, method): {each.field_alias: each.is_sequence for each in read.expected_query_params}
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (_, read) in route.route_handler_map.items()
    }


def require_known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raises RequestError that names each query parameter which the route does not read, or reads once and got twice.

    Probes may carry any.
    """
    text = connection.scope["query_string"]
    if not text or handler.opt.get("scope") == PUBLIC or connection.scope.get("method") == "OPTIONS":
        return
    place = (connection.scope.get("path_template", ""), str(connection.scope.get("method")))
    known = connection.app.state[STATE].get(place, {})
    given = Counter(name for name, _ in parse_qsl(text.decode("latin-1"), keep_blank_values=True))
    wrong = [(f"query {name[:_SHOWN]}", what) for name, count in given.items() if (what := _wrong(name, count, known))]
    if wrong:
        raise refused_fields(wrong[:_MAX_NAMED])


def _wrong(name: str, count: int, known: Mapping[str, bool]) -> str:
    """What is wrong with a parameter, and the mend; "" when nothing is."""
    if name in known:
        return "" if count == 1 or known[name] else "is given more than once; give it once"
    if not known:
        return "is not read; this path takes no query parameters, leave it out"
    near = get_close_matches(name[:_SHOWN], known, 1)
    return f"is not read; did you mean {near[0]}?" if near else f"is not read; name one of {', '.join(sorted(known))}"
