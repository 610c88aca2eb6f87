"""Who follows jobs in this process: each from its own place, until the job has come to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
from litestar import Litestar

from adapters.sql.job_rows import JobEvent
from adapters.sql.jobs import JobBox
from api.http.event_stream import beginning, end, event, heartbeat
from api.http.schemas.jobs import job_event_view
from nodes.vocabulary.errors import EdgeError

LOOK_S = 0.25
HEARTBEAT_S = 15.0
MAX_FOLLOWERS = 64
BATCH = 64


class JobTails:
    """The followers of jobs in this process.

    Args:
        box: the jobs.
    """

    def __init__(self, box: JobBox) -> None:
        self._box = box
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="job-tails")
        self._n_followers = 0
        self._is_closed = False

    def require_room(self) -> None:
        """Raises EdgeError when nobody more can follow."""
        if self._is_closed:
            raise EdgeError("the server is about to stop; follow the job at another one", reason="draining")
        if self._n_followers >= MAX_FOLLOWERS:
            raise EdgeError(f"{MAX_FOLLOWERS} followers are all this process serves; try later", reason="queue-full")

    async def events(self, job_id: str, place: int) -> AsyncIterator[bytes]:
        """Every change of a job behind a place, until its end; `end` says that nothing more comes."""
        self._n_followers += 1
        try:
            yield beginning()
            quiet_s = 0.0
            while not self._is_closed:
                found = await asyncio.get_running_loop().run_in_executor(
                    self._readers, partial(self._box.events, job_id, place, BATCH)
                )
                if found:
                    place, quiet_s = found[-1].sequence, 0.0
                    yield b"".join(_event(each) for each in found)
                    if found[-1].state.is_final:
                        yield end(found[-1].state.value)
                        return
                    continue
                if quiet_s >= HEARTBEAT_S:
                    quiet_s = 0.0
                    yield heartbeat(place)
                await asyncio.sleep(LOOK_S)
                quiet_s += LOOK_S
            yield end("draining")
        finally:
            self._n_followers -= 1

    def close(self) -> None:
        """End every stream after what it is about to send."""
        self._is_closed = True


def _event(found: JobEvent) -> bytes:
    return event("job", msgspec.json.encode(job_event_view(found)), found.sequence)


def job_tails_of(app: Litestar, box: JobBox) -> JobTails:
    """The followers of an application, made when the first comes. For the event loop's thread only."""
    if "job_tails" not in app.state:
        app.state["job_tails"] = JobTails(box)
    tails: JobTails = app.state["job_tails"]
    return tails
