"""What a log shows of a period: policies in force, changes and approvals, incidents, models, and controls with counts.

A period is a stretch of the log, by when entries were recorded: that never goes backwards, so a period is entries from
one sequence number to another, under a root that anyone can check. Every line names the entry that it stands on.
"""

from __future__ import annotations

import re
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.controls import CONTROLS, Control
from governance.entries import Entry, EntryKind
from governance.evidence_views import ControlEvidence, EvidenceEvent, EvidencePack, PolicyPeriod, RuleCount
from governance.policy_stages import CANARY
from governance.ports import LogReader
from governance.proofs import tree_root
from governance.retention import all_records
from governance.rows import Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns, instant_text
from policies.parse import parsed_policy
from policies.schema import Policy

MOST_EVENTS = 1000
"""How many lines a list of events has at most; the rest is counted."""
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_CHANGES = frozenset(
    {
        EntryKind.ACTIVATION,
        EntryKind.PROPOSAL,
        EntryKind.WITHDRAWAL,
        EntryKind.POLICY_FAULT,
        EntryKind.POLICY_STAGE,
    }
)
_MODELS = frozenset(
    {
        EntryKind.MODEL,
        EntryKind.MODEL_STAGE,
        EntryKind.GATE,
        EntryKind.PROMOTION_PROPOSAL,
        EntryKind.PROMOTION_WITHDRAWAL,
        EntryKind.PROMOTION,
        EntryKind.ROLLBACK,
        EntryKind.RETIREMENT,
    }
)
_INTERVENTIONS = frozenset(
    {
        EntryKind.KILL_SWITCH,
        EntryKind.THROTTLE,
        EntryKind.CORRECTION,
        EntryKind.RECONCILIATION,
        EntryKind.RETENTION,
        EntryKind.HOLD,
    }
)
_PAPERS = ("card_ref", "memo_ref", "impact_digest")
_TITLES = ("title", "because", "reason", "name", "hold_id", "state", "stage", "verdict", "is_engaged")


@dataclass
class _Seen:
    """What one walk over the entries of a period gathers."""

    kinds: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    principals: Counter[str] = field(default_factory=Counter)
    decided: Counter[bytes] = field(default_factory=Counter)
    decided_since: Counter[tuple[bytes, int]] = field(default_factory=Counter)
    since: dict[bytes, int] = field(default_factory=dict)
    objected: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    n_with_principal: int = 0
    n_left_out: int = 0
    events: dict[str, list[EvidenceEvent]] = field(default_factory=dict)

    def see(self, record: Record) -> None:
        """Take one entry in."""
        entry = record.entry
        self.kinds[record.kind] += 1
        self.n_with_principal += bool(entry.facts.get("principal"))
        if entry.kind is EntryKind.ACTIVATION:
            self.activated(record.sequence, entry.facts)
        if entry.kind is EntryKind.DECISION:
            self._decision(entry.facts)
        place = _place(entry.kind)
        if place:
            events = self.events.setdefault(place, [])
            if len(events) < MOST_EVENTS:
                events.append(_event(record, entry))
            else:
                self.n_left_out += 1

    def activated(self, sequence: int, facts: Mapping[str, Any]) -> None:
        """Take in which policies an activation lets decide, from then on."""
        self.since.update((each["policy_digest"], sequence) for each in _deciding(facts))

    def _decision(self, facts: Mapping[str, Any]) -> None:
        policy = facts["policy_digest"]
        self.verdicts[str(facts["verdict"])] += 1
        self.principals[str(facts["principal"])] += 1
        self.decided[policy] += 1
        self.decided_since[policy, self.since.get(policy, -1)] += 1
        self.objected.update((policy, str(rule_id)) for rule_id in facts["reasons"])


