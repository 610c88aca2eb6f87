"""What happens to a model version, each time as one entry and the rows that follow from it, inside an append.

A version is registered; it is moved through the early stages; it is crowned by a promotion or a rollback, which takes
the champion's crown in the same transaction. Who may ask for that, and what has to be shown before: `api.use_cases`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.entries import Entry, EntryKind
from governance.models import (
    DSR,
    PBO,
    REQUIRED_EVIDENCE,
    SPA,
    EvidenceRow,
    ModelContent,
    ModelRow,
    Stage,
    StageRow,
    early_stage,
    model_digest,
    model_facts,
    stage_facts,
)
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.errors import EdgeError, LogError
from nodes.vocabulary.instants import instant_ns

REFERENCE = "reference_ref"
"""The fact of a MODEL entry that names the body which live data are compared with; absent where there is none."""


@dataclass(frozen=True)
class Act:
    """Who does something about a model, in which log, when and why.

    Attributes:
        origin: the log's name.
        principal: who.
        at: now, by the shell's clock.
        why: in words; "" where none are needed.
        said: further facts of the entry.
        bodies: refs of bodies that these name.
        cites: ids of the entries that it rests on.
    """

    origin: str
    principal: str
    at: datetime
    why: str = ""
    said: Mapping[str, Any] | None = None
    bodies: tuple[bytes, ...] = ()
    cites: tuple[bytes, ...] = ()

    def entry(self, kind: EntryKind, facts: Mapping[str, Any], bodies: tuple[bytes, ...] = ()) -> Entry:
        """The entry that says so."""
        said = {"principal": self.principal, "because": self.why, **(self.said or {}), **facts}
        every = tuple(dict.fromkeys((*bodies, *self.bodies)))
        return Entry(kind, self.origin, self.at, self.at, said, every, self.cites)


def registered(transaction: Transaction, content: ModelContent, act: Act) -> ModelRow:
    """A model version, registered as a candidate; the one that it is when the same was registered before.

    The trial ledger is read here: how many trials there were is never said by whoever registers.

    Raises:
        LogError: its figures were deflated by another number of trials than the ledger holds (stale-trials).
    """
    registry = transaction.registry
    newest, versions = registry.newest_trial(content.family), registry.models(content.family)
    n_trials = 0 if newest is None else newest.number
    if newest is None or n_trials != content.n_trials:
        message = f"model of {content.family} was judged by {content.n_trials} trials, the ledger holds {n_trials}"
        raise LogError(f"{message}; judge it by all of them, then register it", reason="stale-trials")
    version = 1 + max((row.version for row in versions), default=0)
    row = _row(content, version, newest.chain, instant_ns(act.at), transaction.size)
    known = next((each for each in versions if each.model_digest == row.model_digest), None)
    if known is not None:
        return known
    refs: tuple[bytes, ...] = (transaction.put_body(content.artefact), transaction.put_body(content.evidence_bytes))
    row = row._replace(artefact_ref=refs[0], evidence_ref=refs[1])
    facts = model_facts(row, content.evidence)
    if content.reference:
        facts[REFERENCE] = transaction.put_body(content.reference)
        refs = (*refs, facts[REFERENCE])
    entry = act.entry(EntryKind.MODEL, facts, refs)
    row = row._replace(sequence=transaction.append(entry).sequence)
    evidence = [EvidenceRow(row.family, row.version, name, value) for name, value in content.evidence.items()]
    registry.register(row, evidence)
    return row


def _row(content: ModelContent, version: int, trials_digest: bytes, created_at_ns: int, sequence: int) -> ModelRow:
    row = ModelRow(
        family=content.family,
        version=version,
        model_digest=b"",
        artefact_digest=hashlib.sha256(content.artefact).digest(),
        artefact_ref=b"",
        data_digest=content.data_digest,
        code_digest=content.code_digest,
        policy_digest=content.policy_digest,
        trials_digest=trials_digest,
        n_trials=content.n_trials,
        features=",".join(content.features),
        evidence_digest=digest("evidence", content.evidence_bytes),
        evidence_ref=b"",
        created_at_ns=created_at_ns,
        sequence=sequence,
    )
    return row._replace(model_digest=model_digest(row))


def moved(transaction: Transaction, before: StageRow, stage: Stage, act: Act) -> StageRow:
    """A version moved on to another early stage, or retired."""
    kind = EntryKind.RETIREMENT if stage is Stage.RETIRED else EntryKind.MODEL_STAGE
    row = early_stage(before, stage, transaction.size)
    entry = act.entry(kind, {**stage_facts(row), "before": before.stage})
    row = row._replace(sequence=transaction.append(entry).sequence)
    transaction.registry.move(row, before)
    return row


@dataclass(frozen=True)
class Coronation:
    """A version that is to be champion in place of the one that is.

    Attributes:
        model: the version.
        evidence: its figures by name.
        card_ref: body of its model card.
        memo_ref: body of its signed deployment memo.
        dethroned: the champion that is expected; None when there is none.
        is_rollback: whether it was champion before.
    """

    model: ModelRow
    evidence: Mapping[str, float]
    card_ref: bytes
    memo_ref: bytes
    dethroned: StageRow | None
    is_rollback: bool = False

    def row(self, sequence: int) -> StageRow:
        """How it then stands. Raises EdgeError for a version without the figures that a champion needs."""
        missing = [name for name in REQUIRED_EVIDENCE if name not in self.evidence]
        if missing:
            message = f"{self.model.name} has no {', '.join(missing)}, without which none becomes champion"
            raise EdgeError(f"{message}; compute them and register it anew", reason="no-evidence")
        return StageRow(
            family=self.model.family,
            version=self.model.version,
            stage=Stage.CHAMPION.value,
            model_digest=self.model.model_digest,
            spa_p_frac=self.evidence[SPA],
            dsr_frac=self.evidence[DSR],
            pbo_frac=self.evidence[PBO],
            n_trials=self.model.n_trials,
            trials_digest=self.model.trials_digest,
            card_ref=self.card_ref,
            memo_ref=self.memo_ref,
            sequence=sequence,
        )


def crowned(transaction: Transaction, coronation: Coronation, act: Act) -> StageRow:
    """A version made champion. Raises EdgeError when another one is champion than was expected."""
    row, dethroned = coronation.row(transaction.size), coronation.dethroned
    kind = EntryKind.ROLLBACK if coronation.is_rollback else EntryKind.PROMOTION
    facts = {**stage_facts(row), "dethroned": None if dethroned is None else dethroned.version}
    papers = (coronation.card_ref, coronation.memo_ref)
    row = row._replace(sequence=transaction.append(act.entry(kind, facts, papers)).sequence)
    transaction.registry.crown(row, dethroned)
    return row
