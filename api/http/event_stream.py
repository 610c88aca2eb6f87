"""Server-sent events with bounded memory: nothing is made before the client took what came before it.

The server awaits each send, so a client that reads slowly slows only its own stream; one that takes nothing for long
is cut off, and resumes with `Last-Event-ID`. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar.response import Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/event-stream"
SEND_TIMEOUT_S = 10.0
RETRY_MS = 1000


def bounded_sends(app: ASGIApp) -> ASGIApp:
    """A middleware that gives up on a client which does not read what it asked for: to the stream it has gone away."""

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        is_cut = asyncio.Event()

        async def sent(message: Message) -> None:
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await send(message)
            except TimeoutError:
                is_cut.set()
                await asyncio.Event().wait()  # until the stream is told that the client is gone

        async def received() -> Any:  # noqa: ANN401  # a message of any kind
            told, cut = asyncio.ensure_future(_message(receive)), asyncio.ensure_future(is_cut.wait())
            try:
                await asyncio.wait({told, cut}, return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if cut.done() else told.result()
            finally:
                told.cancel()
                cut.cancel()

        await app(scope, received, sent)

    return bounded


async def _message(receive: Receive) -> Any:  # noqa: ANN401  # a message of any kind
    return await receive()


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
