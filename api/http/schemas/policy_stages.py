"""What clients read and say about stages of policies: the shadow, a canary's share, how a version came where it is."""

from __future__ import annotations

from typing import Annotated

import msgspec

from adapters.sql.shadow_board import ShadowProgress
from api.http.schemas.policy import Because
from api.use_cases.policy_life import LifeStep, PolicyLife
from governance.impact_rows import ImpactRow
from governance.policy_stages import CanaryTerms
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text

Digest = Annotated[str, msgspec.Meta(pattern=r"^(sha256:)?[0-9a-f]{64}$")]
Symbol = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class ShadowBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A version for the shadow.

    Attributes:
        text: the policy.
        cases: its cases; a policy without cases is refused.
        file: what to call it in faults.
        because: why, in words; kept in the log.
    """

    text: Annotated[str, msgspec.Meta(min_length=1)]
    cases: str | None = None
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\.yaml$")] = "candidate.yaml"
    because: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class CanaryBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A version in the shadow that is to decide some symbols: a share of them, or those that are named.

    Attributes:
        policy_digest: the version.
        because: why, in words; kept in the log.
        share_frac: the share of symbols, drawn by digest.
        symbols: symbols by name.
    """

    policy_digest: Digest
    because: Because
    share_frac: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    symbols: Annotated[tuple[Symbol, ...], msgspec.Meta(max_length=1000)] = ()


class LifeStepView(msgspec.Struct, frozen=True):
    """One step of a version.

    Attributes:
        stage: where it led to.
        principal: who took it.
        approved_by: the second person; null where none was needed.
        because: why, in words.
        recorded_at: when the log learned of it.
        sequence: the entry that says so; for an end, the entry of what took its place.
        impact_digest: the impact report that it rests on; null without one.
    """

    stage: str
    principal: str
    approved_by: str | None
    because: str
    recorded_at: str
    sequence: int
    impact_digest: str | None


class CanaryView(msgspec.Struct, frozen=True):
    """Which symbols a canary decides.

    Attributes:
        share_frac: the share that is drawn by digest; 0 where symbols are named.
        symbols: those that are named.
        covered: those of this market that it decides.
    """

    share_frac: float
    symbols: tuple[str, ...]
    covered: tuple[str, ...]


class ShadowView(msgspec.Struct, frozen=True):
    """What a version in the shadow made of decisions so far.

    Attributes:
        since_sequence: the entry that put it there.
        until_sequence: up to which place of the log decisions were compared.
        n_compared: decisions judged by both.
        n_diverged: those that came out otherwise.
        n_own: decisions that it made itself, as a canary.
        flips: how many came from which verdict to which, "pass>deny".
        rules: how many of the diverging each rule objects to that did not before, or no longer objects to.
        symbols: how many diverged of each symbol.
        unread: how many could not be judged, by the reason.
        lacking: for each input that it reads and a snapshot did not have, how many.
        problem: why it does not go on; null while it does.
    """

    since_sequence: int
    until_sequence: int
    n_compared: int
    n_diverged: int
    n_own: int
    flips: dict[str, int]
    rules: dict[str, int]
    symbols: dict[str, int]
    unread: dict[str, int]
    lacking: dict[str, int]
    problem: str | None


class PolicyLifeView(msgspec.Struct, frozen=True):
    """A version and what became of it.

    Attributes:
        policy: family and version.
        policy_digest: its identity.
        stage: checked, shadow, canary, ended, proposed, scheduled, outdated, withdrawn, active, superseded or
            rolled-back.
        steps: how it came there, oldest first.
        canary: which symbols it decides; null where it decides none beside the active policy.
        shadow: what it made of decisions; null where it is not in the shadow.
        links: its text, and what can be asked about it.
    """

    policy: str
    policy_digest: str
    stage: str
    steps: tuple[LifeStepView, ...]
    canary: CanaryView | None
    shadow: ShadowView | None
    links: dict[str, str]


class PolicyStagesView(msgspec.Struct, frozen=True):
    """Every version that the log tells of, the one with the newest step first."""

    versions: tuple[PolicyLifeView, ...]


