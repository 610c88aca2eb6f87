"""What clients read and say about models. Digests lead to data, code, policy and trials; figures are as registered."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from api.use_cases.model_log import ModelEvent
from api.use_cases.model_reading import FamilyView, ModelView, TrialView
from api.use_cases.model_work import ModelOutcome
from api.use_cases.shadows import ShadowScores
from governance.papers import Paper
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text

NO_CHAMPION = "none"
"""What stands for the champion of a family that has none, in an ETag."""
Because = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class ModelVersionView(msgspec.Struct, frozen=True):
    """One model version.

    Attributes:
        family: name that all its versions share.
        version: its number.
        stage: candidate, shadow, challenger, champion or retired.
        stage_sequence: log entry that brought it there.
        waits_for_approval: whether a promotion of it waits for a second person.
        registered_at: when it was registered.
        sequence: log entry that registered it.
        n_trials: how many trials its figures were told of, as the ledger counted them.
        features: names of its inputs, in order.
        evidence: figures by name.
        model_digest: its identity.
        artefact_digest: SHA-256 of the exported model.
        data_digest: of the data that it was fitted and judged on.
        code_digest: of the code that made it.
        policy_digest: of the research policy.
        trials_digest: of the trial ledger when it was registered.
        links: its card, its memo, its history.
    """

    family: str
    version: int
    stage: str
    stage_sequence: int
    waits_for_approval: bool
    registered_at: str
    sequence: int
    n_trials: int
    features: tuple[str, ...]
    evidence: dict[str, float]
    model_digest: str
    artefact_digest: str
    data_digest: str
    code_digest: str
    policy_digest: str
    trials_digest: str
    links: dict[str, str]


class ModelFamilyView(msgspec.Struct, frozen=True):
    """One model family.

    Attributes:
        family: its name.
        n_trials: how many trials its ledger holds.
        trials_digest: of the ledger; null when it is empty.
        champion: the version that decides; null without one.
        champion_digest: its identity.
        versions: all versions, newest first.
    """

    family: str
    n_trials: int
    trials_digest: str | None
    champion: int | None
    champion_digest: str | None
    versions: tuple[ModelVersionView, ...]


class ModelFamiliesView(msgspec.Struct, frozen=True):
    """Every model family."""

    families: tuple[ModelFamilyView, ...]


class ModelTrialView(msgspec.Struct, frozen=True):
    """One trial of a family.

    Attributes:
        number: its place in the ledger.
        trial_digest: its identity: the same settings on the same data with the same code are one trial.
        study: the run that tried it first.
        recorded_at: when it was written down, before its model was fitted.
    """

    number: int
    trial_digest: str
    study: str
    recorded_at: str


class ModelTrialsView(msgspec.Struct, frozen=True):
    """Some trials of a family.

    Attributes:
        trials: in the order of the ledger.
        next_after: the number to go on after; null at the end.
    """

    trials: tuple[ModelTrialView, ...]
    next_after: int | None


class PaperView(msgspec.Struct, frozen=True):
    """A paper that was generated from the registry and the log.

    Attributes:
        title: what it is about.
        markdown: the paper as Markdown.
        html: the same as a page that needs nothing else.
    """

    title: str
    markdown: str
    html: str


class MemoView(msgspec.Struct, frozen=True):
    """A deployment memo.

    Attributes:
        note: the memo as a note that the log's key signed (C2SP signed-note).
    """

    note: str


class ModelEventView(msgspec.Struct, frozen=True):
    """One entry of the log about a version.

    Attributes:
        sequence: the entry.
        kind: what it records.
        recorded_at: when the log learned of it.
        principal: who did it.
        because: why, in their words.
    """

    sequence: int
    kind: str
    recorded_at: str
    principal: str
    because: str


class ModelHistoryView(msgspec.Struct, frozen=True):
    """What the log says of a version, oldest first."""

    events: tuple[ModelEventView, ...]


class ModelOutcomeView(msgspec.Struct, frozen=True):
    """What became of a request about a model.

    Attributes:
        state: proposed, denied, held, champion, withdrawn, shadow, challenger or retired.
        family: of the version.
        version: which.
        sequence: log entry that says so.
        reasons: what the rules of the gate said, gravest first.
        champion: the version that decides now; null without one.
    """

    state: str
    family: str
    version: int
    sequence: int
    reasons: tuple[str, ...]
    champion: int | None


class ModelReasonBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why.

    Attributes:
        because: in words; kept in the log.
    """

    because: Because


class ModelStageBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where a version is to go, and why.

    Attributes:
        stage: shadow, challenger or retired.
        because: why, in words; kept in the log.
    """

    stage: Literal["shadow", "challenger", "retired"]
    because: Because


class ModelRollbackBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which champion to go back to, and why.

    Attributes:
        version: a version that was champion in this log.
        because: why, in words; kept in the log.
    """

    version: Version
    because: Because


def version_view(found: ModelView) -> ModelVersionView:
    """A version, for clients."""
    row = found.row
    place = f"/api/v1/models/{row.family}/versions/{row.version}"
    return ModelVersionView(
        family=row.family,
        version=row.version,
        stage=found.stage.stage,
        stage_sequence=found.stage.sequence,
        waits_for_approval=found.waits,
        registered_at=instant_text(found.created_at),
        sequence=row.sequence,
        n_trials=row.n_trials,
        features=found.features,
        evidence=dict(found.evidence),
        model_digest=digest_text(row.model_digest),
        artefact_digest=digest_text(row.artefact_digest),
        data_digest=digest_text(row.data_digest),
        code_digest=digest_text(row.code_digest),
        policy_digest=digest_text(row.policy_digest),
        trials_digest=digest_text(row.trials_digest),
        links={name: f"{place}/{name}" for name in ("card", "memo", "history")},
    )


def family_view(found: FamilyView) -> ModelFamilyView:
    """A family, for clients."""
    return ModelFamilyView(
        family=found.family,
        n_trials=found.n_trials,
        trials_digest=_digest(found.trials_digest),
        champion=found.champion,
        champion_digest=_digest(found.champion_digest),
        versions=tuple(version_view(version) for version in found.versions),
    )


def trials_view(found: tuple[TrialView, ...], most: int) -> ModelTrialsView:
    """Trials, for clients."""
    trials = tuple(
        ModelTrialView(each.number, digest_text(each.trial_digest), each.study, instant_text(each.recorded_at))
        for each in found
    )
    return ModelTrialsView(trials, trials[-1].number if len(trials) == most else None)


def paper_view(found: Paper) -> PaperView:
    """A paper, for clients."""
    return PaperView(found.title, found.markdown, found.html)


class ShadowSessionView(msgspec.Struct, frozen=True):
    """What a version said of a session without deciding.

    Attributes:
        session_on: the session.
        sequence: log entry that says so.
        scores: by symbol; null where it has none.
        reason: why it scored nothing at all; null where it did.
    """

    session_on: str
    sequence: int
    scores: dict[str, float | None]
    reason: str | None


class ShadowScoresView(msgspec.Struct, frozen=True):
    """What a version said of sessions without deciding.

    Attributes:
        sessions: newest first.
    """

    sessions: tuple[ShadowSessionView, ...]


def shadow_view(found: tuple[ShadowScores, ...]) -> ShadowScoresView:
    """What a version said, for clients."""
    return ShadowScoresView(
        tuple(
            ShadowSessionView(each.session_on.isoformat(), each.sequence, dict(each.scores), each.reason or None)
            for each in found
        )
    )


def history_view(events: tuple[ModelEvent, ...]) -> ModelHistoryView:
    """What the log says, for clients."""
    return ModelHistoryView(
        tuple(
            ModelEventView(event.sequence, event.kind, instant_text(event.at), event.principal, event.because)
            for event in events
        )
    )


def outcome_view(outcome: ModelOutcome) -> ModelOutcomeView:
    """What became of a request, for clients."""
    return ModelOutcomeView(
        outcome.state, outcome.family, outcome.version, outcome.sequence, outcome.reasons, outcome.champion
    )


def champion_tag(champion_digest: bytes | None) -> str:
    """What the ETag of a family names."""
    return NO_CHAMPION if champion_digest is None else digest_text(champion_digest)


def _digest(found: bytes | None) -> str | None:
    return None if found is None else digest_text(found)
