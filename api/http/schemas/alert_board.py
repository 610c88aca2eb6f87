"""Armed conditions, alerts and their deliveries in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from adapters.sql.alert_tables import ArmedCondition, BoardAlert, BoardDelivery
from nodes.vocabulary.instants import instant_text

_Words = Annotated[str, msgspec.Meta(max_length=200)]


class ArmBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A condition to hear of once.

    Attributes:
        condition: in the language of the policy's rules, over the same names; /api/v1/alerts/names lists them.
        symbol: of which share; any share of the day plan when it is left out.
        account_id: whose day plan it is asked of; the server's first account when it is left out.
        title: what to call its alert; the condition itself when it is left out.
        severity: page, ticket or note: who is told, and when, by the alert policy.
        expires_at: when it is no longer asked, RFC 3339 in UTC; never when it is left out.
    """

    condition: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, examples=["account_drawdown_frac > 0.1"])]
    symbol: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9.\-]{0,14}$", examples=["AAPL"])] | None = None
    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    severity: Literal["page", "ticket", "note"] = "ticket"
    expires_at: Annotated[str, msgspec.Meta(max_length=40, examples=["2027-01-01T00:00:00Z"])] | None = None


class ArmedView(msgspec.Struct, frozen=True):
    """A condition that was armed.

    Attributes:
        armed_id: its name.
        title: what its alert is called.
        condition: its text.
        account_id: whose day plan it is asked of.
        symbol: of which share; null for any of the plan.
        severity: of its alert.
        principal: who armed it.
        state: armed, fired, disarmed or expired.
        because: why it cannot be asked now; null when it can.
        armed_at: when it was armed.
        changed_at: when anything last happened to it.
        expires_at: when it is no longer asked; null for never.
    """

    armed_id: str
    title: str
    condition: str
    account_id: str
    symbol: str | None
    severity: str
    principal: str
    state: str
    because: str | None
    armed_at: str
    changed_at: str
    expires_at: str | None


class ArmedPage(msgspec.Struct, frozen=True):
    """Armed conditions, the oldest first.

    Attributes:
        conditions: at most as many as were asked for.
        next_cursor: where the next page begins; null on the last.
    """

    conditions: tuple[ArmedView, ...]
    next_cursor: str | None


class BoardAlertView(msgspec.Struct, frozen=True):
    """An alert.

    Attributes:
        alert_id: its name: the same in every delivery.
        source: condition, event or slo.
        kind: of the condition, event or objective.
        severity: page, ticket or note.
        account_id: whom it concerns; null for nobody.
        symbol: which share; null for none.
        title: one line.
        detail: the facts.
        at: when it was true.
        raised_at: when it was raised.
        is_active: whether nobody has taken it on.
        acknowledged_by: who did.
        acknowledged_at: when.
        acknowledged_why: what they said.
    """

    alert_id: str
    source: str
    kind: str
    severity: str
    account_id: str | None
    symbol: str | None
    title: str
    detail: str
    at: str
    raised_at: str
    is_active: bool
    acknowledged_by: str | None
    acknowledged_at: str | None
    acknowledged_why: str | None


class BoardPage(msgspec.Struct, frozen=True):
    """Alerts, newest first.

    Attributes:
        alerts: at most as many as were asked for.
        next_cursor: where the next page begins; null on the last.
    """

    alerts: tuple[BoardAlertView, ...]
    next_cursor: str | None


class AcknowledgeBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An alert is taken on.

    Attributes:
        note: what is being done about it.
    """

    note: _Words = ""


class DeliveryView(msgspec.Struct, frozen=True):
    """An alert on its way through a channel.

    Attributes:
        delivery_id: its number.
        alert_id: the alert.
        channel: name of the channel.
        is_escalation: whether it is only for an alert that nobody takes on.
        state: waiting, delivered, dead (given up) or spared (an escalation that was not needed).
        due_at: when it is tried next, or was tried last.
        n_failed: how many attempts failed.
        because: why the last one did; null when none did.
        changed_at: when anything last happened to it.
    """

    delivery_id: int
    alert_id: str
    channel: str
    is_escalation: bool
    state: str
    due_at: str
    n_failed: int
    because: str | None
    changed_at: str


class DeliveryPage(msgspec.Struct, frozen=True):
    """Deliveries, newest first.

    Attributes:
        deliveries: at most as many as were asked for.
        next_cursor: where the next page begins; null on the last.
    """

    deliveries: tuple[DeliveryView, ...]
    next_cursor: str | None


class NameView(msgspec.Struct, frozen=True):
    """A name that a condition may read.

    Attributes:
        name: as rules write it.
        unit: of its value; names of two units are never compared.
        kind: input, node, parameter, limit or size.
        summary: what it is; null for what the snapshot brings.
    """

    name: str
    unit: str
    kind: str
    summary: str | None


class NamesView(msgspec.Struct, frozen=True):
    """What conditions may read under the policy in force.

    Attributes:
        policy: its family.
        version: its version.
        names: in alphabetical order.
    """

    policy: str
    version: int
    names: tuple[NameView, ...]


def armed_view(found: ArmedCondition) -> ArmedView:
    """A condition, for clients."""
    return ArmedView(
        armed_id=found.armed_id,
        title=found.title,
        condition=found.condition,
        account_id=found.account_id,
        symbol=found.symbol or None,
        severity=found.severity,
        principal=found.principal,
        state=found.state.value,
        because=found.because or None,
        armed_at=instant_text(found.armed_at),
        changed_at=instant_text(found.changed_at),
        expires_at=None if found.expires_at is None else instant_text(found.expires_at),
    )


def board_alert_view(found: BoardAlert) -> BoardAlertView:
    """An alert, for clients."""
    notice = found.notice
    return BoardAlertView(
        alert_id=notice.alert_id,
        source=notice.source,
        kind=notice.kind,
        severity=notice.severity,
        account_id=notice.account_id or None,
        symbol=notice.symbol or None,
        title=notice.title,
        detail=notice.detail,
        at=instant_text(notice.at),
        raised_at=instant_text(found.raised_at),
        is_active=found.acknowledged_at is None,
        acknowledged_by=found.acknowledged_by,
        acknowledged_at=None if found.acknowledged_at is None else instant_text(found.acknowledged_at),
        acknowledged_why=found.acknowledged_why or None,
    )


def delivery_view(found: BoardDelivery) -> DeliveryView:
    """A delivery, for clients."""
    return DeliveryView(
        delivery_id=found.delivery_id,
        alert_id=found.alert_id,
        channel=found.channel,
        is_escalation=found.is_escalation,
        state=found.state.value,
        due_at=instant_text(found.due_at),
        n_failed=found.n_failed,
        because=found.because or None,
        changed_at=instant_text(found.changed_at),
    )