def evidence_pack(
    reader: LogReader, since: datetime | None = None, until: datetime | None = None, most_entries: int | None = None
) -> EvidencePack:
    """What the log shows of a period.

    Args:
        reader: a view of the log.
        since: from when on, by when entries were recorded; None from the beginning.
        until: before when; None to the end.
        most_entries: how many entries may be read; None for all.

    Raises:
        EdgeError: the period ends before it begins, or holds more entries than may be read.
    """
    first = 0 if since is None else _size_at(reader, since)
    size = reader.head().size if until is None else _size_at(reader, until)
    if (since and until and since > until) or (most_entries is not None and size - first > most_entries):
        message = f"the period holds {size - first:,} entries, from {first} to {size}; ask for a shorter one"
        raise EdgeError(message, reason="invalid")
    seen, activations = _Seen(), _activations(reader, first, size)
    for activation, _ in activations:
        if activation.sequence < first:
            seen.activated(activation.sequence, activation.entry.facts)
    for record in all_records(reader, first, size):
        seen.see(record)
    deciding = [each for activation, _ in activations for each in _deciding(activation.entry.facts)]
    policies = {each["policy_digest"]: _policy(reader, each) for each in deciding}
    newest = reader.newest_checkpoint()
    return EvidencePack(
        origin=reader.head().origin,
        since="" if since is None else instant_text(since),
        until="" if until is None else instant_text(until),
        first_sequence=first,
        size=size,
        root=digest_text(tree_root(reader, size)),
        n_checkpoints=sum(first < row.size <= size for row in reader.checkpoints()),
        checkpoint="" if newest is None else newest.note.decode(),
        n_with_principal=seen.n_with_principal,
        kinds=dict(sorted(seen.kinds.items())),
        verdicts=dict(sorted(seen.verdicts.items())),
        principals=dict(sorted(seen.principals.items())),
        policies=tuple(each for pair in activations for each in _periods(reader, pair, seen, policies)),
        changes=tuple(seen.events.get("changes", ())),
        incidents=tuple(seen.events.get("incidents", ())),
        models=tuple(seen.events.get("models", ())),
        interventions=tuple(seen.events.get("interventions", ())),
        n_left_out=seen.n_left_out,
        controls=tuple(_control(each, seen, policies) for each in CONTROLS),
    )


def _size_at(reader: LogReader, at: datetime) -> int:
    """How many entries were recorded before an instant."""
    low, high, at_ns = 0, reader.head().size, instant_ns(at)
    while low < high:
        middle = (low + high) // 2
        if reader.records(middle, middle + 1)[0].recorded_at_ns < at_ns:
            low = middle + 1
        else:
            high = middle
    return low


def _place(kind: EntryKind) -> str:
    if kind is EntryKind.INCIDENT:
        return "incidents"
    return (
        "changes" if kind in _CHANGES else "models" if kind in _MODELS else
        "interventions" if kind in _INTERVENTIONS else ""
    )  # fmt: skip


def _event(record: Record, entry: Entry) -> EvidenceEvent:
    facts = entry.facts
    return EvidenceEvent(
        sequence=record.sequence,
        entry_id=digest_text(record.entry_id),
        recorded_at=instant_text(entry.recorded_at),
        kind=record.kind,
        principal=str(facts.get("principal", "")),
        about=_about(facts),
        words=_words(facts),
    )


def _about(facts: Mapping[str, Any]) -> str:
    """What an entry is about: a policy or a model with its version, an incident, an account."""
    found = str(facts.get("policy") or facts.get("family") or "")
    if found:
        version = f" v{facts['version']}" if "version" in facts else ""
        return found if found.endswith(version) else found + version
    return str(facts.get("incident_id") or facts.get("account_id") or "")


def _words(facts: Mapping[str, Any]) -> str:
    said = [f"{name.replace('_', ' ')} {facts[name]}" for name in _TITLES if facts.get(name) not in (None, "", ())]
    papers = [f"{name.removesuffix('_ref')} {digest_text(facts[name])}" for name in _PAPERS if facts.get(name)]
    faults = facts.get("faults")
    return "; ".join([*said, *papers, *([f"{len(faults)} faults"] if faults else [])])


def _activations(reader: LogReader, first: int, size: int) -> list[tuple[Record, Record | None]]:
    """The activations that were in force in the period, each with the one that followed it for its strategy."""
    by_strategy: dict[str, list[Record]] = {}
    for record in reader.of_kind(EntryKind.ACTIVATION):
        if record.sequence < size:
            by_strategy.setdefault(str(record.entry.facts["strategy"]), []).append(record)
    found: list[tuple[Record, Record | None]] = []
    for records in by_strategy.values():
        for record, after in zip(records, [*records[1:], None], strict=True):
            if after is None or after.sequence >= first:
                insort(found, (record, after), key=lambda pair: pair[0].sequence)
    return found


