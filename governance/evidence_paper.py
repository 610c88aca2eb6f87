"""An evidence pack as a paper for people: Markdown and one page of HTML, both saying the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from governance.evidence_views import ControlEvidence, EvidenceEvent, EvidencePack, PolicyPeriod
from governance.papers import Paper, Section, Table, facts_table

_NOTICE = (
    "An engineering mapping of public rules to what this log holds. It is not legal advice, and no claim that a firm "
    "complies: what a log cannot show is named at each control."
)
_SHORT = len("sha256:") + 12
_EVENT_HEAD = ("entry", "recorded", "what", "about", "by", "says")


def evidence_paper(pack: EvidencePack) -> Paper:
    """The paper of a pack."""
    sections = [
        Section("The period", (_NOTICE, facts_table(_facts(pack)))),
        Section("Decisions", _decisions(pack)),
        Section("Policies in force", _policies(pack.policies)),
        *(Section(title, _events(events, none)) for title, events, none in _lists(pack)),
    ]
    for regulation in dict.fromkeys(each.regulation for each in pack.controls):
        own = [each for each in pack.controls if each.regulation == regulation]
        sections += [Section(f"{each.citation}: {each.control_id}", _control(each)) for each in own]
    if pack.checkpoint:
        how = "The newest signed checkpoint; an entry's proof against it: assay log proof SEQUENCE."
        sections.append(Section("How to check it", (how, *pack.checkpoint.strip().splitlines())))
    return Paper(f"Evidence of {pack.origin}", tuple(sections))


def _facts(pack: EvidencePack) -> list[tuple[str, str]]:
    n_entries = pack.size - pack.first_sequence
    return [
        ("log", pack.origin),
        ("recorded from", pack.since or "the beginning"),
        ("recorded before", pack.until or "the end"),
        ("entries", f"{n_entries:,}: {pack.first_sequence} to {pack.size}, the last excluded"),
        ("root at the end", pack.root),
        ("checkpoints over the period", f"{pack.n_checkpoints:,}"),
        ("entries that name who caused them", f"{pack.n_with_principal:,}"),
        *((f"entries of kind {kind}", f"{count:,}") for kind, count in pack.kinds.items()),
        *([("events that the full lists below leave out", f"{pack.n_left_out:,}")] if pack.n_left_out else []),
    ]


def _decisions(pack: EvidencePack) -> tuple[str | Table, ...]:
    if not pack.verdicts:
        return ("No decision was made.",)
    return (
        Table(("verdict", "decisions"), tuple((name, f"{count:,}") for name, count in pack.verdicts.items())),
        Table(("asked for by", "decisions"), tuple((name, f"{count:,}") for name, count in pack.principals.items())),
    )


def _policies(periods: Sequence[PolicyPeriod]) -> tuple[str | Table, ...]:
    head = (
        "entry",
        "policy",
        "decides",
        "in force from",
        "until",
        "proposed by",
        "activated by",
        "decisions",
        "digest",
    )
    rows = tuple(
        (
            str(each.sequence),
            each.policy,
            each.decides,
            each.since,
            each.until or "still in force",
            each.proposed_by or "nobody: none had to",
            each.principal + (" (a second person)" if each.has_two_persons else ""),
            f"{each.n_decisions:,}",
            each.policy_digest[:_SHORT],
        )
        for each in periods
    )
    return (Table(head, rows),) if rows else ("No policy was in force.",)


def _lists(pack: EvidencePack) -> tuple[tuple[str, Sequence[EvidenceEvent], str], ...]:
    return (
        ("Changes of policies", pack.changes, "No policy was changed."),
        ("Incidents", pack.incidents, "No incident was recorded."),
        ("Models", pack.models, "No model was registered or moved."),
        ("Interventions", pack.interventions, "Nobody intervened."),
    )


def _events(events: Sequence[EvidenceEvent], none: str) -> tuple[str | Table, ...]:
    rows = tuple(
        (str(each.sequence), each.recorded_at, each.kind, each.about, each.principal, each.words) for each in events
    )
    return (Table(_EVENT_HEAD, rows),) if rows else (none,)


def _control(control: ControlEvidence) -> tuple[str | Table, ...]:
    parts: list[str | Table] = [control.asks, f"Shown by: {control.shown_by}"]
    if control.rules:
        head = ("policy", "rule", "must hold", "else", "limits", "asked", "objected")
        rows = tuple(
            (r.policy, r.rule_id, r.require, r.then, ", ".join(r.limits), f"{r.n_decisions:,}", f"{r.n_objected:,}")
            for r in control.rules
        )
        parts.append(Table(head, rows))
    if control.entries:
        parts.append(_counts(control.entries))
    if control.gap:
        parts.append(f"Gap: {control.gap}.")
    if control.outside:
        parts.append(f"Not in a log: {control.outside}")
    return tuple(parts)


def _counts(entries: Mapping[str, int]) -> Table:
    return Table(("entries of kind", "in the period"), tuple((kind, f"{count:,}") for kind, count in entries.items()))
