"""Server-sent events with bounded memory: nothing is made before the client took what came before it.

The server awaits each send, so a client that reads slowly slows only its own stream; one that takes nothing for long
is cut off, and resumes with `Last-Event-ID`. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/event-stream"
SEND_TIMEOUT_S = 10.0
RETRY_MS = 1000


class SlowClientError(Exception):
    """A client took nothing for so long that its stream is cut off."""


def bounded_sends(app: ASGIApp) -> ASGIApp:
    """A middleware that gives up on a client which does not read what it asked for."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await send(message)
            except TimeoutError as error:
                raise SlowClientError from error

        try:
            await app(scope, receive, sent)
        except* SlowClientError:
            pass  # the connection ends here; the client resumes when it is ready to read

    return bounded


class EventStream(Stream):
    """Events as an answer; its route is under `bounded_sends`.

    Args:
        events: encoded events, see `event`.
    """

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, media_type=MEDIA_TYPE, headers=headers)


def event(kind: str, data: bytes, event_id: int | None = None) -> bytes:
    """One event. The data are one line, as JSON is."""
    head = b"" if event_id is None else b"id: %d\n" % event_id
    return head + b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"


def heartbeat(event_id: int) -> bytes:
    """A comment that keeps the connection alive; the id lets a client resume where nothing was for it to be told."""
    return b": heartbeat\nid: %d\n\n" % event_id


def beginning() -> bytes:
    """What a stream begins with: how soon to come back when it breaks."""
    return b"retry: %d\n: follows the log; resume with Last-Event-ID\n\n" % RETRY_MS


def end(reason: str) -> bytes:
    """The last event of a stream that the server ends."""
    return event("end", b'{"reason":"%s"}' % reason.encode())
