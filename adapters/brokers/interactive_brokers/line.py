"""The line to TWS or the IB gateway, by ib_async: an event loop in a thread of its own, connected anew when it must be.

What the library keeps in mind of a connection ends with it: every question asks the gateway itself.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import TimeoutError as LateError
from typing import Any, TypeVar

from adapters.brokers.extra import broker_library
from nodes.vocabulary.errors import EdgeError

EXTRA = "ib"
TIMEOUT_S = 4.0
_LOGGERS = ("ib_async.client", "ib_async.wrapper", "ib_async.ib")
_T = TypeVar("_T")


class Line:
    """A connection as one client.

    Args:
        address: host:port of the gateway.
        client_id: the client's number: orders belong to it, so it stays the same.
        changed: called when an order or an execution changes.
    """

    def __init__(self, address: str, client_id: int, changed: Callable[[], None]) -> None:
        self._library = broker_library("ib_async", EXTRA)
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what it meets is raised here, and told by the circuit
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            message = f"ASSAY_BROKER_ADDRESS={address!r} is no host:port; name the gateway, e.g. 127.0.0.1:4002"
            raise EdgeError(message)
        self._place = (host, int(port), client_id)
        self._changed = changed
        self._client: Any = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="IB gateway", daemon=True)
        self._thread.start()

    def asked(self, work: Callable[[Any], Awaitable[_T]]) -> _T:
        """What a coroutine over the connected client returns. Raises EdgeError when the gateway does not answer."""
        try:
            return self._run(self._asked(work))
        except (LateError, TimeoutError, OSError) as error:
            self._run(self._dropped())
            message = f"the IB gateway at {self._place[0]}:{self._place[1]} does not answer: {type(error).__name__}"
            raise EdgeError(f"{message}; start it and let it take API clients", reason="unavailable") from error

    def close(self) -> None:
        """Disconnect and end the thread."""
        self._run(self._dropped())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(3 * TIMEOUT_S)

    async def _asked(self, work: Callable[[Any], Awaitable[_T]]) -> _T:
        if self._client is None or not self._client.isConnected():
            await self._connected()
        return await asyncio.wait_for(work(self._client), TIMEOUT_S)

    async def _connected(self) -> None:
        host, port, client_id = self._place
        client = self._library.IB()
        nothing = self._library.StartupFetch(0)
        await client.connectAsync(host, port, client_id, TIMEOUT_S, fetchFields=nothing)
        await asyncio.wait_for(client.reqOpenOrdersAsync(), TIMEOUT_S)  # binds what this client placed before
        for event in (client.orderStatusEvent, client.execDetailsEvent, client.commissionReportEvent):
            event.connect(lambda *_: self._changed())
        client.disconnectedEvent.connect(self._changed)
        self._client = client

    async def _dropped(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client = None
            await asyncio.sleep(0)
