"""Alerts in JSON."""

from __future__ import annotations

from typing import Annotated

import msgspec

from adapters.sql.alerts import RaisedAlert
from nodes.vocabulary.instants import instant_text


class AlertView(msgspec.Struct, frozen=True):
    """Something that happened, told at least once.

    Attributes:
        sequence: its place; also its id in the stream.
        event_id: digest of what it is about: the same event has the same id, however often it was ingested.
        kind: what kind of event.
        symbol: which share it is about; "" for none.
        title: one line.
        detail: the facts, as text.
        event_at: when it was or will be true.
        known_at: when it was known.
        raised_at: when it was raised here.
    """

    sequence: int
    event_id: str
    kind: str
    symbol: str
    title: str
    detail: str
    event_at: str
    known_at: str
    raised_at: str


class AlertPage(msgspec.Struct, frozen=True):
    """Alerts, the oldest first.

    Attributes:
        as_of: those that were raised by this instant.
        alerts: at most as many as were asked for.
        next_after: `after` of the next page; null when there is none yet.
    """

    as_of: str
    alerts: tuple[AlertView, ...]
    next_after: int | None


class SubscriptionBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How far a subscriber has come.

    Attributes:
        handled: sequence of the newest alert that he has dealt with, as all before it.
    """

    handled: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class SubscriptionView(msgspec.Struct, frozen=True):
    """How far a subscriber has come.

    Attributes:
        subscriber: his name.
        handled: what he said; a place never moves back.
    """

    subscriber: str
    handled: int


def alert_view(raised: RaisedAlert) -> AlertView:
    """An alert as it is told."""
    alert = raised.alert
    return AlertView(
        sequence=raised.sequence,
        event_id=alert.event_id,
        kind=alert.kind,
        symbol=alert.symbol,
        title=alert.title,
        detail=alert.detail,
        event_at=instant_text(alert.event_at),
        known_at=instant_text(alert.known_at),
        raised_at=instant_text(raised.raised_at),
    )
