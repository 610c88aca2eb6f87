"""From the writer's thread to the event loop: the outcomes of a whole batch cross over together.

`asyncio.wrap_future` wakes the loop once for each future, a system call and two context switches for each order.
Here the first outcome of a batch wakes it, and those that follow before it has looked travel along.
"""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

_T = TypeVar("_T")


class Deliveries:
    """Awaits futures of other threads on one event loop; made on that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._is_awake = False

    def awaited(self, future: Future[_T]) -> asyncio.Future[_T]:
        """The outcome of a future, to be awaited on this loop. Giving up on it does not stop what it stands for."""
        waiting: asyncio.Future[_T] = self._loop.create_future()
        future.add_done_callback(partial(self._arrived, waiting))
        return waiting

    def _arrived(self, waiting: asyncio.Future[_T], future: Future[_T]) -> None:
        self._done.append((waiting, future))
        if not self._is_awake:
            self._is_awake = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        # Cleared first: what arrives from here on wakes the loop again, so nothing is left lying.
        self._is_awake = False
        while self._done:
            waiting, future = self._done.popleft()
            if waiting.done():
                continue
            error = future.exception()
            if error is None:
                waiting.set_result(future.result())
            else:
                waiting.set_exception(error)
