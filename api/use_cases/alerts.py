"""Alerts about what is in the lake, as somebody hears them: the newest ones, or those that he has not handled yet.

Whoever ingests raises the alerts himself, right after each batch. Whoever listens looks too, since the process that
ingested may have died in between, and since some facts are stored before they count as known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.lake.facts.store import FactStore
from adapters.lake.views.alerts import pumped
from adapters.sql.alerts import AlertBox, RaisedAlert

_BATCH = 500
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class AlertDesk:
    """Where alerts come from and go.

    Attributes:
        store: the lake.
        box: its alerts.
        clock: now, in UTC.
    """

    store: FactStore
    box: AlertBox
    clock: Callable[[], datetime]

    def look(self) -> int:
        """Raises the alerts of what was ingested or became known since the last time. Returns how many were new."""
        return pumped(self.store, self.box, self.clock())


@dataclass(frozen=True, slots=True)
class Hearing:
    """How somebody listens.

    Attributes:
        subscriber: the name that his place is kept under; None keeps none.
        count: how many of the newest alerts he hears first, without a place.
        follows: whether he waits for more.
    """

    subscriber: str | None = None
    count: int = 20
    follows: bool = False


def heard_alerts(desk: AlertDesk, hearing: Hearing) -> Iterator[RaisedAlert]:
    """Alerts in their order. A subscriber's place moves on when the next one is asked for: each at least once."""
    desk.look()
    if hearing.subscriber is None:
        yield from _newest(desk, hearing)
    else:
        yield from _unhandled(desk, hearing.subscriber, follows=hearing.follows)


def _newest(desk: AlertDesk, hearing: Hearing) -> Iterator[RaisedAlert]:
    place = 0
    for alert in desk.box.newest(hearing.count):
        place = alert.sequence
        yield alert
    while hearing.follows:
        for alert in desk.box.awaited_after(place, _BATCH, _LOOK_S):
            place = alert.sequence
            yield alert
        desk.look()


def _unhandled(desk: AlertDesk, subscriber: str, *, follows: bool) -> Iterator[RaisedAlert]:
    while True:
        found = desk.box.awaited(subscriber, _BATCH, _LOOK_S if follows else 0.0)
        for alert in found:
            yield alert
            desk.box.handled(subscriber, alert.sequence)
        if not found and not follows:
            return
        desk.look()
