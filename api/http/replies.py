"""An answer as bytes, and the way to a client that took it from the framework's fast lane."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from litestar.types import Send

from api.http.problems import MEDIA_TYPE, Problem

JSON = b"application/json"
Headers = list[tuple[bytes, bytes]]


class Reply(msgspec.Struct, frozen=True):
    """A whole answer.

    Attributes:
        status: the HTTP status.
        body: its bytes.
        headers: its headers, names in lower case; content-length is added on the way.
    """

    status: int
    body: bytes
    headers: Headers = msgspec.field(default_factory=lambda: [(b"content-type", JSON)])

    async def sent(self, send: Send, more: Headers | None = None) -> None:
        """Send it, with more headers than its own."""
        headers = [*self.headers, *(more or ()), (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def problem_reply(problem: Problem, instance: str, trace_id: str) -> Reply:
    """The answer that tells a client what went wrong."""
    headers = [(b"content-type", MEDIA_TYPE.encode()), *encoded(problem.headers)]
    return Reply(problem.kind.status, problem.content(instance, trace_id), headers)


def encoded(headers: Mapping[str, str]) -> Headers:
    """Headers as they go on the wire."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def status_phrase(status: int) -> str:
    """What HTTP calls a status."""
    return HTTPStatus(status).phrase
