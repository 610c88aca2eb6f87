"""The model registry in one consistent view: `governance.registry_ports.RegistryReader`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Executable, Row, select, union

from adapters.sql.registry_tables import MODEL_EVIDENCE, MODEL_STAGES, MODEL_VERSIONS, TRIALS
from governance.models import EvidenceRow, ModelRow, Stage, StageRow
from governance.trials import TrialRow

Rows = Callable[[Executable], Sequence[Row[Any]]]
"""Everything that a statement selects."""


class SqlRegistryReader:
    """The statements that read the registry."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def families(self) -> Sequence[str]:
        """Every family that has a trial or a version."""
        return sorted(row[0] for row in self._rows(union(select(TRIALS.c.family), select(MODEL_VERSIONS.c.family))))

    def newest_trial(self, family: str) -> TrialRow | None:
        """The trial of a family with the largest number."""
        wanted = select(TRIALS).where(TRIALS.c.family == family).order_by(TRIALS.c.number.desc()).limit(1)
        return next((TrialRow._make(row) for row in self._rows(wanted)), None)

    def trials(self, family: str, after: int = 0, most: int = 1000) -> Sequence[TrialRow]:
        """The next trials of a family by number."""
        wanted = select(TRIALS).where(TRIALS.c.family == family, TRIALS.c.number > after)
        return [TrialRow._make(row) for row in self._rows(wanted.order_by(TRIALS.c.number).limit(most))]

    def models(self, family: str | None = None) -> Sequence[ModelRow]:
        """All versions of a family, or of all families, by family and number."""
        wanted = select(MODEL_VERSIONS).order_by(MODEL_VERSIONS.c.family, MODEL_VERSIONS.c.version)
        if family is not None:
            wanted = wanted.where(MODEL_VERSIONS.c.family == family)
        return [ModelRow._make(row) for row in self._rows(wanted)]

    def evidence(self, family: str | None = None, version: int | None = None) -> Sequence[EvidenceRow]:
        """What is known of a version, of all versions of a family, or of all."""
        wanted = select(MODEL_EVIDENCE).order_by(*MODEL_EVIDENCE.primary_key)
        if family is not None:
            wanted = wanted.where(MODEL_EVIDENCE.c.family == family)
        if version is not None:
            wanted = wanted.where(MODEL_EVIDENCE.c.version == version)
        return [EvidenceRow._make(row) for row in self._rows(wanted)]

    def stages(self) -> Sequence[StageRow]:
        """How far each version has come, by family and number."""
        wanted = select(MODEL_STAGES).order_by(MODEL_STAGES.c.family, MODEL_STAGES.c.version)
        return [StageRow._make(row) for row in self._rows(wanted)]

    def champion(self, family: str) -> StageRow | None:
        """The champion of a family."""
        return next((row for row in self.champions() if row.family == family), None)

    def champions(self) -> Sequence[StageRow]:
        """The champion of every family that has one, by family."""
        wanted = select(MODEL_STAGES).where(MODEL_STAGES.c.stage == Stage.CHAMPION.value)
        return tuple(StageRow._make(row) for row in self._rows(wanted.order_by(MODEL_STAGES.c.family)))
