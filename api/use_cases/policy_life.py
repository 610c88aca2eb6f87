"""The life of each policy version, as the log tells it: every step one entry, in order, and where it stands now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from api.use_cases.policy_log import PolicyEvent, PolicyLog, ProposalState
from governance.entries import EntryKind
from governance.policy_stages import CanaryTerms


class LifeStage(Enum):
    """Where a version stands."""

    CHECKED = "checked"
    SHADOW = "shadow"
    CANARY = "canary"
    ENDED = "ended"
    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    OUTDATED = "outdated"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled-back"


_WAITING = {
    ProposalState.OPEN: LifeStage.PROPOSED,
    ProposalState.SCHEDULED: LifeStage.SCHEDULED,
    ProposalState.OUTDATED: LifeStage.OUTDATED,
}


@dataclass(frozen=True)
class LifeStep:
    """One step of a version.

    Attributes:
        stage: where it led to.
        principal: who took it.
        approved_by: the second person; None where none was needed.
        because: why, in words; "" where nobody said.
        at: when the log learned of it.
        sequence: the entry that says so; for an end, the entry of what took its place.
        impact_digest: the impact report that it rests on; None without one.
    """

    stage: LifeStage
    principal: str
    approved_by: str | None
    because: str
    at: datetime
    sequence: int
    impact_digest: bytes | None = None


@dataclass(frozen=True)
class PolicyLife:
    """A version and what became of it.

    Attributes:
        policy_digest: its identity.
        name: family and version.
        stage: where it stands.
        steps: how it came there, oldest first.
        shadow: the entry that put it into the shadow, while it is there; None otherwise.
        canary: which symbols it decides, while it is a canary; None otherwise.
    """

    policy_digest: bytes
    name: str
    stage: LifeStage
    steps: tuple[LifeStep, ...]
    shadow: PolicyEvent | None
    canary: CanaryTerms | None


def policy_lives(log: PolicyLog) -> tuple[PolicyLife, ...]:
    """Every version that the log tells of, the one with the newest step first."""
    named = dict.fromkeys(event.policy_digest for event in log.events if event.policy_digest)
    steps = {policy_digest: _steps(log, policy_digest) for policy_digest in named}
    lives = (_life(log, policy_digest, found) for policy_digest, found in steps.items() if found)
    return tuple(sorted(lives, key=lambda life: -life.steps[-1].sequence))


def policy_life(log: PolicyLog, policy_digest: bytes) -> PolicyLife | None:
    """The life of one version; None where the log tells nothing of it."""
    return next((life for life in policy_lives(log) if life.policy_digest == policy_digest), None)


def _life(log: PolicyLog, policy_digest: bytes, steps: tuple[LifeStep, ...]) -> PolicyLife:
    shadow = next((event for event in log.shadows if event.policy_digest == policy_digest), None)
    canary = log.canary
    own = canary if canary is not None and canary.policy_digest == policy_digest else None
    stage, waiting = steps[-1].stage, log.proposal(policy_digest)
    if waiting is not None:
        stage = _WAITING[waiting.state]
    elif stage is LifeStage.CANARY and own is None:
        stage = LifeStage.SHADOW if shadow is not None else LifeStage.ENDED
    name = log.of(policy_digest)[-1].name
    return PolicyLife(policy_digest, name, stage, steps, shadow, own)


def _steps(log: PolicyLog, policy_digest: bytes) -> tuple[LifeStep, ...]:
    steps: list[LifeStep] = []
    is_active = False
    for event in log.events:
        is_activation = event.kind == EntryKind.ACTIVATION.value
        if event.policy_digest == policy_digest:
            stage = step_stage(event)
            if stage is not None and not (is_activation and is_active):
                steps.append(_step(event, stage))
            is_active = is_active or is_activation
        elif is_activation and is_active:
            stage = LifeStage.ROLLED_BACK if event.facts.get("is_rollback") else LifeStage.SUPERSEDED
            steps.append(replace(_step(event, stage), impact_digest=None))
            is_active = False
    return tuple(steps)


def step_stage(event: PolicyEvent) -> LifeStage | None:
    """Where an entry about a version led it to; None for one that left it where it was."""
    match EntryKind(event.kind):
        case EntryKind.POLICY_STAGE:
            return LifeStage(event.facts["stage"])
        case EntryKind.PROPOSAL:
            return LifeStage.SCHEDULED if event.facts["is_approved"] else LifeStage.PROPOSED
        case EntryKind.WITHDRAWAL:
            return LifeStage.WITHDRAWN
        case EntryKind.ACTIVATION:
            return LifeStage.ACTIVE
        case _:
            return None


def _step(event: PolicyEvent, stage: LifeStage) -> LifeStep:
    return LifeStep(
        stage=stage,
        principal=event.principal,
        approved_by=event.facts.get("approved_by"),
        because=str(event.facts.get("because", "")),
        at=event.at,
        sequence=event.sequence,
        impact_digest=event.facts.get("impact_digest"),
    )
