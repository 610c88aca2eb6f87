"""Proofs about policies in JSON."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from api.http.schemas.jobs import MAX_POLICY
from api.use_cases.policy_proofs import ProofAsked, said
from api.views.shown import Shown, shown
from governance.policy_proof import DEFAULT_EFFORT, MAX_EFFORT, Answer, Claim, ProofReport
from governance.proof_witness import Ruling, Witness
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.units import annotation_of_name

METHOD = (
    "over every input within the bounds, each of which may also be unknown; comparisons of doubles are exact, and a "
    "proof that is not exact takes their sums and quotients as if they did not round; every witness was run"
)


class PolicyProofBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A candidate, and what is asked of it.

    Attributes:
        text: the policy; it needs no cases for this.
        file: what to call it in faults.
        against: digest of a policy that was active, or its first digits; null for the one that runs.
        claims: what is asked: whether one policy acts where the other denies (candidate-allows, live-allows), where the
            other waits for a person (...-skips-review), or sends more shares (...-sends-more).
        effort: how hard is tried for each claim.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\.yaml$")] = "candidate.yaml"
    against: Annotated[str, msgspec.Meta(pattern=r"^(sha256:)?[0-9a-f]{6,64}$")] | None = None
    claims: Annotated[tuple[Claim, ...], msgspec.Meta(min_length=1, max_length=6)] = tuple(Claim)
    effort: Annotated[int, msgspec.Meta(ge=1, le=MAX_EFFORT)] = DEFAULT_EFFORT


class ProofChangeView(msgspec.Struct, frozen=True):
    """An input of a witness that is not as recorded."""

    input: str
    unit: str
    recorded: Shown
    value: Shown


class ProofRulingView(msgspec.Struct, frozen=True):
    """What a policy decides of a witness.

    Attributes:
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        order_shares: how many shares are sent or held, with their side.
        reasons: why, by rule, the gravest first.
    """

    verdict: str
    action: str
    order_shares: int
    reasons: dict[str, str]


class ProofWitnessView(msgspec.Struct, frozen=True):
    """Inputs that show something, confirmed by running both policies.

    Attributes:
        decision_id: the recorded decision that they start from; null when they start from none.
        changed: what differs from it; everything when it starts from none.
        inputs: all of them.
        live: what the live policy decides.
        candidate: what the candidate decides.
    """

    decision_id: str | None
    changed: tuple[ProofChangeView, ...]
    inputs: dict[str, Shown]
    live: ProofRulingView
    candidate: ProofRulingView


class UnreadNodeView(msgspec.Struct, frozen=True):
    """A node that a rule rests on and that could not be read as a formula."""

    rule: str
    node: str
    why: str


class PolicyProofAnswerView(msgspec.Struct, frozen=True):
    """What was found of one claim.

    Attributes:
        claim: which.
        state: proved, witness, outside or undecided.
        says: the same in a sentence.
        is_exact: for a proof, whether it holds for doubles as they round.
        witness: inputs that show it; null unless the state is witness.
        unread: for outside, which rules and why.
    """

    claim: str
    state: str
    says: str
    is_exact: bool
    witness: ProofWitnessView | None
    unread: tuple[UnreadNodeView, ...]


class InputBoundView(msgspec.Struct, frozen=True):
    """What an input was taken to be.

    Attributes:
        input: which.
        low: least value; null where there is none.
        high: most; null where there is none.
        source: contract, unit or meaning.
    """

    input: str
    low: Shown | None
    high: Shown | None
    source: str


class PolicyProofView(msgspec.Struct, frozen=True):
    """What can be said of two policies for all inputs.

    Attributes:
        live_digest: the policy that runs, or that was named.
        candidate_digest: the other.
        rules: those that decide otherwise, or are in one alone.
        answers: one for each claim.
        bounds: what inputs were taken to be.
        method: what was done, and how exact it is.
    """

    live_digest: str
    candidate_digest: str
    rules: tuple[str, ...]
    answers: tuple[PolicyProofAnswerView, ...]
    bounds: tuple[InputBoundView, ...]
    method: str


def proof_asked(body: PolicyProofBody) -> ProofAsked:
    """What a body asks."""
    claims = tuple(dict.fromkeys(body.claims))
    return ProofAsked(body.text.encode(), body.file, body.against or "", claims, body.effort)


def proof_view(report: ProofReport) -> PolicyProofView:
    """A report, for clients."""
    return PolicyProofView(
        live_digest=digest_text(report.live_digest),
        candidate_digest=digest_text(report.candidate_digest),
        rules=report.rules,
        answers=tuple(_answer(answer) for answer in report.answers),
        bounds=tuple(
            InputBoundView(name, _end(name, bound.low), _end(name, bound.high), bound.source)
            for name, bound in sorted(report.bounds.items())
        ),
        method=METHOD,
    )


def _answer(answer: Answer) -> PolicyProofAnswerView:
    return PolicyProofAnswerView(
        claim=answer.claim.value,
        state=answer.state.value,
        says=said(answer),
        is_exact=answer.is_exact,
        witness=None if answer.witness is None else _witness(answer.witness),
        unread=tuple(UnreadNodeView(unread.rule_id, unread.node, unread.why) for unread in answer.unread),
    )


def _witness(found: Witness) -> ProofWitnessView:
    changed = tuple(
        ProofChangeView(each.input, each.unit, _shown(each.input, each.recorded), _shown(each.input, each.value))
        for each in found.changed
    )
    inputs = {name: _shown(name, value) for name, value in sorted(found.inputs.items())}
    return ProofWitnessView(found.base or None, changed, inputs, _ruling(found.live), _ruling(found.candidate))


def _ruling(found: Ruling) -> ProofRulingView:
    return ProofRulingView(found.verdict, found.action, found.order_shares, dict(found.rules))


def _end(name: str, value: Any) -> Shown | None:  # noqa: ANN401  # of the input's type
    return None if value is None else _shown(name, value)


def _shown(name: str, value: Any) -> Shown:  # noqa: ANN401
    return shown(value, getattr(annotation_of_name(name), "__name__", ""))
