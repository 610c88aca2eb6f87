"""A copy of a server's home, shown by a server in this process: for harm that no other test may meet.

It shows what a person looks at who was given the files of a log: it only reads, and sends nothing.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from adapters.log_folder import log_folder_to_read
from api.bootstrap import http_parts, open_service_to_read
from api.http.app import app
from governance.entries import Entry
from tests.api.http.serving import paper_settings
from tests.api.server_process import Reached, free_port

RATE = "24/minute"
"""Enough for a few pages of one person, and gone at once for who asks without end."""
START_S = 20.0


class Copy:
    """The files of a log, to be harmed while nobody serves them.

    Args:
        home: what they are copied from, while it is served.
        to: the folder of the copy.
    """

    def __init__(self, home: Path, to: Path) -> None:
        self.home = to
        to.mkdir()
        for name in ("key", "key.pub", "token-keys"):
            shutil.copy(home / name, to / name)
        with closing(sqlite3.connect(home / "log.db")) as source, closing(sqlite3.connect(to / "log.db")) as target:
            source.backup(target)

    def entry(self, decision: str) -> Entry:
        """The entry of a decision."""
        with log_folder_to_read(self.home).store.reader() as reader:
            return next(iter(reader.history(bytes.fromhex(decision)))).entry

    def drop(self, ref: bytes) -> None:
        """Lose a body of the archive."""
        self._changed("DELETE FROM bodies WHERE ref = ?", ref)

    def rewrite(self, decision: str, old: bytes, new: bytes) -> None:
        """Write other bytes into the entry of a decision."""
        with closing(sqlite3.connect(self.home / "log.db")) as log, log:
            ((sequence, content),) = log.execute(
                "SELECT sequence, data FROM entries WHERE decision_id = ? ORDER BY sequence LIMIT 1",
                (bytes.fromhex(decision),),
            )
            assert old in content
            log.execute("UPDATE entries SET data = ? WHERE sequence = ?", (content.replace(old, new, 1), sequence))

    def _changed(self, statement: str, *values: bytes) -> None:
        with closing(sqlite3.connect(self.home / "log.db")) as log, log:
            assert log.execute(statement, values).rowcount == 1


@contextmanager
def shown(copy: Copy) -> Iterator[Reached]:
    """A server of a copy, for reading only."""
    settings = paper_settings(copy.home, rate_limit=RATE)
    with open_service_to_read(settings) as service:
        application = app(http_parts(service, settings))
        port = free_port()
        with _serving(application, port):
            yield _awaited(Reached(settings, port))


def _awaited(reached: Reached) -> Reached:
    """The server, once it answers."""
    end_s = time.monotonic() + START_S
    while not reached.is_alive():
        assert time.monotonic() < end_s, "the server of the copy does not answer"
        time.sleep(0.02)
    return reached


@contextmanager
def _serving(application: Litestar, port: int) -> Iterator[None]:
    """An application at a port of this machine, on an event loop of its own."""
    loop = asyncio.new_event_loop()

    def made() -> Server:
        return Server(application, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)

    async def serve() -> None:
        servers.append(made())
        await servers[0].serve()

    servers: list[Server] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="copy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(servers[0].stop)
        thread.join(10)
        loop.close()
