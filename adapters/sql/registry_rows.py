"""The statements of the model registry: `governance.registry_ports.RegistryRows` inside one write transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Dialect, Insert, bindparam, func, insert, select

from adapters.sql.dialect import insert_or_replace
from adapters.sql.registry_tables import MODEL_EVIDENCE, MODEL_STAGES, MODEL_VERSIONS, TRIALS
from adapters.sql.session import prepared
from governance.changes import Changes
from governance.models import EvidenceRow, ModelRow, Stage, StageRow
from governance.trials import TrialRow

Found = Callable[..., list[tuple[Any, ...]]]
"""Runs a prepared statement with the values of its parameters by name."""


class RegistryStatements:
    """What the registry looks up in an append, compiled for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        of_family = TRIALS.c.family == bindparam("family")
        largest = select(func.max(TRIALS.c.number)).where(of_family).scalar_subquery()
        self.newest_trial = prepared(select(TRIALS).where(of_family, TRIALS.c.number == largest), dialect)
        trial = select(TRIALS).where(of_family, TRIALS.c.trial_digest == bindparam("trial_digest"))
        self.trial = prepared(trial, dialect)
        models = select(MODEL_VERSIONS).where(MODEL_VERSIONS.c.family == bindparam("family"))
        self.models = prepared(models.order_by(MODEL_VERSIONS.c.version), dialect)
        evidence = select(MODEL_EVIDENCE).where(
            MODEL_EVIDENCE.c.family == bindparam("family"), MODEL_EVIDENCE.c.version == bindparam("version")
        )
        self.evidence = prepared(evidence.order_by(MODEL_EVIDENCE.c.name), dialect)
        stages = select(MODEL_STAGES).order_by(MODEL_STAGES.c.family, MODEL_STAGES.c.version)
        self.stages = prepared(stages, dialect)


def registry_inserts(dialect: Dialect) -> Iterator[tuple[Insert, Callable[[Changes], Sequence[tuple[Any, ...]]]]]:
    """In the order of writing: an INSERT, and what of some changes it writes.

    A champion that goes is written before the one that comes: there is one at a time.
    """
    yield insert(TRIALS), lambda changes: list(changes.trials.values())
    yield insert(MODEL_VERSIONS), lambda changes: list(changes.models.values())
    yield insert(MODEL_EVIDENCE), lambda changes: [row for rows in changes.evidence.values() for row in rows]
    yield insert_or_replace(dialect, MODEL_STAGES), _stages


def _stages(changes: Changes) -> list[StageRow]:
    return sorted(changes.stages.values(), key=lambda row: row.stage == Stage.CHAMPION.value)


class SqlRegistryRows:
    """The rows of the registry under the head's lock."""

    def __init__(self, found: Found, statements: RegistryStatements) -> None:
        self._found, self._statements = found, statements

    def newest_trial(self, family: str) -> TrialRow | None:
        """The trial of a family with the largest number."""
        found = self._found(self._statements.newest_trial, family=family)
        return TrialRow._make(found[0]) if found else None

    def trial(self, family: str, trial_digest: bytes) -> TrialRow | None:
        """The trial of that digest."""
        found = self._found(self._statements.trial, family=family, trial_digest=trial_digest)
        return TrialRow._make(found[0]) if found else None

    def models(self, family: str) -> Sequence[ModelRow]:
        """All versions of a family, by number."""
        return [ModelRow._make(row) for row in self._found(self._statements.models, family=family)]

    def evidence(self, family: str, version: int) -> Sequence[EvidenceRow]:
        """What is known of a version, by name."""
        found = self._found(self._statements.evidence, family=family, version=version)
        return [EvidenceRow._make(row) for row in found]

    def stages(self) -> Sequence[StageRow]:
        """How far each version of each family has come, by family and number."""
        return [StageRow._make(row) for row in self._found(self._statements.stages)]
