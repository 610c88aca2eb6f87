"""The tables of the alert board and what their rows say: conditions that are armed, alerts, and their deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Row, Table, Text, UniqueConstraint

from nodes.vocabulary.instants import instant_from_ns

METADATA = MetaData()
ARMED = Table(
    "armed_conditions",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("armed_id", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("condition", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("armed_at_ns", BigInteger, nullable=False),
    Column("changed_at_ns", BigInteger, nullable=False),
    Column("expires_at_ns", BigInteger),
    Index("ix_armed_conditions_state", "state", "sequence"),
)
ALERTS = Table(
    "alerts",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("alert_id", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("raised_at_ns", BigInteger, nullable=False),
    Column("acknowledged_by", Text),
    Column("acknowledged_at_ns", BigInteger),
    Column("acknowledged_why", Text, nullable=False),
    Index("ix_alerts_open", "acknowledged_at_ns", "sequence"),
)
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("is_escalation", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at_ns", BigInteger, nullable=False),
    Column("leased_to_ns", BigInteger, nullable=False),
    Column("owner", Text),
    Column("n_failed", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Column("changed_at_ns", BigInteger, nullable=False),
    UniqueConstraint("alert_id", "channel"),
    Index("ix_deliveries_due", "channel", "state", "due_at_ns"),
)


class ArmedState(Enum):
    """How a condition stands: a fired one never fires again; whoever wants to hear of it again arms another."""

    ARMED = "armed"
    FIRED = "fired"
    DISARMED = "disarmed"
    EXPIRED = "expired"


class DeliveryState(Enum):
    """How a delivery stands.

    One that is waiting is due now or later; a dead one failed too often and waits for a person; a spared one was an
    escalation of an alert that somebody acknowledged in time.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    SPARED = "spared"


@dataclass(frozen=True)
class ArmedCondition:
    """A condition that somebody armed.

    Attributes:
        armed_id: its name.
        title: what it is about, in the words of who armed it.
        condition: its text.
        account_id: whose day plan it is asked of.
        symbol: of which share; "" for any of the plan.
        severity: of its alert.
        principal: who armed it.
        state: how it stands.
        because: why it cannot be asked now; "" when it can.
        armed_at: when it was armed.
        changed_at: when anything last happened to it.
        expires_at: when it is no longer asked; None for never.
    """

    armed_id: str
    title: str
    condition: str
    account_id: str
    symbol: str
    severity: str
    principal: str
    state: ArmedState
    because: str
    armed_at: datetime
    changed_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class RaisedNotice:
    """An alert as it is raised.

    Attributes:
        alert_id: digest of what it is about: the same thing raised twice is one alert.
        source: condition, event or slo.
        kind: of the condition, event or objective.
        severity: page, ticket or note.
        account_id: whom it concerns; "" for nobody.
        symbol: which share; "" for none.
        title: one line.
        detail: the facts, as text.
        at: when it was true.
    """

    alert_id: str
    source: str
    kind: str
    severity: str
    account_id: str
    symbol: str
    title: str
    detail: str
    at: datetime


@dataclass(frozen=True)
class BoardAlert:
    """An alert on the board.

    Attributes:
        sequence: its place; later ones have higher ones.
        notice: what was raised.
        raised_at: when.
        acknowledged_by: who took it on; None while it is active.
        acknowledged_at: when; None likewise.
        acknowledged_why: what they said.
    """

    sequence: int
    notice: RaisedNotice
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    acknowledged_why: str


@dataclass(frozen=True)
class Telling:
    """Whom an alert is to be told, and from when on."""

    channel: str
    due_at: datetime
    is_escalation: bool = False


@dataclass(frozen=True)
class BoardDelivery:
    """An alert on its way through a channel.

    Attributes:
        delivery_id: its number.
        alert_id: the alert.
        channel: name of the channel.
        is_escalation: whether it is only for an alert that nobody acknowledged.
        state: how it stands.
        due_at: when it is tried next, or was tried last.
        n_failed: how many attempts failed.
        because: why the last one did; "" when none did.
        changed_at: when anything last happened to it.
    """

    delivery_id: int
    alert_id: str
    channel: str
    is_escalation: bool
    state: DeliveryState
    due_at: datetime
    n_failed: int
    because: str
    changed_at: datetime


def armed_of(row: Row[Any]) -> ArmedCondition:
    """The condition of a row."""
    return ArmedCondition(
        armed_id=row.armed_id,
        title=row.title,
        condition=row.condition,
        account_id=row.account_id,
        symbol=row.symbol,
        severity=row.severity,
        principal=row.principal,
        state=ArmedState(row.state),
        because=row.because,
        armed_at=instant_from_ns(row.armed_at_ns),
        changed_at=instant_from_ns(row.changed_at_ns),
        expires_at=None if row.expires_at_ns is None else instant_from_ns(row.expires_at_ns),
    )


def alert_of(row: Row[Any]) -> BoardAlert:
    """The alert of a row."""
    notice = RaisedNotice(
        alert_id=row.alert_id,
        source=row.source,
        kind=row.kind,
        severity=row.severity,
        account_id=row.account_id,
        symbol=row.symbol,
        title=row.title,
        detail=row.detail,
        at=instant_from_ns(row.at_ns),
    )
    return BoardAlert(
        sequence=row.sequence,
        notice=notice,
        raised_at=instant_from_ns(row.raised_at_ns),
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=None if row.acknowledged_at_ns is None else instant_from_ns(row.acknowledged_at_ns),
        acknowledged_why=row.acknowledged_why,
    )


def delivery_of(row: Row[Any]) -> BoardDelivery:
    """The delivery of a row."""
    return BoardDelivery(
        delivery_id=row.sequence,
        alert_id=row.alert_id,
        channel=row.channel,
        is_escalation=bool(row.is_escalation),
        state=DeliveryState(row.state),
        due_at=instant_from_ns(row.due_at_ns),
        n_failed=row.n_failed,
        because=row.because,
        changed_at=instant_from_ns(row.changed_at_ns),
    )
