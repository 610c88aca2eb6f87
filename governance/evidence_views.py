"""What an evidence pack says, as plain data: see `governance.evidence_pack`, which gathers it.

Digests are texts and instants RFC 3339, so that a pack is the same on paper, in JSON and over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class EvidenceEvent:
    """One entry that somebody caused.

    Attributes:
        sequence: its place.
        entry_id: its digest.
        recorded_at: when it was recorded, RFC 3339.
        kind: what it records.
        principal: who caused it; "" where the entry names nobody.
        about: what it is about: a policy, a model, an account.
        words: what it says, in short.
    """

    sequence: int
    entry_id: str
    recorded_at: str
    kind: str
    principal: str
    about: str
    words: str


@dataclass(frozen=True)
class PolicyPeriod:
    """A policy that was in force in the period.

    Attributes:
        policy: family and version.
        strategy: what ran under it.
        policy_digest: its identity.
        decides: what it decides: every symbol, or those of a canary.
        sequence: the entry that made it active.
        since: when it became so, RFC 3339.
        until: when another one did; "" while it is in force.
        principal: who activated it.
        proposed_by: who proposed it; "" where nobody had to.
        has_two_persons: whether proposer and approver are two.
        impact_digest: digest of the report on what it would change that its activation binds; "" for none.
        n_decisions: how many decisions of the period were made under it.
        n_rules: how many rules it has; None when its text was dropped.
    """

    policy: str
    strategy: str
    policy_digest: str
    decides: str
    sequence: int
    since: str
    until: str
    principal: str
    proposed_by: str
    has_two_persons: bool
    impact_digest: str
    n_decisions: int
    n_rules: int | None


@dataclass(frozen=True)
class RuleCount:
    """A rule of a policy in force, and what it said in the period.

    Attributes:
        policy: family and version.
        rule_id: the rule.
        require: what must hold.
        then: what follows when it does not.
        limits: its numbers.
        n_decisions: of how many decisions it was asked.
        n_objected: to how many of them it objected.
    """

    policy: str
    rule_id: str
    require: str
    then: str
    limits: tuple[str, ...]
    n_decisions: int
    n_objected: int


@dataclass(frozen=True)
class ControlEvidence:
    """What a period shows of one control.

    Attributes:
        control_id: our name for it.
        regulation: the public rule.
        citation: the passage.
        asks: what it asks for, in our words.
        shown_by: what shows it here.
        rules: rules in force that implement it, with counts.
        entries: how many entries of each kind show it.
        gap: what is missing; "" for nothing that a log can show.
        outside: what no log can show.
    """

    control_id: str
    regulation: str
    citation: str
    asks: str
    shown_by: str
    rules: tuple[RuleCount, ...]
    entries: Mapping[str, int]
    gap: str
    outside: str


@dataclass(frozen=True)
class EvidencePack:
    """What a log shows of a period. An engineering mapping of public rules, not legal advice.

    Attributes:
        origin: the log.
        since: from when, RFC 3339; "" from its beginning.
        until: until when; "" up to its end.
        first_sequence: first entry of the period.
        size: number of entries of the log at its end.
        root: root of the tree of that size.
        n_checkpoints: checkpoints signed over sizes of the period.
        checkpoint: the newest signed note over the log; "" without one.
        n_with_principal: entries of the period that name who caused them.
        kinds: entries by kind.
        verdicts: decisions by verdict.
        principals: decisions by who asked for them.
        policies: what was in force.
        changes: what became of policies, and who did it.
        incidents: what went wrong.
        models: what became of models.
        interventions: kill switch, throttles, corrections, reconciliations, retention, holds.
        n_left_out: events beyond the first thousand of a list.
        controls: what shows each control.
    """

    origin: str
    since: str
    until: str
    first_sequence: int
    size: int
    root: str
    n_checkpoints: int
    checkpoint: str
    n_with_principal: int
    kinds: Mapping[str, int]
    verdicts: Mapping[str, int]
    principals: Mapping[str, int]
    policies: tuple[PolicyPeriod, ...]
    changes: tuple[EvidenceEvent, ...]
    incidents: tuple[EvidenceEvent, ...]
    models: tuple[EvidenceEvent, ...]
    interventions: tuple[EvidenceEvent, ...]
    n_left_out: int
    controls: tuple[ControlEvidence, ...]
