"""What a log says of a strategy's policies: what runs, what ran, what is proposed, what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from governance.entries import EntryKind
from governance.policy_stages import CanaryTerms, PolicyStage, canary_terms
from governance.ports import LogReader
from governance.rows import Head, Record
from nodes.vocabulary.errors import Fault

_KINDS = (
    EntryKind.ACTIVATION,
    EntryKind.PROPOSAL,
    EntryKind.WITHDRAWAL,
    EntryKind.POLICY_FAULT,
    EntryKind.POLICY_STAGE,
)

MAX_TRIALS = 5
"""How often a policy that is due may come to no answer before it is given up."""
PAUSE = timedelta(seconds=10)
"""How long it waits after the first time; twice as long after each further one."""


@dataclass(frozen=True)
class PolicyEvent:
    """One entry about a policy.

    Attributes:
        kind: activation, proposal, withdrawal, policy-fault or policy-stage.
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
    def state(self) -> int:
        """How policies stand: the entry that last moved any of them on; -1 before the first."""
        moving = self.since(-1)
        return moving[-1].sequence if moving else -1

    def since(self, state: int) -> tuple[PolicyEvent, ...]:
        """What moved policies on after a state, oldest first; a refusal moves none."""
        moving = (event for event in self.events if event.kind != EntryKind.POLICY_FAULT.value)
        return tuple(event for event in moving if event.sequence > state)

    @property
    def newest_version(self) -> int:
        """The largest version that was ever active; 0 for none."""
        return max((event.facts["version"] for event in self.activations), default=0)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What waits, oldest first."""
        waiting: dict[bytes, PolicyEvent] = {}
        for event in self.events:
            if event.kind == EntryKind.POLICY_STAGE.value:
                continue
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

    @property
    def canary(self) -> CanaryTerms | None:
        """Which symbols are decided by another policy than the active one."""
        return None if self.active is None else canary_terms(self.active.facts)

    @property
    def shadows(self) -> tuple[PolicyEvent, ...]:
        """The entries that put policies into the shadow where they still are, oldest first."""
        found: dict[bytes, PolicyEvent] = {}
        for event in self.events:
            if event.kind == EntryKind.ACTIVATION.value or event.facts.get("stage") == PolicyStage.ENDED.value:
                found.pop(event.policy_digest, None)
            elif event.facts.get("stage") == PolicyStage.SHADOW.value:
                found[event.policy_digest] = event
        return tuple(found.values())

    def of(self, policy_digest: bytes) -> tuple[PolicyEvent, ...]:
        """All that is said of a policy, oldest first."""
        return tuple(event for event in self.events if event.policy_digest == policy_digest)

    def steps(self, policy_digest: bytes) -> tuple[PolicyEvent, ...]:
        """The stages that a policy came to before it was proposed, oldest first."""
        return tuple(event for event in self.of(policy_digest) if "stage" in event.facts)

    def stage(self, policy_digest: bytes) -> PolicyStage | None:
        """The newest stage that a policy came to before it was proposed; None where it came to none."""
        found = self.steps(policy_digest)
        return PolicyStage(found[-1].facts["stage"]) if found else None

    def archived(self, policy_digest: bytes) -> PolicyEvent | None:
        """The newest entry that archives the text of a policy; None where none does."""
        found = [event for event in self.of(policy_digest) if "policy_ref" in event.facts]
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
    _put_off: dict[bytes, tuple[int, datetime]] = field(default_factory=dict)

    def is_put_off(self, waiting: Proposal, now: datetime) -> bool:
        """Whether one that came to no answer is not to be tried again yet."""
        found = self._put_off.get(waiting.event.entry_id)
        return found is not None and now < found[1]

    def put_off(self, waiting: Proposal, now: datetime) -> bool:
        """Note that one came to no answer. Returns whether it is to be tried again: later, and not for ever."""
        n_tried = self._put_off.get(waiting.event.entry_id, (0, now))[0] + 1
        if n_tried >= MAX_TRIALS:
            self._put_off.pop(waiting.event.entry_id, None)
            return False
        self._put_off[waiting.event.entry_id] = n_tried, now + PAUSE * 2 ** (n_tried - 1)
        return True

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
