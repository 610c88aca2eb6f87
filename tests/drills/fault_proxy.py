"""A TCP proxy of our own that does to connections what networks do: the faults of the drills (MON-04).

It stands between us and an upstream. A fault is set and healed while connections are open; what is done to those, and
to new ones, says the fault. Time until a fault takes hold is that of one turn of an event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Coroutine
from enum import Enum
from pathlib import Path
from typing import Any, Self

_CHUNK = 65_536
_LATENCY_S = 0.05
_SLOW_CLOSE_S = 30.0
_NO_LINGER = struct.pack("ii", 1, 0)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Fault(Enum):
    """What is done to connections."""

    NONE = "none"
    LATENCY = "latency"
    """Every chunk comes late."""
    CUT = "cut"
    """Those that are open are reset; so is every new one, as by a port that nobody listens at."""
    HALF_OPEN = "half-open"
    """They stay open and nothing comes through, as when a machine is gone or a firewall forgot; a heal resets them."""
    SLOW_CLOSE = "slow-close"
    """The upstream has ended its side, and we hear of it much later."""
    CORRUPTION = "corruption"
    """One bit of every chunk from the upstream is turned."""


class FaultProxy:
    """A proxy at a port of the loopback interface.

    Args:
        host: of the upstream, or the path of its Unix socket.
        port: of the upstream; None for a Unix socket.
    """

    def __init__(self, host: str | Path, port: int | None = None) -> None:
        self._host, self._upstream_port = host, port
        self._fault = Fault.NONE
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._healed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.n_connections = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._thread.start()
        self._server = self._done(asyncio.start_server(self._met, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_error: object) -> None:
        self._done(self._ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def fault(self) -> Fault:
        """What is done to connections now."""
        return self._fault

    def set(self, fault: Fault) -> None:
        """Do this from now on, until it is healed."""
        self._done(self._changed(fault))

    def heal(self) -> None:
        """Do nothing any more."""
        self._done(self._changed(Fault.NONE))

    def _done(self, work: Coroutine[Any, Any, Any]) -> Any:  # of any coroutine
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _changed(self, fault: Fault) -> None:
        was, self._fault = self._fault, fault
        if fault is Fault.CUT or was in {Fault.HALF_OPEN, Fault.SLOW_CLOSE}:
            self._reset()
        if fault is Fault.NONE:
            self._healed.set()
            self._healed = asyncio.Event()

    def _reset(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _ended(self) -> None:
        self._server.close()
        self._fault = Fault.CUT
        self._reset()
        self._healed.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_connections += 1
        if self._fault is Fault.CUT:
            _reset(writer)
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._joined(reader, writer)
        self._writers.discard(writer)
        writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._fault is Fault.HALF_OPEN:
            await self._healed.wait()
            return
        far_reader, far_writer = await self._opened()
        self._writers.add(far_writer)
        try:
            await asyncio.gather(
                self._pumped(reader, far_writer, is_answer=False), self._pumped(far_reader, writer, is_answer=True)
            )
        finally:
            self._writers.discard(far_writer)
            far_writer.transport.abort()

    def _opened(self) -> Awaitable[Streams]:
        if self._upstream_port is None:
            return asyncio.open_unix_connection(str(self._host))
        return asyncio.open_connection(str(self._host), self._upstream_port)

    async def _pumped(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while chunk := await source.read(_CHUNK):
            if self._fault is Fault.HALF_OPEN:
                await self._healed.wait()
                return
            if self._fault is Fault.LATENCY:
                await asyncio.sleep(_LATENCY_S)
            if self._fault is Fault.CORRUPTION and is_answer:
                chunk = _turned(chunk)  # what goes on is what was made of it
            sink.write(chunk)
            await sink.drain()
        if self._fault is Fault.SLOW_CLOSE:
            await asyncio.sleep(_SLOW_CLOSE_S)
        if sink.can_write_eof():
            sink.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by a reset, where an ordinary end would be an orderly one."""
    connection = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0 and connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


def _turned(chunk: bytes) -> bytes:
    """A chunk with one bit in its middle turned."""
    middle = len(chunk) // 2
    return chunk[:middle] + bytes([chunk[middle] ^ 0x01]) + chunk[middle + 1 :]
