"""Boards and channels of this process for the tests of alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.notifiers.messages import DeliveryError, Message
from adapters.sql.alert_board import ALERT_BOARD, AlertBoard
from api.use_cases.telling import Teller
from policies.alerting import shipped_alert_policy


@dataclass
class Ear:
    """A channel that remembers what it was told, and fails as often as it is asked to."""

    failures: int = 0
    heard: list[Message] = field(default_factory=list)

    def send(self, message: Message, patience_s: float) -> None:
        assert patience_s > 0
        if self.failures:
            self.failures -= 1
            raise DeliveryError("nobody listens; come back")
        self.heard.append(message)


def ears() -> dict[str, Ear]:
    """A channel for each name of the shipped policy."""
    return {name: Ear() for name in sorted(shipped_alert_policy().all_channels)}


def told_by(folder: Path, clock: Callable[[], datetime], channels: dict[str, Any]) -> Teller:
    """A teller under the shipped policy, on a board of its own."""
    return Teller(AlertBoard(folder / ALERT_BOARD, clock), shipped_alert_policy(), channels, clock)
