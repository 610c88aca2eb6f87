"""What clients read and say about policies. Instants and numbers of a policy are told as its author wrote them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from api.use_cases.policy_log import PolicyEvent, Proposal
from api.use_cases.proposals import PolicyStatus
from api.use_cases.reloads import CandidateOutcome
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault
from nodes.vocabulary.instants import instant_text
from policies.diff import Change, value_text

Because = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class FaultView(msgspec.Struct, frozen=True):
    """One thing wrong in a candidate, with its place and its mend."""

    file: str
    line: int
    column: int
    what: str
    mend: str


class PolicyVersionView(msgspec.Struct, frozen=True):
    """One activation of a policy.

    Attributes:
        policy: family and version.
        policy_digest: its identity.
        principal: who let it in.
        approved_by: the second person; null where none was needed.
        recorded_at: when the log learned of it.
        sequence: its log entry.
        links: its text.
        impact_digest: the impact report that it rests on; null without one.
        canary: digest of the policy that decides some symbols in its place; null where none does.
    """

    policy: str
    policy_digest: str
    principal: str
    approved_by: str | None
    recorded_at: str
    sequence: int
    links: dict[str, str]
    impact_digest: str | None = None
    canary: str | None = None


class ProposalView(msgspec.Struct, frozen=True):
    """A policy that waits.

    Attributes:
        policy: family and version.
        policy_digest: its identity.
        state: open until it is approved, scheduled until it is effective, outdated when another one became active.
        principal: who proposed it.
        effective_from: from when it may decide.
        recorded_at: when the log learned of it.
        sequence: its log entry.
        links: its text, and where to approve or withdraw it.
        impact_digest: the impact report that it rests on; null without one.
    """

    policy: str
    policy_digest: str
    state: str
    principal: str
    effective_from: str
    recorded_at: str
    sequence: int
    links: dict[str, str]
    impact_digest: str | None = None


class RefusalView(msgspec.Struct, frozen=True):
    """A candidate that was refused.

    Attributes:
        file: what it was called.
        principal: who handed it in.
        source: watch, signal, api or cli.
        recorded_at: when the log learned of it.
        sequence: its log entry.
        faults: what is wrong with it.
    """

    file: str
    principal: str
    source: str
    recorded_at: str
    sequence: int
    faults: tuple[FaultView, ...]


class PolicyStatusView(msgspec.Struct, frozen=True):
    """How the policies of the served strategy stand.

    Attributes:
        strategy: the strategy.
        mode: direct or approved.
        active: what runs.
        is_ready: whether this process decides the next order by it, without compiling it first.
        proposals: what waits, oldest first.
        refusals: what was refused since the newest activation, newest first.
    """

    strategy: str
    mode: str
    active: PolicyVersionView
    is_ready: bool
    proposals: tuple[ProposalView, ...]
    refusals: tuple[RefusalView, ...]


class PolicyVersionsView(msgspec.Struct, frozen=True):
    """Every activation, newest first."""

    versions: tuple[PolicyVersionView, ...]


class PolicyTextView(msgspec.Struct, frozen=True):
    """A policy's text, byte for byte as the log archives it.

    Attributes:
        policy: family and version.
        policy_digest: its identity.
        is_active: whether it runs now.
        text: the text.
        cases: the text of its cases; null where they were not archived with it.
    """

    policy: str
    policy_digest: str
    is_active: bool
    text: str
    cases: str | None = None


class PolicyChangeView(msgspec.Struct, frozen=True):
    """One difference to the version that was active.

    Attributes:
        subject: a rule's id, or params, signal or policy.
        part: what of it; empty for the whole rule.
        kind: added, removed or changed.
        old: the value before; null when added.
        new: the value now; null when removed.
        direction: tighter or looser, for the limit of a rule where that can be told.
    """

    subject: str
    part: str
    kind: str
    old: str | None
    new: str | None
    direction: str | None


class CandidateBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A candidate.

    Attributes:
        text: the policy.
        cases: its cases; a policy without cases is refused.
        file: what to call it in faults.
        impact_id: the impact that it rests on; its report is bound by digest.
        effective_from: an instant before which it is not to decide, RFC 3339, later than its text says.
    """

    text: Annotated[str, msgspec.Meta(min_length=1)]
    cases: str | None = None
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\.yaml$")] = "candidate.yaml"
    impact_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")] | None = None
    effective_from: Annotated[str, msgspec.Meta(max_length=40, extra_json_schema={"format": "date-time"})] | None = None


class CandidateView(msgspec.Struct, frozen=True):
    """What became of a candidate, or of a word about one.

    Attributes:
        state: active, proposed, scheduled, withdrawn, shadow, canary, ended or unchanged.
        file: what it was called.
        policy_digest: its identity.
        sequence: the log entry that says so; null when nothing was written.
        active_digest: what runs now.
        changes: how it differs from what was active before.
    """

    state: str
    file: str
    policy_digest: str
    sequence: int | None
    active_digest: str
    changes: tuple[PolicyChangeView, ...] = ()


