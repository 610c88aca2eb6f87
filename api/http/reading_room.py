"""What the reading routes share: a few views of the log at a time, checkpoints on demand, children for archived code.

Reading must not slow the writer, so everything here is bounded: so many views at once, so many child processes, and a
checkpoint on demand once a second at most. Who comes when all are taken waits a little and is then asked to come back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from adapters.archived_code import COUNTERFACTUALS, REPLAYS, ChildProcess
from api.http.parts import ServiceHere
from api.use_cases.service import Service
from governance.ports import LogReader
from governance.replay import ArchivedCode
from nodes.vocabulary.errors import EdgeError

N_VIEWS = 4
N_CHILDREN = 1
PATIENCE_S = 5.0
MIN_SIGNING_INTERVAL_S = 1.0


class BoundedCode:
    """Archived code, run by so many child processes at once.

    Args:
        code: runs it.
        slots: one for each child process.
    """

    def __init__(self, code: ArchivedCode, slots: threading.BoundedSemaphore) -> None:
        self._code = code
        self._slots = slots

    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        """What the archived code answers. Raises EdgeError when all children are busy for long."""
        with _taken(self._slots, "replays of archived code"):
            return self._code.answer(sources, job)


class ReadingRoom:
    """What the reading routes of one application share.

    Args:
        service: whose log is read.
        monotonic_s: a clock that only goes forward.
    """

    def __init__(self, service: Service, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self.service = service
        children = threading.BoundedSemaphore(N_CHILDREN)
        self.replays: ArchivedCode = BoundedCode(ChildProcess(REPLAYS), children)
        self.counterfactuals: ArchivedCode = BoundedCode(ChildProcess(COUNTERFACTUALS), children)
        self._proving = threading.BoundedSemaphore(N_CHILDREN)
        self._views = threading.BoundedSemaphore(N_VIEWS)
        self._signing = threading.Lock()
        self._signed_at_s = -MIN_SIGNING_INTERVAL_S
        self._monotonic_s = monotonic_s

    @contextmanager
    def view(self) -> Iterator[LogReader]:
        """One consistent view of the log. Raises EdgeError when too many are open for long."""
        with _taken(self._views, "readers of the log"), self.service.store.reader() as reader:
            yield reader

    @contextmanager
    def proving(self) -> Iterator[None]:
        """A place to prove something in. Raises EdgeError when all are taken for long."""
        with _taken(self._proving, "proofs about policies"):
            yield

    def sign(self, sequence: int) -> None:
        """Have a checkpoint cover an entry, if the service can sign and none was signed a moment ago."""
        checkpoint = self.service.checkpoint
        if checkpoint is None:
            return
        with self.view() as reader:
            newest = reader.newest_checkpoint()
        if newest is not None and newest.size > sequence:
            return
        with self._signing:
            if self._monotonic_s() - self._signed_at_s < MIN_SIGNING_INTERVAL_S:
                return
            self._signed_at_s = self._monotonic_s()
        checkpoint()


@contextmanager
def _taken(slots: threading.BoundedSemaphore, what: str) -> Iterator[None]:
    if not slots.acquire(timeout=PATIENCE_S):
        raise EdgeError(
            f"no room for more {what} within {PATIENCE_S:.0f} s; come back in a moment", reason="queue-full"
        )
    try:
        yield
    finally:
        slots.release()


RoomHere = NamedDependency[SkipValidation[ReadingRoom]]
"""The reading room: `room: RoomHere`, where the router provides `room_of`."""


def room_of(request: Request[Any, Any, Any], service: ServiceHere) -> ReadingRoom:
    """The reading room of an application, made when it is first asked for. For the event loop's thread only."""
    state = request.app.state
    if "reading_room" not in state:
        state["reading_room"] = ReadingRoom(service)
    room: ReadingRoom = state["reading_room"]
    return room
