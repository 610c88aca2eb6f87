"""Verification of the model registry: its rows are what the entries say, and its trials are all there and in order.

A row more than the entries say, one less, or another one is a finding, and so is a trial that was taken out of the
ledger, put in, or changed. Runs name the champions that were in force when they were made; whether they were is checked
against the entries before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from governance.entries import Entry, EntryKind
from governance.findings import Notebook
from governance.models import EvidenceRow, ModelRow, Stage, StageRow, early_stage, model_of_facts, stage_of_facts
from governance.registry_ports import RegistryReader
from governance.trials import TrialRow, trial_chain, trial_digest
from nodes.vocabulary.chain import CHAIN_START

CHAMPIONS = "champions"
"""The fact by which a run names its champions: digests of model versions by family."""
SCORED_BY = "scored_by"
"""The fact by which a session run names the exported model that scored it: its digest, by family."""
_RESTORE = "restore it from a copy"
_MOVES = (EntryKind.MODEL_STAGE, EntryKind.RETIREMENT, EntryKind.PROMOTION, EntryKind.ROLLBACK)
_SCORED = (EntryKind.PLAN, EntryKind.DECISION)
_SHADOWS = (Stage.SHADOW.value, Stage.CHALLENGER.value)
_Place = tuple[str, int]


@dataclass(slots=True)
class LearnedRegistry:
    """What the entries say of models.

    Attributes:
        models: every version that was registered, by family and number.
        evidence: what its entry says is known of it.
        stages: how far each has come.
        impostors: runs that name other champions than there were: sequence, what they name, what there was.
        scored: which model scored each plan, by the id of its entry.
    """

    models: dict[_Place, ModelRow] = field(default_factory=dict)
    evidence: dict[_Place, Mapping[str, Any]] = field(default_factory=dict)
    stages: dict[_Place, StageRow] = field(default_factory=dict)
    impostors: list[tuple[int, object, object]] = field(default_factory=list)
    scored: dict[bytes, object] = field(default_factory=dict)

    def learn(self, sequence: int, entry: Entry) -> None:
        """Take one entry in."""
        if CHAMPIONS in entry.facts and entry.facts[CHAMPIONS] != self.champions:
            self.impostors.append((sequence, entry.facts[CHAMPIONS], self.champions))
        self._learn_scoring(sequence, entry)
        if entry.kind is EntryKind.MODEL:
            self._learn_model(sequence, entry.facts)
        elif entry.kind in _MOVES:
            row = stage_of_facts(entry.facts, sequence)
            if row is not None:
                self._move(row)

    @property
    def champions(self) -> dict[str, bytes]:
        """Digest of the champion of each family that has one."""
        return {row.family: row.model_digest for row in self.stages.values() if row.stage == Stage.CHAMPION.value}

    @property
    def artefacts(self) -> dict[str, bytes]:
        """Digest of the exported bytes of each champion, by family."""
        rows = (self.models.get(place) for place, row in self.stages.items() if row.stage == Stage.CHAMPION.value)
        return {row.family: row.artefact_digest for row in rows if row is not None}

    def _learn_scoring(self, sequence: int, entry: Entry) -> None:
        """Who scored what: a plan by the champion, a decision on a plan of the champion, a shadow in the shadow."""
        if SCORED_BY in entry.facts:
            self.scored[entry.entry_id] = entry.facts[SCORED_BY]
        if entry.kind in _SCORED and self.scored:
            for named in (self.scored[each] for each in (entry.entry_id, *entry.cites) if each in self.scored):
                if not _is_part(named, self.artefacts):
                    self.impostors.append((sequence, named, self.artefacts))
        if entry.kind is EntryKind.SHADOW:
            row = self.stages.get((entry.facts.get("family", ""), entry.facts.get("version", 0)))
            named = {entry.facts.get("family", ""): entry.facts.get("model_digest")}
            known = {} if row is None or row.stage not in _SHADOWS else {row.family: row.model_digest}
            if named != known:
                self.impostors.append((sequence, named, known))

    def _learn_model(self, sequence: int, facts: Mapping[str, Any]) -> None:
        row = model_of_facts(facts, sequence)
        evidence = facts.get("evidence")
        if row is not None and isinstance(evidence, Mapping):
            place = (row.family, row.version)
            self.models[place], self.evidence[place] = row, evidence
            self.stages[place] = early_stage(row, Stage.CANDIDATE, sequence)

    def _move(self, row: StageRow) -> None:
        if row.stage == Stage.CHAMPION.value:
            for place, other in self.stages.items():
                if other.family == row.family and other.stage == Stage.CHAMPION.value:
                    self.stages[place] = early_stage(other, Stage.RETIRED, row.sequence)
        self.stages[row.family, row.version] = row


def _is_part(named: object, known: Mapping[str, bytes]) -> bool:
    """Whether something names digests by family, each of them known."""
    return isinstance(named, Mapping) and all(known.get(family) == digest for family, digest in named.items())


def check_registry(reader: RegistryReader, seen: LearnedRegistry, notes: Notebook) -> None:
    """Check every row of the registry against what the entries say."""
    _compare("model_versions", {(row.family, row.version): row for row in reader.models()}, seen.models, notes)
    _compare("model_stages", {(row.family, row.version): row for row in reader.stages()}, seen.stages, notes)
    _compare("model_evidence", {row[:3]: row for row in reader.evidence()}, _evidence(seen), notes)
    for sequence, named, known in seen.impostors:
        what = f"names champions {_shown(named)}, the entries before it say {_shown(known)}"
        notes.find(f"entry {sequence}", what, "restore the log from a copy")
    for family in reader.families():
        _check_trials(reader, family, seen, notes)


def _compare(table: str, stored: Mapping[Any, Any], expected: Mapping[Any, Any], notes: Notebook) -> None:
    for key in sorted(stored.keys() | expected.keys()):
        found, wanted, place = stored.get(key), expected.get(key), f"{table} {' v'.join(map(str, key[:2]))}"
        notes.count("registry rows")
        if found is None:
            notes.find(place, f"has no row for {key}, the entries say there is one", _RESTORE)
        elif wanted is None:
            notes.find(place, f"has a row for {key} that no entry says", "remove the added row")
        elif tuple(found) != tuple(wanted):
            names = [name for name, one, other in zip(found._fields, found, wanted, strict=True) if one != other]
            notes.find(place, f"differs from what the entries say in {', '.join(names)}", _RESTORE)


def _evidence(seen: LearnedRegistry) -> dict[Any, EvidenceRow]:
    return {
        (*place, name): EvidenceRow(*place, name, value)
        for place, evidence in seen.evidence.items()
        for name, value in evidence.items()
    }


def _check_trials(reader: RegistryReader, family: str, seen: LearnedRegistry, notes: Notebook) -> None:
    """The chain of a family's trials, and that it passes through every point that a version rests on."""
    counted = {row.n_trials: row for (name, _), row in seen.models.items() if name == family}
    for before, row in pairwise((None, *_trials(reader, family))):
        if row is None:
            continue
        notes.count("trials")
        place = f"trials {family} {row.number}"
        number, chain = (1, CHAIN_START) if before is None else (before.number + 1, before.chain)
        if row.number != number:
            notes.find(place, f"follows trial {number - 1}: some were taken out", _RESTORE)
        elif row.chain != trial_chain(chain, row) or row.trial_digest != trial_digest(family, row.settings):
            notes.find(place, "does not fit its chain: it, or one before it, was changed", _RESTORE)
        rests = counted.pop(row.number, None)
        if rests is not None and rests.trials_digest != row.chain:
            notes.find(place, f"has another chain than {rests.name} was registered with", _RESTORE)
    for n_trials, model in counted.items():
        notes.find(f"trials {family} {n_trials}", f"is missing, {model.name} rests on it", _RESTORE)


def _trials(reader: RegistryReader, family: str) -> Iterator[TrialRow]:
    page = reader.trials(family)
    while page:
        yield from page
        page = reader.trials(family, page[-1].number)


def _shown(named: object) -> str:
    if not isinstance(named, Mapping):
        return repr(named)
    words = (f"{family} {each.hex() if isinstance(each, bytes) else each!r}" for family, each in named.items())
    return ", ".join(words) or "none"
