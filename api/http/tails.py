"""Who follows the log in this process, and how they learn that it grew.

Commits of this process are told by its writer; those of other workers are found by looking at the head a few times a
second, once for all followers together and only while there are some. Each follower reads the log from its own place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TypeVar

import msgspec
from litestar import Litestar

from api.http.event_stream import beginning, end, event, heartbeat
from api.http.schemas.log import entry_view
from api.use_cases.service import Service
from api.use_cases.tailing import Stretch, stretch_after
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError

POLL_S = 0.25
HEARTBEAT_S = 15.0
MAX_FOLLOWERS = 64
N_READERS = 2
BATCH = 64
_LULL_S = 0.02
_T = TypeVar("_T")


class Tails:
    """The followers of a log in this process; made on the event loop.

    Args:
        service: whose log is followed.
        heartbeat_s: after how long a silence a follower hears that the server is there.
    """

    def __init__(self, service: Service, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._service = service
        self._heartbeat_s = heartbeat_s
        self._loop = asyncio.get_running_loop()
        self._readers = ThreadPoolExecutor(N_READERS, thread_name_prefix="follower")
        self._grew = asyncio.Event()
        self._is_told = False
        self._is_closed = False
        self._size = self._said = 0
        self._n_followers = 0
        self._polling: asyncio.Task[None] | None = None
        self._unlisten: Callable[[], None] = _nothing

    @property
    def n_followers(self) -> int:
        """How many follow the log now."""
        return self._n_followers

    def require_room(self) -> None:
        """Raises EdgeError when nobody more can follow."""
        if self._is_closed:
            message = f"log {self._service.store.origin!r} is about to close here; follow it at another server"
            raise EdgeError(message, reason="draining")
        if self._n_followers >= MAX_FOLLOWERS:
            raise EdgeError(f"{MAX_FOLLOWERS} followers are all this process serves; try later", reason="queue-full")

    async def size(self) -> int:
        """How many entries the log has."""
        return await self._in_thread(partial(_size, self._service))

    async def events(self, place: int, kinds: Collection[str] = ()) -> AsyncIterator[bytes]:
        """What follows a place in the log, for as long as the client and the server stay."""
        with self._following():
            is_full = self._n_followers > MAX_FOLLOWERS  # many came at once, before any of them was counted
            yield beginning()
            if is_full:
                yield end("queue-full")
                return
            while not self._is_closed:
                found = await self._in_thread(partial(_stretch, self._service, place, kinds))
                place = found.place
                if found.records:
                    yield b"".join(_event(record) for record in found.records)
                if found.is_end and not await self._grew_beyond(place):
                    yield heartbeat(place)
            yield end("draining")

    def close(self) -> None:
        """End every stream after what it is about to send. For the event loop's thread."""
        self._is_closed = True
        self._wake()

    async def _grew_beyond(self, place: int) -> bool:
        """Wait until the log holds more, or for as long as a heartbeat; whether it holds more."""
        await asyncio.sleep(_LULL_S)  # a burst of commits is one stretch
        deadline = self._loop.time() + self._heartbeat_s
        while self._size <= place + 1 and not self._is_closed:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._grew.wait()
            except TimeoutError:
                return False
        return True

    @contextmanager
    def _following(self) -> Iterator[None]:
        if self._n_followers == 0:
            self._unlisten = self._service.writer.on_commit(self._told)
            self._polling = self._loop.create_task(self._poll())
        self._n_followers += 1
        try:
            yield
        finally:
            self._n_followers -= 1
            if self._n_followers == 0 and self._polling is not None:
                self._unlisten()
                self._polling.cancel()

    async def _poll(self) -> None:
        while True:
            self._saw(await self.size())
            await asyncio.sleep(POLL_S)

    def _told(self, size: int) -> None:
        """The writer's thread says that it committed; many commits cross to the loop as one."""
        self._said = size
        if not self._is_told:
            self._is_told = True
            self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._is_told = False
        self._saw(self._said)

    def _saw(self, size: int) -> None:
        if size > self._size:
            self._size = size
            self._wake()

    def _wake(self) -> None:
        self._grew.set()
        self._grew = asyncio.Event()

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await self._loop.run_in_executor(self._readers, work)


def _nothing() -> None:
    """What ends listening that never began."""


def _size(service: Service) -> int:
    with service.store.reader() as reader:
        return reader.head().size


def _stretch(service: Service, place: int, kinds: Collection[str]) -> Stretch:
    with service.store.reader() as reader:
        return stretch_after(reader, place, BATCH, kinds)


@lru_cache(maxsize=1024)  # followers read the same entries, one shortly after the other
def _event(record: Record) -> bytes:
    return event(record.kind, msgspec.json.encode(entry_view(record)), record.sequence)


def tails_of(app: Litestar, service: Service) -> Tails:
    """The followers of an application, made when the first comes. For the event loop's thread only."""
    if "tails" not in app.state:
        app.state["tails"] = Tails(service)
    tails: Tails = app.state["tails"]
    return tails


def close_tails(app: Litestar) -> None:
    """End every stream of an application, so that its server can drain. For the event loop's thread only."""
    for name in ("tails", "alert_tails", "job_tails"):
        if name in app.state:
            app.state[name].close()
