"""The outermost layer: what every request and every answer has, whatever route they take.

A request gets its trace context; an answer gets the headers that every answer has. Requests for a route of the fast
lane go straight to it: Litestar's own way costs about 100 us of CPU a request, more than everything else that an order
needs. Such a route is declared to Litestar as well, which documents it and answers for it in the same words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from adapters.telemetry.telemetry import Telemetry
from api.http.bodies import ClientGoneError
from api.http.faults import unforeseen
from api.http.limits import limit_headers
from api.http.linger import LingeringBody
from api.http.problems import problem
from api.http.replies import Headers, Reply, problem_reply
from api.http.trace_context import HEADER, TraceContext, trace_context
from nodes.vocabulary.errors import AssayError

_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_UNLESS_SET: Headers = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class Call(msgspec.Struct, frozen=True):
    """One request in the fast lane.

    Attributes:
        headers: its headers, names in lower case.
        receive: its body.
        trace: where it belongs.
        told: headers that its answer has, whatever becomes of it.
        content: its body, where that is known by now, and no longer than any route of the fast lane allows.
    """

    headers: Mapping[bytes, bytes]
    receive: Receive
    trace: TraceContext
    told: Headers = msgspec.field(default_factory=list)
    content: bytes | None = None


FastRoute = Callable[[Call], Awaitable[Reply]]


class Edge:
    """An ASGI application around another.

    Args:
        app: the application.
        fast: routes of the fast lane by method and path.
        telemetry: counts every answer.
        methods: what the Allow header says for each path, by template.
        has_tls: whether clients come over TLS, so that they may be told to insist on it.

    Attributes:
        always: headers of every answer of the fast lane.
    """

    def __init__(
        self,
        app: ASGIApp,
        fast: Mapping[tuple[str, str], FastRoute],
        telemetry: Telemetry,
        methods: Mapping[str, str],
        *,
        has_tls: bool,
    ) -> None:
        self._app = app
        self._methods = methods
        self._telemetry = telemetry
        self._fast = fast
        hsts = [(b"strict-transport-security", b"max-age=31536000")] if has_tls else []
        self._always = [*_ALWAYS, *hsts]
        self.always: Headers = [*self._always, *_UNLESS_SET]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            await self._http({**scope, "method": "GET"}, _gone, _headers_only(send))
        elif scope["type"] == ScopeType.HTTP:
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        given = tuple(scope["headers"])
        headers = dict(given)
        trace = trace_context(headers.get(HEADER))
        body = LingeringBody(receive, headers)
        # The fast lane reads no query, and a header once: what has more is judged for it on the ordinary way.
        is_plain = not scope["query_string"] and len(headers) == len(given)
        fast = self._fast.get((scope["method"], scope["path"])) if is_plain else None
        if fast is not None:
            reply = await self.answered((scope["method"], scope["path"]), Call(headers, body.receive, trace))
            if reply is not None:
                await body.read_out()
                await reply.sent(send, self.always)
            return
        scope["state"]["trace"] = trace

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.read_out()
                self._telemetry.requested(scope.get("path_template") or "none", scope["method"], message["status"])
                allowance = scope["state"].get("allowance")
                limits = [] if allowance is None else limit_headers(allowance)
                message["headers"] = [*message["headers"], *limits, *self._added(message["headers"], trace)]
                if scope["method"] == HttpMethod.OPTIONS:
                    message["headers"] = self._with_methods(message["headers"], scope.get("path_template", ""))
            await send(message)

        await self._app(scope, body.receive, sent)

    @property
    def fast(self) -> Mapping[tuple[str, str], FastRoute]:
        """The routes of the fast lane by method and path."""
        return self._fast

    async def answered(self, place: tuple[str, str], call: Call) -> Reply | None:
        """The answer of a route of the fast lane, without what is `always` told; None when nobody is left to hear."""
        method, path = place
        try:
            reply = await self._fast[place](call)
        except ClientGoneError:
            return None
        except AssayError as error:
            found = problem(error)
            self._telemetry.refused(found.kind.slug, found.kind.status)
            reply = problem_reply(found, path, call.trace.trace_id)
        except Exception as error:  # noqa: BLE001  # the edge of the server, as `api.cli.edge` is that of the commands
            found = unforeseen(error, path, call.trace)
            self._telemetry.refused(found.kind.slug, found.kind.status)
            reply = problem_reply(found, path, call.trace.trace_id)
        self._telemetry.requested(path, method, reply.status)
        reply.headers.extend(call.told)
        reply.headers.append((HEADER, call.trace.text.encode()))
        return reply

    def _with_methods(self, headers: Iterable[tuple[bytes, bytes]], template: str) -> Headers:
        """Headers that name every method of a path: Litestar names those of the handler that it was told of first."""
        if template not in self._methods:
            return list(headers)
        rest = [each for each in headers if each[0].lower() != b"allow"]
        return [*rest, (b"allow", self._methods[template].encode())]

    def _added(self, headers: Iterable[tuple[bytes, bytes]], trace: TraceContext) -> Headers:
        given = {name.lower() for name, _ in headers}
        unset = [each for each in _UNLESS_SET if each[0] not in given]
        return [*self._always, *unset, (HEADER, trace.text.encode())]


async def _gone() -> Any:  # noqa: ANN401  # a message of any kind
    """What a request without a body, whose client waits for none, has to receive: it ends streams at once."""
    return {"type": "http.disconnect"}


def _headers_only(send: Send) -> Send:
    """Sends the head of an answer: that of HEAD is the one of GET without its body (RFC 9110 section 9.3.2)."""
    has_ended = False

    async def sent(message: Message) -> None:
        nonlocal has_ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not has_ended:
            has_ended = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return sent
