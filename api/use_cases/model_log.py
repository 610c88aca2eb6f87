"""What a log says of a model family: its entries in order, what waits for a second person, who was champion when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record

MODEL_KINDS = (
    EntryKind.MODEL,
    EntryKind.MODEL_STAGE,
    EntryKind.GATE,
    EntryKind.PROMOTION_PROPOSAL,
    EntryKind.PROMOTION_WITHDRAWAL,
    EntryKind.PROMOTION,
    EntryKind.ROLLBACK,
    EntryKind.RETIREMENT,
)
"""Kinds of entries that say what became of a model."""
CROWNINGS = (EntryKind.PROMOTION.value, EntryKind.ROLLBACK.value)


@dataclass(frozen=True)
class ModelEvent:
    """One entry about a model.

    Attributes:
        kind: what it records.
        sequence: of the entry.
        entry_id: of the entry.
        at: when it was recorded.
        facts: what it says.
    """

    kind: str
    sequence: int
    entry_id: bytes
    at: datetime
    facts: Mapping[str, Any]

    @property
    def version(self) -> int:
        """Of which version."""
        return int(self.facts["version"])

    @property
    def principal(self) -> str:
        """Who did it."""
        return str(self.facts.get("principal", ""))

    @property
    def because(self) -> str:
        """Why, in their words."""
        return str(self.facts.get("because", ""))


@dataclass(frozen=True)
class ModelLog:
    """Everything that a log says of one family, oldest first."""

    events: tuple[ModelEvent, ...]

    @property
    def proposals(self) -> tuple[ModelEvent, ...]:
        """Promotions that wait for a second person, oldest first; each crowning ends all of them."""
        waiting: dict[int, ModelEvent] = {}
        for event in self.events:
            if event.kind == EntryKind.PROMOTION_PROPOSAL.value:
                waiting[event.version] = event
            elif event.kind in CROWNINGS:
                waiting.clear()
            elif event.kind in (EntryKind.PROMOTION_WITHDRAWAL.value, EntryKind.RETIREMENT.value):
                waiting.pop(event.version, None)
        return tuple(waiting.values())

    def proposal(self, version: int) -> ModelEvent | None:
        """The promotion of a version that waits."""
        return next((event for event in self.proposals if event.version == version), None)

    @property
    def crownings(self) -> tuple[ModelEvent, ...]:
        """Every promotion and rollback."""
        return tuple(event for event in self.events if event.kind in CROWNINGS)

    def crowning(self, version: int) -> ModelEvent | None:
        """The newest promotion or rollback that made a version champion."""
        return next((event for event in reversed(self.crownings) if event.version == version), None)

    @property
    def previous(self) -> int | None:
        """The newest champion before the one that is that nobody took back: where a rollback leads that names none."""
        standing: list[int] = []
        for event in self.events:
            if event.kind == EntryKind.RETIREMENT.value:
                standing = [version for version in standing if version != event.version]
            elif event.kind in CROWNINGS:
                is_back = event.kind == EntryKind.ROLLBACK.value and event.version in standing
                standing = standing[: standing.index(event.version)] if is_back else standing
                standing.append(event.version)
        return standing[-2] if len(standing) > 1 else None

    def registration(self, version: int) -> ModelEvent | None:
        """The entry that registered a version."""
        return next((e for e in self.events if e.kind == EntryKind.MODEL.value and e.version == version), None)

    def of_version(self, version: int) -> tuple[ModelEvent, ...]:
        """What is said of one version."""
        return tuple(event for event in self.events if event.version == version)


def model_event(record: Record) -> ModelEvent:
    """An entry about a model."""
    entry = record.entry
    return ModelEvent(record.kind, record.sequence, record.entry_id, entry.recorded_at, entry.facts)


def model_log(reader: LogReader, family: str) -> ModelLog:
    """What a log says of a family."""
    events = (model_event(record) for kind in MODEL_KINDS for record in reader.of_kind(kind))
    found = (event for event in events if event.facts.get("family") == family)
    return ModelLog(tuple(sorted(found, key=lambda event: event.sequence)))
