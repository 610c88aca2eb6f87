"""What a channel is given of an alert, and how it says that it could not deliver it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from adapters.sql.alert_tables import BoardAlert
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text


@dataclass(frozen=True)
class Message:
    """An alert as a channel tells it.

    Attributes:
        alert_id: the alert: the same in every attempt and every channel.
        severity: page, ticket or note.
        title: one line.
        text: the rest, for people.
        content: all of it, for machines.
    """

    alert_id: str
    severity: str
    title: str
    text: str
    content: Mapping[str, Any]

    @property
    def json(self) -> bytes:
        """`content` as JSON."""
        return msgspec.json.encode(self.content)


class DeliveryError(EdgeError):
    """A channel did not take a message; it may take it later. Says nothing secret."""


class Notifier(Protocol):
    """One channel."""

    def send(self, message: Message, patience_s: float) -> None:
        """Deliver a message. Raises DeliveryError when that is not known to have worked within the patience."""
        ...


def message_of(alert: BoardAlert, *, is_escalation: bool = False) -> Message:
    """The message that tells an alert."""
    notice = alert.notice
    content = {
        "type": f"assay.alert.{notice.source}",
        "alert_id": notice.alert_id,
        "kind": notice.kind,
        "severity": notice.severity,
        "account_id": notice.account_id or None,
        "symbol": notice.symbol or None,
        "title": notice.title,
        "detail": notice.detail,
        "at": instant_text(notice.at),
        "raised_at": instant_text(alert.raised_at),
        "is_escalation": is_escalation,
    }
    lines = [notice.detail, f"{notice.source} {notice.kind}, {notice.severity}, at {content['at']}"]
    lines += [f"account {notice.account_id}"] if notice.account_id else []
    lines += ["Nobody has acknowledged it yet."] if is_escalation else []
    lines += [f"Acknowledge: assay alert ack {notice.alert_id}"]
    title = f"[{notice.severity}] {notice.title}"
    return Message(notice.alert_id, notice.severity, title, "\n".join(line for line in lines if line), content)