class OutcomeView(msgspec.Struct, frozen=True):
    """What became of one file.

    Attributes:
        file: which.
        state: active, proposed, scheduled, unchanged or refused.
        policy_digest: its identity; empty when it could not be read.
        sequence: the log entry that says so; null when nothing was written.
        faults: everything wrong with it.
    """

    file: str
    state: str
    policy_digest: str
    sequence: int | None
    faults: tuple[FaultView, ...]


class ReloadView(msgspec.Struct, frozen=True):
    """What came of reading the folder again.

    Attributes:
        files: what became of each file that is no history.
        active: what runs now.
        changes: how that differs from what ran before.
    """

    files: tuple[OutcomeView, ...]
    active: PolicyVersionView
    changes: tuple[PolicyChangeView, ...]


class ReasonBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why.

    Attributes:
        because: in words; kept in the log.
    """

    because: Because


class RollbackBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What to go back to, and why.

    Attributes:
        policy_digest: a policy that was active in this log.
        because: why, in words; kept in the log.
    """

    policy_digest: Annotated[str, msgspec.Meta(pattern=r"^(sha256:)?[0-9a-f]{64}$")]
    because: Because


def status_view(found: PolicyStatus) -> PolicyStatusView:
    """How policies stand, for clients."""
    return PolicyStatusView(
        strategy=found.strategy,
        mode=found.mode,
        active=version_view(found.active),
        is_ready=found.is_ready,
        proposals=tuple(_proposal(each) for each in found.proposals),
        refusals=tuple(_refusal(each) for each in found.faults),
    )


def version_view(event: PolicyEvent) -> PolicyVersionView:
    """One activation, for clients."""
    approved_by: Any = event.facts.get("approved_by")
    return PolicyVersionView(
        policy=event.name,
        policy_digest=digest_text(event.policy_digest),
        principal=event.principal,
        approved_by=approved_by,
        recorded_at=instant_text(event.at),
        sequence=event.sequence,
        links={"text": _text_path(event)},
        impact_digest=_digest_text(event.facts.get("impact_digest")),
        canary=_digest_text((event.facts.get("canary") or {}).get("policy_digest")),
    )


def _digest_text(found: bytes | None) -> str | None:
    return None if found is None else digest_text(found)


def _text_path(event: PolicyEvent) -> str:
    return f"/internal/policy/versions/{event.policy_digest.hex()}"


def _proposal(proposal: Proposal) -> ProposalView:
    event = proposal.event
    place = f"/internal/policy/proposals/{event.policy_digest.hex()}"
    return ProposalView(
        policy=event.name,
        policy_digest=digest_text(event.policy_digest),
        state=proposal.state.value,
        principal=event.principal,
        effective_from=instant_text(proposal.effective_from),
        recorded_at=instant_text(event.at),
        sequence=event.sequence,
        links={"text": _text_path(event), "approve": f"{place}/approve", "withdraw": f"{place}/withdraw"},
        impact_digest=_digest_text(event.facts.get("impact_digest")),
    )


def _refusal(event: PolicyEvent) -> RefusalView:
    return RefusalView(
        file=event.name,
        principal=event.principal,
        source=str(event.facts["source"]),
        recorded_at=instant_text(event.at),
        sequence=event.sequence,
        faults=fault_views(event.faults),
    )


def fault_views(faults: tuple[Fault, ...]) -> tuple[FaultView, ...]:
    """Faults, for clients."""
    return tuple(FaultView(fault.file, fault.line, fault.column, fault.what, fault.mend) for fault in faults)


def outcome_view(outcome: CandidateOutcome) -> OutcomeView:
    """What became of one file, for clients."""
    digest = digest_text(outcome.policy_digest) if outcome.policy_digest else ""
    return OutcomeView(outcome.file, outcome.state.value, digest, outcome.sequence, fault_views(outcome.faults))


def candidate_view(outcome: CandidateOutcome, active_digest: bytes, changes: tuple[Change, ...] = ()) -> CandidateView:
    """What became of a candidate, for clients."""
    return CandidateView(
        state=outcome.state.value,
        file=outcome.file,
        policy_digest=digest_text(outcome.policy_digest),
        sequence=outcome.sequence,
        active_digest=digest_text(active_digest),
        changes=change_views(changes),
    )


def change_views(changes: tuple[Change, ...]) -> tuple[PolicyChangeView, ...]:
    """Differences, for clients."""
    return tuple(_change(change) for change in changes)


def _change(change: Change) -> PolicyChangeView:
    return PolicyChangeView(
        subject=change.subject,
        part=change.part,
        kind=change.kind.value,
        old=None if change.old is None else value_text(change.old),
        new=None if change.new is None else value_text(change.new),
        direction=None if change.direction is None else change.direction.value,
    )
