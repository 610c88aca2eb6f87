"""The model that a session run is scored with: the champion of the family that the policy names.

What keeps the model from scoring is no error but an absence with its reason: every order that rests on a score is then
denied, those that reduce risk are not, and the trace says why.

- The family has no champion, or the champion's exported bytes are not those that the registry names.
- Its features were made with other parameters than the policy's: the same name would mean another number.
- Its study saw sessions after the one that is decided: its score would know what came of the decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from api.use_cases.reading import record_at
from dataflows.engine.plan import Plan
from dataflows.models import MODEL, MODEL_DIGEST, feature_params, scoring_family, session_computation
from dataflows.research.live import reference_from_bytes
from governance.models import ModelRow, StageRow, model_digest
from governance.ports import LogReader, LogStore
from governance.registration import REFERENCE
from nodes.kernels.onnx.scoring import model_frame
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest_from_text
from nodes.vocabulary.errors import LogError
from policies.parse import parsed_policy


def computation(plan: Plan, champions: Sequence[StageRow]) -> bytes:
    """Digest of what a session plan computes under some champions."""
    return session_computation(plan, {row.family: row.model_digest for row in champions})


def session_model(
    store: LogStore, plan: Plan, champions: Sequence[StageRow], session_on: date
) -> pl.DataFrame | Absent | None:
    """The snapshot's model for a session plan and a session that it decides; None where the plan reads none."""
    family = scoring_family(plan)
    if family is None:
        return None
    champion = next((row for row in champions if row.family == family), None)
    if champion is None:
        return Absent(MODEL, f"family {family} has no champion")
    with store.reader() as reader:
        row = next((each for each in reader.registry.models(family) if each.version == champion.version), None)
        if row is None or row.model_digest != champion.model_digest:
            return Absent(MODEL, f"{champion.name} is not registered with the digest of the champion; verify the log")
        try:
            artefact = exported_model(reader, row)
            unfit = _unfit(plan, _study(reader, row), session_on)
        except LogError as error:
            return Absent(MODEL, str(error))
    return Absent(MODEL, f"{row.name} {unfit}") if unfit else _frame(artefact)


def exported_model(reader: LogReader, row: ModelRow) -> bytes:
    """The exported bytes of a version. Raises LogError when they are gone, or are others than the registry names."""
    if model_digest(row) != row.model_digest:
        message = f"registry says of {row.name} something else than its digest {row.model_digest.hex()}; verify the log"
        raise LogError(message)
    artefact = reader.body(row.artefact_ref)
    if hashlib.sha256(artefact).digest() != row.artefact_digest:
        message = f"exported bytes of {row.name} hash to {hashlib.sha256(artefact).hexdigest()}, the registry names"
        raise LogError(f"{message} {row.artefact_digest.hex()}; restore them from a copy")
    return artefact


def scored_by(plan: Plan, values: Mapping[str, Any]) -> dict[str, bytes]:
    """Digest of the exported model that scored a session run, by family; {} where none did."""
    family, told = scoring_family(plan), values.get(MODEL_DIGEST)
    return {family: digest_from_text(told)} if family is not None and isinstance(told, str) else {}


class _Study(NamedTuple):
    """Parameters of the research policy that a version was trained under, and the last session that its study saw."""

    params: Mapping[str, Any]
    last_on: date


def _study(reader: LogReader, row: ModelRow) -> _Study | None:
    """The study of a version; None where nobody knows it."""
    ref = record_at(reader, row.sequence).entry.facts.get(REFERENCE)
    return None if ref is None else _read_study(reader.body(ref))


def _unfit(plan: Plan, study: _Study | None, session_on: date) -> str:
    """Why a version may not score a session of a plan, or nothing: its features differ, or it has seen what follows."""
    if study is None:
        return "was registered without the policy of its study, so that nobody knows what its features mean"
    asked = feature_params(plan)
    other = sorted(name for name, value in asked.items() if study.params.get(name) != value)
    if other:
        words = (f"{name} {study.params.get(name, 'unknown')}, the policy says {asked[name]}" for name in other)
        return f"was trained with {'; '.join(words)}"
    seen_on = study.last_on
    return f"was made of sessions up to {seen_on}, which follow {session_on}" if seen_on > session_on else ""


@lru_cache(maxsize=8)
def _read_study(reference: bytes) -> _Study:
    found = reference_from_bytes(reference)
    return _Study(parsed_policy(found.policy, "research policy").policy.params, found.last_on)


@lru_cache(maxsize=8)
def _frame(artefact: bytes) -> pl.DataFrame:
    """One frame a model, so that its graph is read once."""
    return model_frame(artefact)
