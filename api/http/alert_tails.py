"""Who follows alerts in this process: each from its own place, all by one look at the lake every so often.

Whoever ingests may raise alerts himself; a follower looks too, so that an alert comes within a second of its ingestion
even when that was done by another program. A table is read again only when it changed, or after a while, since a fact
may have been stored before it counts as known.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import msgspec
from litestar import Litestar

from adapters.lake.facts.store import FactStore
from adapters.lake.views.alerts import ALERT_RULES, pumped
from adapters.sql.alerts import AlertBox, RaisedAlert
from api.http.event_stream import beginning, end, event, heartbeat
from api.http.schemas.alerts import alert_view
from api.use_cases.data_reading import DataRoom
from nodes.vocabulary.errors import EdgeError

LOOK_S = 0.2
REREAD_S = 5.0
HEARTBEAT_S = 15.0
MAX_FOLLOWERS = 64
BATCH = 64
_TABLES = {rule.domain.name: rule.domain for rule in ALERT_RULES}


class AlertTails:
    """The alerts of a lake in this process.

    Args:
        room: the lake.
        monotonic_s: a clock that only goes forward.
    """

    def __init__(self, room: DataRoom, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._room, self._monotonic_s = room, monotonic_s
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="alerts")
        self._looking = threading.Lock()
        self._looked_at_s = self._read_at_s = -REREAD_S
        self._versions: dict[str, int] = {}
        self._n_followers = 0
        self._is_closed = False

    def looked(self) -> AlertBox:
        """The box, with the alerts of all that was ingested up to a moment ago."""
        with self._room.store() as store:
            box = self._room.alerts()
            with self._looking:
                now_s = self._monotonic_s()
                if now_s - self._looked_at_s >= LOOK_S:
                    self._look(store, box, now_s)
                    self._looked_at_s = self._monotonic_s()
        return box

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._room.clock()

    def last(self) -> int:
        """The sequence of the newest alert; 0 while there is none."""
        newest = self._room.alerts().newest(1)
        return newest[-1].sequence if newest else 0

    def require_room(self) -> None:
        """Raises EdgeError when nobody more can follow."""
        if self._is_closed:
            raise EdgeError("the server is about to stop; follow alerts at another one", reason="draining")
        if self._n_followers >= MAX_FOLLOWERS:
            raise EdgeError(f"{MAX_FOLLOWERS} followers are all this process serves; try later", reason="queue-full")

    async def events(self, place: int) -> AsyncIterator[bytes]:
        """Every alert behind a place, and then each as it is raised, for as long as the client and the server stay."""
        self._n_followers += 1
        try:
            yield beginning()
            quiet_s = 0.0
            while not self._is_closed:
                found = await asyncio.get_running_loop().run_in_executor(self._readers, partial(self._after, place))
                if found:
                    place, quiet_s = found[-1].sequence, 0.0
                    yield b"".join(_event(each) for each in found)
                    continue
                await asyncio.sleep(LOOK_S)
                quiet_s += LOOK_S
                if quiet_s >= HEARTBEAT_S:
                    quiet_s = 0.0
                    yield heartbeat(place)
            yield end("draining")
        finally:
            self._n_followers -= 1

    def close(self) -> None:
        """End every stream after what it is about to send."""
        self._is_closed = True

    def _after(self, place: int) -> tuple[RaisedAlert, ...]:
        return self.looked().after(place, BATCH)

    def _look(self, store: FactStore, box: AlertBox, now_s: float) -> None:
        held = set(store.domains()) & _TABLES.keys()
        versions = {name: store.version(_TABLES[name]).version for name in held}
        is_due = now_s - self._read_at_s >= REREAD_S
        changed = {name for name in held if is_due or versions[name] != self._versions.get(name)}
        if changed:
            rules = tuple(rule for rule in ALERT_RULES if rule.domain.name in changed)
            pumped(store, box, self._room.clock(), rules)
        self._versions = versions
        if is_due:
            self._read_at_s = now_s


def _event(raised: RaisedAlert) -> bytes:
    return event(raised.alert.kind, msgspec.json.encode(alert_view(raised)), raised.sequence)


def alert_tails_of(app: Litestar, room: DataRoom) -> AlertTails:
    """The followers of an application, made when the first comes. For the event loop's thread only."""
    if "alert_tails" not in app.state:
        app.state["alert_tails"] = AlertTails(room)
    tails: AlertTails = app.state["alert_tails"]
    return tails
