"""A board whose clock is set by hand, with conditions and alerts to put on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sql.alert_tables import ArmedCondition, ArmedState, RaisedNotice, Telling

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def armed(name: str = "arm-1", **changes: Any) -> ArmedCondition:
    found = ArmedCondition(
        name, "wide spread", "spread_bps > 1", "paper", "AAPL", "ticket", "ada", ArmedState.ARMED, "", AT, AT, None
    )
    return replace(found, **changes)


def notice(name: str = "alert-1", **changes: Any) -> RaisedNotice:
    found = RaisedNotice(
        name, "condition", "condition", "page", "paper", "AAPL", "wide spread", "spread_bps > 1 holds for AAPL", AT
    )
    return replace(found, **changes)


def telling(channel: str = "desk", after_s: float = 0.0, *, is_escalation: bool = False) -> Telling:
    return Telling(channel, AT + timedelta(seconds=after_s), is_escalation)