def _deciding(facts: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """What an activation says of each policy that it lets decide: the active one, and its canary if it has one."""
    canary = facts.get(CANARY)
    return (facts, canary) if isinstance(canary, Mapping) else (facts,)


def _policy(reader: LogReader, facts: Mapping[str, Any]) -> Policy | None:
    """A policy that was let decide; None when its text was dropped."""
    ref = facts.get("policy_ref")
    if not isinstance(ref, bytes) or reader.stored_body(ref) is None:
        return None
    return parsed_policy(reader.body(ref), "archived policy").policy


def _periods(
    reader: LogReader, pair: tuple[Record, Record | None], seen: _Seen, policies: Mapping[bytes, Policy | None]
) -> Iterable[PolicyPeriod]:
    """A line for each policy that an activation lets decide."""
    record, after = pair
    entry, facts = record.entry, record.entry.facts
    impact = facts.get("impact_digest")
    deciding = _deciding(facts)
    for said in deciding:
        digest = said["policy_digest"]
        policy, proposer = policies[digest], _proposer(reader, entry, record.sequence, digest)
        second = facts.get("approved_by", "") if said is facts else ""  # an activation is in its proposer's name
        principal = str(second or facts.get("principal", ""))
        yield PolicyPeriod(
            policy=f"{policy.family} v{policy.version}" if policy else _about(said),
            strategy=str(facts["strategy"]),
            policy_digest=digest_text(digest),
            decides=_share(said) if said is not facts else "every other symbol" if deciding[1:] else "every symbol",
            sequence=record.sequence,
            since=instant_text(entry.recorded_at),
            until="" if after is None else instant_text(after.entry.recorded_at),
            principal=principal,
            proposed_by=proposer,
            has_two_persons=bool(proposer) and proposer != principal,
            impact_digest=digest_text(impact) if isinstance(impact, bytes) else "",
            n_decisions=seen.decided_since[digest, record.sequence],
            n_rules=None if policy is None else len(policy.rules),
        )


def _share(canary: Mapping[str, Any]) -> str:
    symbols = canary.get("symbols") or ()
    return ", ".join(symbols) if symbols else f"{canary.get('share_frac', 0):.1%} of symbols, as a canary"


def _proposer(reader: LogReader, entry: Entry, sequence: int, digest: bytes) -> str:
    """Who proposed a policy that an entry lets decide: in the proposal that it cites, else in the newest before it."""
    cited = [found for cite in entry.cites if (found := reader.record_of_entry(cite)) is not None]
    earlier = [each for each in reader.of_kind(EntryKind.PROPOSAL) if each.sequence < sequence]
    proposals = [each.entry for each in (*earlier, *cited) if each.kind == EntryKind.PROPOSAL.value]
    own = [str(each.facts.get("principal", "")) for each in proposals if each.facts.get("policy_digest") == digest]
    return own[-1] if own else ""


def _control(control: Control, seen: _Seen, policies: Mapping[bytes, Policy | None]) -> ControlEvidence:
    rules = tuple(_rule_counts(control.nodes, seen, policies))
    return ControlEvidence(
        control_id=control.control_id,
        regulation=control.regulation,
        citation=control.citation,
        asks=control.asks,
        shown_by=control.shown_by,
        rules=rules,
        entries={kind.value: seen.kinds[kind.value] for kind in control.kinds},
        gap="no rule of a policy in force does this" if control.nodes and not rules else "",
        outside=control.outside,
    )


def _rule_counts(nodes: frozenset[str], seen: _Seen, policies: Mapping[bytes, Policy | None]) -> Iterable[RuleCount]:
    for digest, policy in policies.items():
        for rule in () if policy is None else policy.rules:
            if not nodes.isdisjoint(_WORD.findall(rule.require)):
                yield RuleCount(
                    policy=f"{policy.family} v{policy.version}" if policy else "",
                    rule_id=rule.id,
                    require=rule.require,
                    then=f"clip to {rule.then.cap}" if rule.then.cap else rule.then.verdict.label,
                    limits=tuple(f"{name} = {value}" for name, value in sorted(rule.limits.items())),
                    n_decisions=seen.decided[digest],
                    n_objected=seen.objected[digest, rule.id],
                )
