"""The model that a session run is scored with: the champion of the family that the policy names.

What keeps the model from scoring is no error but an absence with its reason: every order that rests on a score is then
denied, those that reduce risk are not, and the trace says why.

- The family has no champion, or the champion's exported bytes are not those that the registry names.
- Its features were made with other parameters than the policy's: the same name would mean another number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

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


def session_model(store: LogStore, plan: Plan, champions: Sequence[StageRow]) -> pl.DataFrame | Absent | None:
    """The snapshot's model for a session plan; None where the plan reads none."""
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
            unlike = _unlike(plan, _trained_params(reader, row))
        except LogError as error:
            return Absent(MODEL, str(error))
    return Absent(MODEL, f"{row.name} {unlike}") if unlike else _frame(artefact)


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


def _trained_params(reader: LogReader, row: ModelRow) -> Mapping[str, Any] | None:
    """Parameters of the research policy that a version was trained under; None where nobody knows them."""
    ref = record_at(reader, row.sequence).entry.facts.get(REFERENCE)
    return None if ref is None else _params(reader.body(ref))


def _unlike(plan: Plan, trained: Mapping[str, Any] | None) -> str:
    """How a plan's features differ from those that a version was trained on, or nothing."""
    if trained is None:
        return "was registered without the policy of its study, so that nobody knows what its features mean"
    asked = feature_params(plan)
    other = sorted(name for name, value in asked.items() if trained.get(name) != value)
    words = (f"{name} {trained.get(name, 'unknown')}, the policy says {asked[name]}" for name in other)
    return f"was trained with {'; '.join(words)}" if other else ""


@lru_cache(maxsize=8)
def _params(reference: bytes) -> Mapping[str, Any]:
    return parsed_policy(reference_from_bytes(reference).policy, "research policy").policy.params


@lru_cache(maxsize=8)
def _frame(artefact: bytes) -> pl.DataFrame:
    """One frame a model, so that its graph is read once."""
    return model_frame(artefact)
