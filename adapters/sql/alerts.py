"""The alert box: alerts that were raised, kept in SQLite until each subscriber has said that it handled them.

Raising is idempotent: an alert is known by the id of the event it is about, so the same event twice is one alert.
Delivery is at least once: a subscriber asks for what lies behind its place, handles it, and only then moves its place
on. Whoever dies in between gets the same alerts again. What a source has read from the lake moves on in the same
transaction that keeps its alerts, so that nothing between ingestion and alert is lost either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Select, Table, Text, func, select

from adapters.sql.dialect import insert_or_keep, insert_or_replace
from adapters.sql.sql_file import SqlFile
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_ns, instant_ns

_METADATA = MetaData()
_ALERTS = Table(
    "alerts",
    _METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("event_at_ns", BigInteger, nullable=False),
    Column("known_at_ns", BigInteger, nullable=False),
    Column("raised_at_ns", BigInteger, nullable=False),
)
_PLACES = Table(
    "alert_places", _METADATA, Column("subscriber", Text, primary_key=True), Column("sequence", Integer, nullable=False)
)
_READ = Table(
    "alert_sources", _METADATA, Column("source", Text, primary_key=True), Column("sequence", BigInteger, nullable=False)
)
_POLL_S = 0.05


@dataclass(frozen=True)
class Alert:
    """Something that happened.

    Attributes:
        event_id: digest of what it is about: the same event has the same id, however often it is ingested.
        kind: what kind of event, e.g. results-filed.
        symbol: which share it is about; "" for none.
        title: one line for a reader.
        detail: the facts, as text.
        event_at: when it was or will be true.
        known_at: when it was known.
    """

    event_id: str
    kind: str
    symbol: str
    title: str
    detail: str
    event_at: datetime
    known_at: datetime


@dataclass(frozen=True)
class RaisedAlert:
    """An alert in the box.

    Attributes:
        sequence: its place; later alerts have higher ones.
        alert: the alert.
        raised_at: when it was put there.
    """

    sequence: int
    alert: Alert
    raised_at: datetime


class AlertBox(SqlFile):
    """Alerts of one installation, in a file of their own."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        super().__init__(path, _METADATA)
        self._clock = clock
        self._raised = threading.Condition()

    def raised(self, alerts: Sequence[Alert], source: str, read_to: int) -> int:
        """Keep alerts that are new, and how far their source has been read, durably and at once.

        Args:
            alerts: alerts, oldest first.
            source: name of the table that they come from.
            read_to: sequence of its last fact that was looked at.

        Returns:
            How many of the alerts were new.
        """
        raised_at_ns = instant_ns(self._clock())
        with self._writing() as connection:
            before = _count(connection)
            if alerts:
                connection.execute(insert_or_keep(connection.dialect, _ALERTS), [_row(a, raised_at_ns) for a in alerts])
            row = {"source": source, "sequence": read_to}
            connection.execute(insert_or_replace(connection.dialect, _READ), row)
            n_new = _count(connection) - before
        with self._raised:
            self._raised.notify_all()
        return n_new

    def read_to(self, source: str) -> int:
        """The sequence of a source's last fact that was looked at; -1 before the first."""
        with self._reading() as connection:
            found = connection.execute(select(_READ.c.sequence).where(_READ.c.source == source)).scalar()
        return -1 if found is None else int(found)

    def pending(self, subscriber: str, count: int) -> tuple[RaisedAlert, ...]:
        """The oldest alerts that a subscriber has not handled, at most `count`."""
        with self._reading() as connection:
            place = connection.execute(select(_PLACES.c.sequence).where(_PLACES.c.subscriber == subscriber)).scalar()
            return _after(connection, place or 0, count)

    def after(self, sequence: int, count: int) -> tuple[RaisedAlert, ...]:
        """The oldest alerts behind a place, at most `count`: for readers that keep their place themselves."""
        with self._reading() as connection:
            return _after(connection, sequence, count)

    def newest(self, count: int) -> tuple[RaisedAlert, ...]:
        """The newest alerts, at most `count`, the oldest of them first."""
        with self._reading() as connection:
            found = _told(connection, select(_ALERTS).order_by(_ALERTS.c.sequence.desc()).limit(count))
        return tuple(reversed(found))

    def awaited(self, subscriber: str, count: int, timeout_s: float) -> tuple[RaisedAlert, ...]:
        """What is pending, waiting for the first alert up to `timeout_s`; empty when none came.

        Alerts raised in this process wake the waiter; those of other processes are found by looking every 50 ms.
        """
        return self._awaited(lambda: self.pending(subscriber, count), timeout_s)

    def awaited_after(self, sequence: int, count: int, timeout_s: float) -> tuple[RaisedAlert, ...]:
        """As `awaited`, for readers that keep their place themselves."""
        return self._awaited(lambda: self.after(sequence, count), timeout_s)

    def _awaited(self, look: Callable[[], tuple[RaisedAlert, ...]], timeout_s: float) -> tuple[RaisedAlert, ...]:
        ends_at = time.monotonic() + timeout_s
        while True:
            found = look()
            left_s = ends_at - time.monotonic()
            if found or left_s <= 0.0:
                return found
            with self._raised:
                self._raised.wait(min(_POLL_S, left_s))

    def handled(self, subscriber: str, sequence: int) -> None:
        """Move a subscriber's place on: everything up to `sequence` is handled. A place never moves back.

        Raises:
            DataError: no alert has a sequence that high.
        """
        with self._writing() as connection:
            last = connection.execute(select(func.max(_ALERTS.c.sequence))).scalar() or 0
            if sequence > last:
                message = f"subscriber {subscriber!r} handled alert {sequence}, but the last is {last}"
                raise DataError(f"{message}; say the sequence of an alert that was delivered")
            place = connection.execute(select(_PLACES.c.sequence).where(_PLACES.c.subscriber == subscriber)).scalar()
            row = {"subscriber": subscriber, "sequence": max(sequence, place or 0)}
            connection.execute(insert_or_replace(connection.dialect, _PLACES), row)


def _count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(_ALERTS)).scalar_one())


def _row(alert: Alert, raised_at_ns: int) -> dict[str, str | int]:
    return {
        "event_id": alert.event_id,
        "kind": alert.kind,
        "symbol": alert.symbol,
        "title": alert.title,
        "detail": alert.detail,
        "event_at_ns": instant_ns(alert.event_at),
        "known_at_ns": instant_ns(alert.known_at),
        "raised_at_ns": raised_at_ns,
    }


def _after(connection: Connection, sequence: int, count: int) -> tuple[RaisedAlert, ...]:
    behind = select(_ALERTS).where(_ALERTS.c.sequence > sequence)
    return _told(connection, behind.order_by(_ALERTS.c.sequence).limit(count))


def _told(connection: Connection, query: Select[Any]) -> tuple[RaisedAlert, ...]:
    return tuple(
        RaisedAlert(
            sequence=row.sequence,
            alert=Alert(
                event_id=row.event_id,
                kind=row.kind,
                symbol=row.symbol,
                title=row.title,
                detail=row.detail,
                event_at=instant_from_ns(row.event_at_ns),
                known_at=instant_from_ns(row.known_at_ns),
            ),
            raised_at=instant_from_ns(row.raised_at_ns),
        )
        for row in connection.execute(query)
    )
