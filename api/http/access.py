"""Who may come in: every route names the scope that it needs, or says that it is public; there is no third way.

A route says so in its options, `opt={"scope": "plan:read"}` or `opt={"scope": PUBLIC}`; `require_declared` refuses to
start a server with one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from adapters.rate_limits import Allowance, Buckets
from api.http.limits import require_allowed
from api.http.tokens import SCOPES, Principal, Tokens, missing_token, refused_token
from nodes.vocabulary.errors import PlanError

PUBLIC = "public"
_BEARER = b"bearer "


class Access:
    """Lets requests in by their tokens, and no more of them than their principal may make.

    Args:
        tokens: verifies them.
        buckets: how much of its rate each principal has left.
    """

    def __init__(self, tokens: Tokens, buckets: Buckets) -> None:
        self._tokens = tokens
        self._buckets = buckets

    def admission(self, authorization: bytes | None, scope: str) -> tuple[Principal, Allowance]:
        """Who comes in, and what is left of their rate. Raises RequestError for whoever does not."""
        principal = self.principal(authorization)
        allowance = self._buckets.hit(principal.name)
        require_allowed(principal.name, allowance)
        principal.require_scope(scope)
        return principal, allowance

    def principal(self, authorization: bytes | None) -> Principal:
        """Who a request's Authorization header names. Raises RequestError when it names nobody."""
        if authorization is None:
            raise missing_token()
        if authorization[:7].lower() != _BEARER:
            raise refused_token("the Authorization header is not of the scheme Bearer")
        return self._tokens.principal(authorization[7:].strip())

    def guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Raises RequestError when the route needs a scope that the request's token has not."""
        needed = handler.opt.get("scope")
        if needed == PUBLIC or connection.scope.get("method") == "OPTIONS":
            return
        headers: Mapping[bytes, bytes] = dict(connection.scope["headers"])
        principal, allowance = self.admission(headers.get(b"authorization"), str(needed))
        connection.scope["user"] = principal
        connection.scope["state"]["allowance"] = allowance


def require_declared(app: Litestar) -> None:
    """Raises PlanError that names every route which does not say who may use it."""
    handlers = {
        (route.path, method, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS"
    }
    open_ones = [
        f"{method} {path} names the scope {handler.opt.get('scope')!r}; name one of {', '.join(SCOPES)} or {PUBLIC!r}"
        for path, method, handler in handlers
        if handler.opt.get("scope") not in {PUBLIC, *SCOPES}
    ]
    if open_ones:
        raise PlanError(*sorted(open_ones))
