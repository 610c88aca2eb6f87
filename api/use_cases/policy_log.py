"""What a log says of a strategy's policies: what runs, what ran, what is proposed, what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Head, Record
from nodes.vocabulary.errors import Fault

_KINDS = (EntryKind.ACTIVATION, EntryKind.PROPOSAL, EntryKind.WITHDRAWAL, EntryKind.POLICY_FAULT)


@dataclass(frozen=True)
class PolicyEvent:
    """One entry about a policy.

    Attributes:
        kind: activation, proposal, withdrawal or policy-fault.
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
    def policy_digest(self) -> bytes:
        """Of which policy; empty for a candidate that could not be read."""
        return bytes(self.facts.get("policy_digest", b""))

    @property
    def name(self) -> str:
        """The policy's family and version, or the file of a candidate that could not be read."""
        if "version" in self.facts:
            return f"{self.facts['policy']} v{self.facts['version']}"
        return str(self.facts.get("file", ""))

    @property
    def principal(self) -> str:
        """Who did it."""
        return str(self.facts.get("principal", ""))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong with a refused candidate; the first of them when there were very many."""
        return tuple(Fault(*fault) for fault in self.facts.get("faults", ()))


class ProposalState(Enum):
    """What a proposal waits for."""

    OPEN = "open"
    SCHEDULED = "scheduled"
    OUTDATED = "outdated"


@dataclass(frozen=True)
class Proposal:
    """A policy that waits: for a second person, for the instant from which it is effective, or in vain.

    Attributes:
        event: the newest entry that proposes it.
        state: open until it is approved, scheduled until it is effective, outdated when another one became active.
    """

    event: PolicyEvent
    state: ProposalState

    @property
    def effective_from(self) -> datetime:
        """The instant from which it may decide."""
        found: datetime = self.event.facts["effective_from"]
        return found


@dataclass(frozen=True)
class PolicyLog:
    """Everything that a log says of a strategy's policies, oldest first."""

    events: tuple[PolicyEvent, ...]

    @property
    def activations(self) -> tuple[PolicyEvent, ...]:
        """What was ever active."""
        return self._of_kind(EntryKind.ACTIVATION)

    @property
    def faults(self) -> tuple[PolicyEvent, ...]:
        """What was refused."""
        return self._of_kind(EntryKind.POLICY_FAULT)

    @property
    def active(self) -> PolicyEvent | None:
        """What runs."""
        return self.activations[-1] if self.activations else None

    @property
    def newest_version(self) -> int:
        """The largest version that was ever active; 0 for none."""
        return max((event.facts["version"] for event in self.activations), default=0)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What waits, oldest first."""
        waiting: dict[bytes, PolicyEvent] = {}
        for event in self.events:
            waiting.pop(event.policy_digest, None)
            if event.kind == EntryKind.PROPOSAL.value:
                waiting[event.policy_digest] = event
        return tuple(Proposal(event, self._state(event)) for event in waiting.values())

    def proposal(self, policy_digest: bytes) -> Proposal | None:
        """The policy of that digest, if it waits."""
        return next((found for found in self.proposals if found.event.policy_digest == policy_digest), None)

    def activation(self, policy_digest: bytes) -> PolicyEvent | None:
        """The newest activation of a policy; None when it was never active."""
        found = [event for event in self.activations if event.policy_digest == policy_digest]
        return found[-1] if found else None

    def fault(self, content_digest: bytes) -> PolicyEvent | None:
        """The entry that refused exactly these bytes; None when none did."""
        found = [event for event in self.faults if event.facts["content_digest"] == content_digest]
        return found[-1] if found else None

    def _of_kind(self, kind: EntryKind) -> tuple[PolicyEvent, ...]:
        return tuple(event for event in self.events if event.kind == kind.value)

    def _state(self, proposed: PolicyEvent) -> ProposalState:
        active = self.active
        if active is not None and proposed.facts["supersedes"] != active.policy_digest:
            return ProposalState.OUTDATED
        return ProposalState.SCHEDULED if proposed.facts["is_approved"] else ProposalState.OPEN


def policy_log(reader: LogReader, strategy: str) -> PolicyLog:
    """What a log says of the policies of a strategy."""
    records = (record for kind in _KINDS for record in reader.of_kind(kind))
    found = (event for event in _events(records) if event.facts["strategy"] == strategy)
    return PolicyLog(tuple(sorted(found, key=lambda event: event.sequence)))


@dataclass
class Scheduled:
    """The proposals that wait for nothing but their instant, kept until a log says anything new about policies.

    A server asks for them at every tick; reading all that a log says of policies each time would grow with the log.
    """

    _head: Head | None = None
    _newest: tuple[bytes, ...] = ()
    _proposals: tuple[Proposal, ...] = field(default=())

    def due(self, reader: LogReader, strategy: str, now: datetime) -> tuple[Proposal, ...]:
        """Those of a strategy that may decide by now, oldest first."""
        head = reader.head()
        if head != self._head:
            self._look(reader, strategy)
            self._head = head
        return tuple(waiting for waiting in self._proposals if waiting.effective_from <= now)

    def _look(self, reader: LogReader, strategy: str) -> None:
        newest = tuple(record.entry_id for kind in _KINDS for record in reader.newest(kind, 1))
        if newest != self._newest:
            found = policy_log(reader, strategy).proposals
            self._proposals = tuple(waiting for waiting in found if waiting.event.facts["is_approved"])
            self._newest = newest


def _events(records: Iterable[Record]) -> Iterable[PolicyEvent]:
    for record in records:
        entry = record.entry
        yield PolicyEvent(record.kind, record.sequence, record.entry_id, entry.recorded_at, entry.facts)
