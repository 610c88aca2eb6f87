"""Deadlines of connections to a server that may fall silent: one that is used for too long is cut by us.

The server's own time-outs end what it still works on. They do not help when the server, or the way to it, is gone while
the connection stands: libpq would wait as long as the kernel does, which is hours. A cut wakes whoever waits with an
error of the driver, as a cut by the network would.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

_LOOK_S = 0.1
_IDLE_S = 5.0


class Deadlines:
    """Connections in use, each with the instant at which it is cut."""

    def __init__(self) -> None:
        self._ends_s: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.n_cut = 0

    def begin(self, connection: Any, within_s: float) -> None:  # noqa: ANN401  # psycopg's, without importing it
        """From now on a connection may be used for so long; said again, for so long from then."""
        with self._lock:
            self._ends_s[id(connection)] = (time.monotonic() + within_s, connection)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="deadlines of connections", daemon=True)
                self._thread.start()

    def end(self, connection: Any) -> None:  # noqa: ANN401  # as above
        """It is used no more."""
        with self._lock:
            self._ends_s.pop(id(connection), None)

    def _watch(self) -> None:
        """Cut what is late, and end when nothing was in use for a while."""
        idle_since_s = time.monotonic()
        while True:
            time.sleep(_LOOK_S)
            now_s = time.monotonic()
            with self._lock:
                late = [key for key, (ends_s, _) in self._ends_s.items() if ends_s <= now_s]
                connections = [self._ends_s.pop(key)[1] for key in late]
                if self._ends_s or late:
                    idle_since_s = now_s
                elif now_s - idle_since_s > _IDLE_S:
                    self._thread = None
                    return
            for connection in connections:
                self.n_cut += 1
                _cut(connection)


def _cut(connection: Any) -> None:  # noqa: ANN401  # as above
    """End the connection under the driver's feet; closed by now, it needs no cut."""
    from psycopg import OperationalError  # noqa: PLC0415  # whoever has such a connection has the driver

    with suppress(OSError, AttributeError, OperationalError), _own_socket(connection) as ours:
        ours.shutdown(socket.SHUT_RDWR)


def _own_socket(connection: Any) -> socket.socket:  # noqa: ANN401  # as above
    return socket.socket(fileno=os.dup(connection.pgconn.socket))
