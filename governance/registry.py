"""The rules of the model registry inside an append: what `RegistryTransaction` promises is kept here.

Rows of models and stages follow from entries: each change needs the entry that says so just before it, in the same
piece of work, and verification compares them. Champions change by compare-and-swap. What no code can get around, the
database itself refuses (`adapters.sql.registry_tables`).
"""

from __future__ import annotations

from collections.abc import Sequence

from governance.changes import Changes
from governance.entries import EntryKind
from governance.memory import LogMemory
from governance.models import MOVES, EvidenceRow, ModelRow, Stage, StageRow, early_stage, model_digest
from governance.registry_ports import RegistryRows
from governance.trials import TrialRow, next_trial, trial_digest
from nodes.vocabulary.errors import EdgeError, LogError

CROWNING = (EntryKind.PROMOTION, EntryKind.ROLLBACK)
"""Entries by which a version becomes champion."""
MOVING = (EntryKind.MODEL_STAGE, EntryKind.RETIREMENT)
"""Entries by which it is moved otherwise."""


class LogRegistry:
    """The registry inside one open append.

    Args:
        rows: as the adapter gives them.
        changes: what the transaction is about to write.
        memory: what the process remembers of the log.
    """

    def __init__(self, rows: RegistryRows, changes: Changes, memory: LogMemory) -> None:
        self._rows, self._changes, self._memory = rows, changes, memory

    def add_trial(self, family: str, study: str, settings: bytes, at_ns: int) -> TrialRow:
        """Write a trial down; the row that it has when it was written down before."""
        found = trial_digest(family, settings)
        known = self._changes.trials.get((family, found)) or self._rows.trial(family, found)
        if known is not None:
            return known
        row = next_trial(self.newest_trial(family), family, study, settings, at_ns)
        self._changes.put(self._changes.trials, (family, found), row)
        return row

    def newest_trial(self, family: str) -> TrialRow | None:
        """The newest trial of a family."""
        new = [row for row in self._changes.trials.values() if row.family == family]
        return max(new, key=lambda row: row.number) if new else self._rows.newest_trial(family)

    def models(self, family: str) -> Sequence[ModelRow]:
        """All versions of a family, by number."""
        new = [row for row in self._changes.models.values() if row.family == family]
        return [*self._rows.models(family), *new]

    def register(self, row: ModelRow, evidence: Sequence[EvidenceRow]) -> None:
        """Add a version as a candidate.

        Raises LogError when the newest entry is not the MODEL that says so, when the number is not the next one, or
        when the ledger stands otherwise than the version says.
        """
        versions, newest = self.models(row.family), self.newest_trial(row.family)
        wanted = 1 + max((each.version for each in versions), default=0)
        if row.version != wanted or row.model_digest != model_digest(row):
            message = f"{row.name} with digest {row.model_digest.hex()} was to be registered, expected version {wanted}"
            raise LogError(f"{message} and the digest of its content; register it through a use case")
        if newest is None or (newest.number, newest.chain) != (row.n_trials, row.trials_digest):
            held = 0 if newest is None else newest.number
            message = f"{row.name} counts {row.n_trials} trials, the ledger of {row.family} holds {held}"
            raise LogError(f"{message}; judge the model by all of them, then register it", reason="stale-trials")
        self._require_entry((EntryKind.MODEL,), row.sequence, row.name, model_digest=row.model_digest)
        place = (row.family, row.version)
        self._changes.put(self._changes.models, place, row)
        self._changes.put(self._changes.evidence, place, tuple(evidence))
        stage = early_stage(row, Stage.CANDIDATE, row.sequence)
        self._changes.put(self._changes.stages, place, stage)

    def evidence(self, family: str, version: int) -> Sequence[EvidenceRow]:
        """What is known of a version, by name."""
        return self._changes.evidence.get((family, version)) or self._rows.evidence(family, version)

    def stage(self, family: str, version: int) -> StageRow | None:
        """How far a version has come."""
        place = (family, version)
        return next((row for row in self._stages() if (row.family, row.version) == place), None)

    def champion(self, family: str) -> StageRow | None:
        """The champion of a family."""
        return next((row for row in self.champions() if row.family == family), None)

    def champions(self) -> Sequence[StageRow]:
        """The champion of every family that has one, by family; asked for in every append, so that it is remembered."""
        if self._changes.stages:
            return _champions(self._stages())
        if self._memory.champions is None:
            self._memory.champions = _champions(self._rows.stages())
        return self._memory.champions

    def move(self, row: StageRow, before: StageRow) -> None:
        """Move a version on. Raises EdgeError when it may not be, or stands elsewhere than `before` says."""
        self._require_stands(row, before)
        if Stage(row.stage) not in MOVES[Stage(before.stage)]:
            message = f"{row.name} is {before.stage} and cannot become {row.stage}; take the stages in turn"
            raise EdgeError(
                f"{message}; it takes the stages in turn, and a promotion to the last", reason="wrong-stage"
            )
        self._require_entry(MOVING, row.sequence, row.name, stage=row.stage)
        self._changes.put(self._changes.stages, (row.family, row.version), row)

    def crown(self, row: StageRow, dethroned: StageRow | None) -> None:
        """Make a version champion.

        Raises EdgeError when another version is champion than `dethroned`, and LogError when the newest entry of this
        piece of work does not say so.
        """
        found = self.champion(row.family)
        if found != dethroned:
            message = f"champion of {row.family} is {_named(found)}, expected {_named(dethroned)}"
            raise EdgeError(f"{message}; look at the registry and ask anew", reason="stale-condition")
        self._require_entry(CROWNING, row.sequence, row.name, stage=Stage.CHAMPION.value)
        if dethroned is not None:
            retired = early_stage(dethroned, Stage.RETIRED, row.sequence)
            self._changes.put(self._changes.stages, (dethroned.family, dethroned.version), retired)
        self._changes.put(self._changes.stages, (row.family, row.version), row)

    def _stages(self) -> list[StageRow]:
        stored = {(row.family, row.version): row for row in self._rows.stages()}
        found = stored | self._changes.stages
        return [found[place] for place in sorted(found)]

    def _require_stands(self, row: StageRow, before: StageRow) -> None:
        found = self.stage(row.family, row.version)
        if found != before or (row.family, row.version) != (before.family, before.version):
            stands = "not registered" if found is None else found.stage
            message = f"{row.name} is {stands}, expected {before.stage}; look at the registry and ask anew"
            raise EdgeError(message, reason="stale-condition")

    def _require_entry(self, kinds: Sequence[EntryKind], sequence: int, name: str, **said: object) -> None:
        newest = self._changes.newest
        family, _, version = name.rpartition(" v")
        wanted = {"family": family, "version": int(version), **said}
        is_there = newest is not None and newest.sequence == sequence and newest.kind in {kind.value for kind in kinds}
        facts = newest.entry.facts if newest is not None and is_there else {}
        if any(name not in facts or facts[name] != value for name, value in wanted.items()):
            words = " or ".join(kind.value for kind in kinds)
            message = f"change of {name} has no entry; append its {words} entry with {wanted} just before it"
            raise LogError(message)


def _champions(stages: Sequence[StageRow]) -> tuple[StageRow, ...]:
    return tuple(row for row in stages if row.stage == Stage.CHAMPION.value)


def _named(row: StageRow | None) -> str:
    return "none" if row is None else row.name
