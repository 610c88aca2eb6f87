"""Model versions: what one is made of, how far it has come, and what must be known of it before it may decide.

A version is immutable: its digest covers the artefact, data, code, policy, trials, features and evidence. Its stage is
the only thing about it that changes, and each change is an entry of the log. Which rows hold all this:
`governance.registry`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import DataError

FAMILY_PATTERN = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
SPA, DSR, PBO = "spa_p_frac", "dsr_frac", "pbo_frac"
REQUIRED_EVIDENCE = (SPA, DSR, PBO)
"""Without these, each a fraction, no version becomes champion: the database refuses it."""
_DIGEST_BYTES = 32
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Stage(Enum):
    """How far a model version has come.

    A candidate is registered. A shadow scores live snapshots, and nothing reads its scores but the watch. A challenger
    may be promoted. The champion decides. A retired one is kept, for the log names it.
    """

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    CHALLENGER = "challenger"
    CHAMPION = "champion"
    RETIRED = "retired"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.CANDIDATE: frozenset({Stage.SHADOW, Stage.RETIRED}),
    Stage.SHADOW: frozenset({Stage.CHALLENGER, Stage.RETIRED}),
    Stage.CHALLENGER: frozenset({Stage.SHADOW, Stage.RETIRED}),
    Stage.CHAMPION: frozenset({Stage.RETIRED}),
    Stage.RETIRED: frozenset(),
}
"""The stages that a version may be moved to from each. Becoming champion is no move: it takes a promotion."""


class ModelRow(NamedTuple):
    """One model version as the store holds it.

    Attributes:
        family: kebab-case name that all versions share.
        version: whole number from 1.
        model_digest: of everything below but refs, instant and sequence.
        artefact_digest: SHA-256 of the exported model.
        artefact_ref: its body.
        data_digest: of the data that it was fitted and judged on.
        code_digest: of the code that made it.
        policy_digest: of the research policy.
        trials_digest: chain of the family's trial ledger when it was registered.
        n_trials: how many trials that ledger held.
        features: names of its inputs, in order, joined by commas.
        evidence_digest: of all that is known of it.
        evidence_ref: body with that.
        created_at_ns: when it was registered.
        sequence: of its MODEL entry.
    """

    family: str
    version: int
    model_digest: bytes
    artefact_digest: bytes
    artefact_ref: bytes
    data_digest: bytes
    code_digest: bytes
    policy_digest: bytes
    trials_digest: bytes
    n_trials: int
    features: str
    evidence_digest: bytes
    evidence_ref: bytes
    created_at_ns: int
    sequence: int

    @property
    def name(self) -> str:
        """Family and version."""
        return f"{self.family} v{self.version}"


class EvidenceRow(NamedTuple):
    """One figure that is known of a model version."""

    family: str
    version: int
    name: str
    value: float


class StageRow(NamedTuple):
    """How far a model version has come, with what a champion cannot be without.

    Attributes:
        family: of the version.
        version: its number.
        stage: how far, as the value of a `Stage`.
        model_digest: of its content.
        spa_p_frac: p-value of the SPA test; None until it is champion.
        dsr_frac: deflated Sharpe ratio.
        pbo_frac: probability of backtest overfitting.
        n_trials: how many trials the deflation counted.
        trials_digest: chain of the ledger that counted them.
        card_ref: body of its model card.
        memo_ref: body of the signed deployment memo.
        sequence: of the entry that brought it there.
    """

    family: str
    version: int
    stage: str
    model_digest: bytes
    spa_p_frac: float | None
    dsr_frac: float | None
    pbo_frac: float | None
    n_trials: int | None
    trials_digest: bytes | None
    card_ref: bytes | None
    memo_ref: bytes | None
    sequence: int

    @property
    def name(self) -> str:
        """Family and version."""
        return f"{self.family} v{self.version}"


def early_stage(of: ModelRow | StageRow, stage: Stage, sequence: int) -> StageRow:
    """The row of a version that is not, or no longer, champion."""
    nothing = (None,) * 7
    return StageRow(of.family, of.version, stage.value, of.model_digest, *nothing, sequence)


@dataclass(frozen=True)
class ModelContent:
    """What a model version is made of, before it has a number.

    Attributes:
        family: kebab-case name that all versions share.
        artefact: the exported model.
        data_digest: of the data that it was fitted and judged on.
        code_digest: of the code that made it.
        policy_digest: of the research policy.
        features: names of its inputs, in order.
        evidence: figures by name; those of `REQUIRED_EVIDENCE` decide whether it can ever be champion.
        n_trials: how many trials the deflated Sharpe ratio was told of.
        details: whatever else the card is to show, of the canonical vocabulary.
        reference: what live data are compared with, as bytes of their own; b"" where nothing is to be.
    """

    family: str
    artefact: bytes
    data_digest: bytes
    code_digest: bytes
    policy_digest: bytes
    features: tuple[str, ...]
    evidence: Mapping[str, float]
    n_trials: int
    details: Mapping[str, Any]
    reference: bytes = b""

    def __post_init__(self) -> None:
        complaint = _complaint(self)
        if complaint:
            message = f"model of family {self.family!r}: {complaint}"
            raise DataError(message)

    @property
    def evidence_bytes(self) -> bytes:
        """All that is known of it, as canonical bytes."""
        return encode({"evidence": dict(self.evidence), "details": dict(self.details)})


def _complaint(content: ModelContent) -> str:
    return _naming_complaint(content) or _figure_complaint(content)


def _naming_complaint(content: ModelContent) -> str:
    if not re.fullmatch(FAMILY_PATTERN, content.family):
        return "the name is no family; write lower-case words joined by -"
    for name in ("data_digest", "code_digest", "policy_digest"):
        if len(getattr(content, name)) != _DIGEST_BYTES:
            return f"{name} has {len(getattr(content, name))} bytes; give a digest of {_DIGEST_BYTES}"
    if not content.artefact:
        return "the artefact is empty; export the model"
    for name in content.features:
        if not _NAME.fullmatch(name):
            return f"feature {name!r} is no name; write lower-case words joined by _"
    if not content.features or len(set(content.features)) != len(content.features):
        return f"features were {content.features}; name each once, at least one"
    return ""


def _figure_complaint(content: ModelContent) -> str:
    for name, value in content.evidence.items():
        if not _NAME.fullmatch(name) or not math.isfinite(value):
            return f"evidence {name!r} was {value!r}; give a finite number, or leave out what is not known"
        if name in REQUIRED_EVIDENCE and not 0.0 <= value <= 1.0:
            return f"evidence {name} was {value!r}; give a fraction from 0 to 1"
    if content.n_trials < 1:
        return f"n_trials was {content.n_trials}; record every trial in the ledger, the chosen one included"
    return ""


def model_facts(row: ModelRow, evidence: Mapping[str, float]) -> dict[str, Any]:
    """What the MODEL entry of a version says of it."""
    said = row._asdict()
    del said["sequence"]
    return {**said, "stage": Stage.CANDIDATE.value, "evidence": dict(evidence)}


def stage_facts(row: StageRow) -> dict[str, Any]:
    """What the entry that brings a version to a stage says of it: the columns that are there."""
    return {name: value for name, value in row._asdict().items() if name != "sequence" and value is not None}


def model_of_facts(facts: Mapping[str, Any], sequence: int) -> ModelRow | None:
    """The row that a MODEL entry says; None when it says none."""
    names = ModelRow._fields[:-1]
    return ModelRow._make((*(facts[name] for name in names), sequence)) if facts.keys() >= set(names) else None


def stage_of_facts(facts: Mapping[str, Any], sequence: int) -> StageRow | None:
    """The row that an entry which moves a version says; None when it says none."""
    if not facts.keys() >= {"family", "version", "stage", "model_digest"}:
        return None
    return StageRow._make((*(facts.get(name) for name in StageRow._fields[:-1]), sequence))


def model_digest(row: ModelRow) -> bytes:
    """The identity of a version's content, whatever its number, instant and place in the log."""
    told = row._replace(version=0, model_digest=b"", artefact_ref=b"", evidence_ref=b"", created_at_ns=0, sequence=0)
    return digest("model", encode(tuple(told)))
