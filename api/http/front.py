"""The front: listens where clients come, and answers plain requests of the fast lane without a detour.

An order that comes in the plainest form (`api.http.wire`) is answered here, in the thread of the event loop. Anything
else makes a tunnel of its connection: from then on its bytes go to granian, unread, and granian's come back. Every
tunnel has a connection of its own to granian, so that nothing of one client can become part of another's request.

Why: granian hands each request over between three threads, each of which has to take the interpreter from the writer;
that costs more processor time than all else that an order needs ([ADR 0012](docs/adr/0012-front.md)).
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, cast

from api.http.edge import Call, Edge
from api.http.trace_context import HEADER, trace_context
from api.http.wire import PlainRequest, PlainRequests, Unread, answer_bytes, header_lines

SWEEP_S = 5.0
"""After one or two of these, a request that is not whole goes to granian, which knows how long it may take."""
MAX_UNREAD_BYTES = 65_536


class Front:
    """A listening socket and its connections.

    Args:
        edge: answers requests of the fast lane.
        behind: the Unix socket at which granian listens.
        max_body_bytes: the longest body of a plain request.
    """

    def __init__(self, edge: Edge, behind: Path, max_body_bytes: int) -> None:
        self.edge = edge
        self.behind = behind
        self.always = header_lines(edge.always)
        self.requests = PlainRequests(list(edge.fast), max_body_bytes)
        self.connections: set[Connection] = set()
        self.is_closing = False
        self._server: asyncio.Server | None = None
        self._sweep: asyncio.TimerHandle | None = None

    async def open(self, host: str, port: int, backlog: int) -> None:
        """Listen, beside other workers that do at the same port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            partial(Connection, self, loop), host, port, backlog=backlog, reuse_port=True
        )
        self._sweep = loop.call_later(SWEEP_S, self._swept, loop)

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        sockets = () if self._server is None else self._server.sockets
        return int(sockets[0].getsockname()[1]) if sockets else 0

    def drain(self) -> None:
        """Take no more connections, and end those on which nothing is under way; tunnels are granian's to end."""
        self.is_closing = True
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.drain()

    async def close(self) -> None:
        """Drain, and wait until what was begun is answered."""
        self.drain()
        if self._sweep is not None:
            self._sweep.cancel()
        under_way = [connection.task for connection in self.connections if connection.task and connection.is_busy]
        if under_way:
            await asyncio.wait(under_way)
        for connection in list(self.connections):
            connection.end()

    def _swept(self, loop: asyncio.AbstractEventLoop) -> None:
        for connection in list(self.connections):
            connection.look()
        self._sweep = loop.call_later(SWEEP_S, self._swept, loop)


class Connection(asyncio.Protocol):
    """A client's connection: read request by request, until it becomes a tunnel.

    Attributes:
        is_busy: whether a request is being answered.
        task: what answers it.
        transport: the connection itself.
    """

    def __init__(self, front: Front, loop: asyncio.AbstractEventLoop) -> None:
        self.is_busy = False
        self.task: asyncio.Task[None] | None = None
        self._front = front
        self._loop = loop
        self._received = b""
        self._has_waited = False
        self._has_room = True
        self._behind: _Behind | None = None
        self.transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self.transport = cast("asyncio.Transport", transport)
        self._front.connections.add(self)
        if self._front.is_closing:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """The client went; what it ordered is decided all the same."""
        self._front.connections.discard(self)
        if self._behind is not None:
            self._behind.end()

    def pause_writing(self) -> None:
        """The client reads slower than it asks."""
        self._has_room = False
        if self._behind is not None:
            self._behind.hold(is_held=True)

    def resume_writing(self) -> None:
        """It has caught up."""
        self._has_room = True
        if self._behind is not None:
            self._behind.hold(is_held=False)
        else:
            self._next()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, or of what is tunnelled."""
        if self._behind is not None:
            self._behind.send(data)
            return
        self._received = self._received + data if self._received else data
        if not self.is_busy and self._has_room:
            self._next()
        if len(self._received) > MAX_UNREAD_BYTES and self._behind is None:
            self.transport.pause_reading()

    def drain(self) -> None:
        """End, unless something is under way: then after its answer."""
        if not self.is_busy and self._behind is None:
            self.transport.close()

    def end(self) -> None:
        """End now."""
        self.transport.close()

    def look(self) -> None:
        """Let granian see to a request that has not been whole for a while."""
        if not self._received or self.is_busy or self._behind is not None or not self._has_room:
            self._has_waited = False
        elif self._has_waited:
            self._tunnel()
        else:
            self._has_waited = True

    def _next(self) -> None:
        """Begin the next request, if there is one."""
        if not self._received or self.is_busy or self.transport.is_closing():
            return
        found = self._front.requests.first(self._received)
        if found is Unread.BEYOND:
            self._tunnel()
        elif isinstance(found, PlainRequest):
            self._received = self._received[found.n_bytes :]
            self._has_waited = False
            self.is_busy = True
            self.task = self._loop.create_task(self._answered(found))

    async def _answered(self, request: PlainRequest) -> None:
        trace = trace_context(request.headers.get(HEADER))
        call = Call(request.headers, _nothing_more, trace, content=request.body)
        try:
            reply = await self._front.edge.answered(request.place, call)
        finally:
            self.is_busy = False
        is_last = self._front.is_closing
        if reply is not None and not self.transport.is_closing():
            self.transport.write(answer_bytes(reply, self._front.always, is_last=is_last))
        if is_last:
            self.transport.close()
            return
        if self._received:
            self.transport.resume_reading()
            if self._has_room:
                self._next()

    def _tunnel(self) -> None:
        self._behind = _Behind(self)
        self._behind.send(self._received)
        self._received = b""
        self.task = self._loop.create_task(self._behind.open(self._front.behind))


async def _nothing_more() -> Any:  # noqa: ANN401  # a message of any kind
    """What is left to receive of a request that was read whole."""
    return {"type": "http.disconnect"}


class _Behind(asyncio.Protocol):
    """The other end of a tunnel: a connection to granian."""

    def __init__(self, client: Connection) -> None:
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._unsent = b""
        self._is_over = False

    async def open(self, behind: Path) -> None:
        """Connect, or end the client's connection when nobody is there."""
        loop = asyncio.get_running_loop()
        try:
            await loop.create_unix_connection(lambda: self, str(behind))
        except OSError:
            self._client.end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Granian is there."""
        self._transport = cast("asyncio.Transport", transport)
        if self._is_over:
            self._transport.close()
            return
        self._transport.write(self._unsent)
        self._unsent = b""
        self._client.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Pass on what granian says."""
        self._client.transport.write(data)

    def connection_lost(self, _error: Exception | None) -> None:
        """Granian is done with the client."""
        self._client.end()

    def pause_writing(self) -> None:
        """Granian reads slower than the client sends."""
        self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._client.transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Pass on what the client says; until granian is there, hold it and hear no more."""
        if self._transport is not None:
            self._transport.write(data)
            return
        self._unsent += data
        self._client.transport.pause_reading()

    def hold(self, *, is_held: bool) -> None:
        """Hear granian only as fast as the client does."""
        if self._transport is None or self._transport.is_closing():
            return
        if is_held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def end(self) -> None:
        """The client went."""
        self._is_over = True
        if self._transport is not None:
            self._transport.close()
