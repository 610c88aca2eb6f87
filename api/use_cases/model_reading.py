"""The registry for readers: families, versions with all that is known of them, their papers, and where it all leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.use_cases.model_desk import model_named
from api.use_cases.model_log import ModelEvent, model_log
from api.use_cases.model_papers import model_card
from governance.models import ModelRow, StageRow
from governance.papers import Paper
from governance.ports import LogReader
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns


@dataclass(frozen=True)
class ModelView:
    """A version as readers see it.

    Attributes:
        row: what it is made of.
        stage: how far it has come.
        evidence: figures by name.
        waits: whether a promotion of it waits for a second person.
    """

    row: ModelRow
    stage: StageRow
    evidence: Mapping[str, float]
    waits: bool

    @property
    def created_at(self) -> datetime:
        """When it was registered."""
        return instant_from_ns(self.row.created_at_ns)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of its inputs, in order."""
        return tuple(self.row.features.split(","))


@dataclass(frozen=True)
class FamilyView:
    """A family as readers see it.

    Attributes:
        family: its name.
        n_trials: how many trials its ledger holds.
        trials_digest: of the ledger; None when it is empty.
        champion: the version that decides; None without one.
        champion_digest: of that version.
        versions: all of them, newest first.
    """

    family: str
    n_trials: int
    trials_digest: bytes | None
    champion: int | None
    champion_digest: bytes | None
    versions: tuple[ModelView, ...]


@dataclass(frozen=True)
class TrialView:
    """A trial as readers see it: settings are what told it from others."""

    number: int
    trial_digest: bytes
    study: str
    recorded_at: datetime
    settings: Mapping[str, Any]


def families(reader: LogReader) -> tuple[FamilyView, ...]:
    """Every family that has a trial or a version."""
    return tuple(family_view(reader, family) for family in reader.registry.families())


def family_view(reader: LogReader, family: str) -> FamilyView:
    """A family. Raises EdgeError (not-found) for one that has neither a trial nor a version."""
    newest, champion = reader.registry.newest_trial(family), reader.registry.champion(family)
    rows = reader.registry.models(family)
    if newest is None and not rows:
        known = ", ".join(reader.registry.families()) or "none"
        message = f"model family {family!r} is not known here, only {known}; name one of these"
        raise EdgeError(message, reason="not-found")
    waiting = {event.version for event in model_log(reader, family).proposals}
    stages = {row.version: row for row in reader.registry.stages() if row.family == family}
    versions = tuple(_view(reader, row, stages[row.version], waiting) for row in reversed(rows))
    return FamilyView(
        family=family,
        n_trials=0 if newest is None else newest.number,
        trials_digest=None if newest is None else newest.chain,
        champion=None if champion is None else champion.version,
        champion_digest=None if champion is None else champion.model_digest,
        versions=versions,
    )


def model_view(reader: LogReader, family: str, version: int) -> ModelView:
    """A version. Raises EdgeError (not-found) for one that is not registered."""
    row, stage = model_named(reader, family, version)
    waiting = {event.version for event in model_log(reader, family).proposals}
    return _view(reader, row, stage, waiting)


def model_events(reader: LogReader, family: str, version: int) -> tuple[ModelEvent, ...]:
    """What the log says of a version, oldest first."""
    model_named(reader, family, version)
    return model_log(reader, family).of_version(version)


def card(reader: LogReader, family: str, version: int) -> Paper:
    """The card of a version as the registry has it now."""
    row, stage = model_named(reader, family, version)
    return model_card(reader, row, stage, model_log(reader, family).of_version(version))


def memo(reader: LogReader, family: str, version: int) -> bytes:
    """The newest signed memo of a version. Raises EdgeError (not-found) for one that was never champion."""
    row, _ = model_named(reader, family, version)
    crowning = model_log(reader, family).crowning(version)
    if crowning is None:
        message = f"{row.name} was never champion, so that there is no memo of it; promote it first"
        raise EdgeError(message, reason="not-found")
    return reader.body(crowning.facts["memo_ref"])


def trials(reader: LogReader, family: str, after: int, most: int) -> tuple[TrialView, ...]:
    """The next trials of a family after a number."""
    return tuple(
        TrialView(
            number=row.number,
            trial_digest=row.trial_digest,
            study=row.study,
            recorded_at=instant_from_ns(row.recorded_at_ns),
            settings=decode(row.settings),
        )
        for row in reader.registry.trials(family, after, most)
    )


def _view(reader: LogReader, row: ModelRow, stage: StageRow, waiting: set[int]) -> ModelView:
    evidence = {each.name: each.value for each in reader.registry.evidence(row.family, row.version)}
    return ModelView(row, stage, evidence, row.version in waiting)
