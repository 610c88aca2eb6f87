"""What the model registry asks of the world: its rows inside an append, and in one consistent view of a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from governance.models import EvidenceRow, ModelRow, StageRow
from governance.trials import TrialRow


class RegistryRows(Protocol):
    """The rows of the registry inside one open write transaction that holds the head's lock."""

    def newest_trial(self, family: str) -> TrialRow | None:
        """The trial of a family with the largest number."""
        ...

    def trial(self, family: str, trial_digest: bytes) -> TrialRow | None:
        """The trial of that digest."""
        ...

    def models(self, family: str) -> Sequence[ModelRow]:
        """All versions of a family, by number."""
        ...

    def evidence(self, family: str, version: int) -> Sequence[EvidenceRow]:
        """What is known of a version, by name."""
        ...

    def stages(self) -> Sequence[StageRow]:
        """How far each version of each family has come, by family and number."""
        ...


class RegistryTransaction(Protocol):
    """The registry inside one open append."""

    def add_trial(self, family: str, study: str, settings: bytes, at_ns: int) -> TrialRow:
        """Write a trial down; the row that it has when it was written down before. Needs no entry."""
        ...

    def newest_trial(self, family: str) -> TrialRow | None:
        """The newest trial of a family."""
        ...

    def models(self, family: str) -> Sequence[ModelRow]:
        """All versions of a family, by number."""
        ...

    def register(self, row: ModelRow, evidence: Sequence[EvidenceRow]) -> None:
        """Add a version; its MODEL entry comes first."""
        ...

    def evidence(self, family: str, version: int) -> Sequence[EvidenceRow]:
        """What is known of a version, by name."""
        ...

    def stage(self, family: str, version: int) -> StageRow | None:
        """How far a version has come; None for one that is not registered."""
        ...

    def champion(self, family: str) -> StageRow | None:
        """The champion of a family."""
        ...

    def champions(self) -> Sequence[StageRow]:
        """The champion of every family that has one, by family."""
        ...

    def move(self, row: StageRow, before: StageRow) -> None:
        """Move a version on from the stage that it was known to be at; the entry that says so comes first."""
        ...

    def crown(self, row: StageRow, dethroned: StageRow | None) -> None:
        """Make a version champion if `dethroned` is the champion; the entry that says so comes first."""
        ...


class RegistryReader(Protocol):
    """The registry in one consistent view of a log."""

    def families(self) -> Sequence[str]:
        """Every family that has a trial or a version."""
        ...

    def newest_trial(self, family: str) -> TrialRow | None:
        """The trial of a family with the largest number."""
        ...

    def trials(self, family: str, after: int = 0, most: int = 1000) -> Sequence[TrialRow]:
        """The next trials of a family by number."""
        ...

    def models(self, family: str | None = None) -> Sequence[ModelRow]:
        """All versions of a family, or of all families, by family and number."""
        ...

    def evidence(self, family: str | None = None, version: int | None = None) -> Sequence[EvidenceRow]:
        """What is known of a version, of all versions of a family, or of all."""
        ...

    def stages(self) -> Sequence[StageRow]:
        """How far each version has come, by family and number."""
        ...

    def champion(self, family: str) -> StageRow | None:
        """The champion of a family."""
        ...

    def champions(self) -> Sequence[StageRow]:
        """The champion of every family that has one, by family."""
        ...