class DivergenceView(msgspec.Struct, frozen=True):
    """A decision that a version in the shadow would have made otherwise.

    Attributes:
        decision_id: the decision.
        sequence: its entry.
        symbol: of which share.
        session_on: its session.
        policy_digest: the policy that decided.
        live_verdict: what it came to.
        live_action: act, hold or deny.
        live_order_shares: how many, signed.
        verdict: what the version says.
        action: act, hold or deny.
        order_shares: how many, signed.
        rules_added: rules that object now and did not.
        rules_dropped: rules that objected and do not now.
        because: what the added ones say.
        links: the decision.
    """

    decision_id: str
    sequence: int
    symbol: str
    session_on: str
    policy_digest: str
    live_verdict: str
    live_action: str
    live_order_shares: int
    verdict: str
    action: str
    order_shares: int
    rules_added: tuple[str, ...]
    rules_dropped: tuple[str, ...]
    because: tuple[str, ...]
    links: dict[str, str]


class DivergencesView(msgspec.Struct, frozen=True):
    """Decisions that came out otherwise, newest first.

    Attributes:
        divergences: one page of them.
        next_cursor: ask again with it for the next page; null after the last.
    """

    divergences: tuple[DivergenceView, ...]
    next_cursor: str | None


def life_view(life: PolicyLife, progress: ShadowProgress | None, universe: tuple[str, ...]) -> PolicyLifeView:
    """A version, for clients."""
    place = f"/internal/policy/stages/{life.policy_digest.hex()}"
    links = {"text": f"/internal/policy/versions/{life.policy_digest.hex()}"}
    if life.shadow is not None:
        links |= {"end": f"{place}/end", "divergences": f"{place}/divergences"}
    return PolicyLifeView(
        policy=life.name,
        policy_digest=digest_text(life.policy_digest),
        stage=life.stage.value,
        steps=tuple(_step(step) for step in life.steps),
        canary=None if life.canary is None else _canary(life.canary, universe),
        shadow=None if life.shadow is None or progress is None else _shadow(life.shadow.sequence, progress),
        links=links,
    )


def _step(step: LifeStep) -> LifeStepView:
    return LifeStepView(
        stage=step.stage.value,
        principal=step.principal,
        approved_by=step.approved_by,
        because=step.because,
        recorded_at=instant_text(step.at),
        sequence=step.sequence,
        impact_digest=None if step.impact_digest is None else digest_text(step.impact_digest),
    )


def _canary(terms: CanaryTerms, universe: tuple[str, ...]) -> CanaryView:
    covered = tuple(symbol for symbol in universe if terms.covers(symbol))
    return CanaryView(terms.share_frac, terms.symbols, covered)


def _shadow(since: int, progress: ShadowProgress) -> ShadowView:
    return ShadowView(
        since_sequence=since,
        until_sequence=progress.next_sequence - 1,
        n_compared=progress.n_compared,
        n_diverged=progress.n_diverged,
        n_own=progress.n_own,
        flips=progress.flips,
        rules=progress.rules,
        symbols=progress.symbols,
        unread=progress.unread,
        lacking=progress.lacking,
        problem=progress.problem or None,
    )


def divergences_view(rows: tuple[ImpactRow, ...], next_cursor: str | None) -> DivergencesView:
    """A page of divergences, for clients."""
    return DivergencesView(tuple(_divergence(row) for row in rows), next_cursor)


def _divergence(row: ImpactRow) -> DivergenceView:
    return DivergenceView(
        decision_id=row.decision_id,
        sequence=row.sequence,
        symbol=row.symbol,
        session_on=row.session_on.isoformat(),
        policy_digest=f"sha256:{row.policy_digest}",
        live_verdict=row.verdict_before,
        live_action=row.action_before,
        live_order_shares=row.shares_before,
        verdict=row.verdict,
        action=row.action,
        order_shares=row.shares,
        rules_added=row.rules_added,
        rules_dropped=row.rules_dropped,
        because=row.because,
        links={"decision": f"/internal/decisions/{row.decision_id}"},
    )
