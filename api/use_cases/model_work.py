"""What every change of a model has in common: it is done in one append, on what the log says inside it.

Which version, as the log has it; whether the caller saw the champion that decides; what a gate says; what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.use_cases.gates import ActiveGate, GateRequest, Judgement, judged
from api.use_cases.model_desk import ModelDesk, model_named
from api.use_cases.model_log import ModelLog, model_log
from governance.models import ModelRow, StageRow
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, LogError


@dataclass(frozen=True)
class Standing:
    """A family and one of its versions as the log has them.

    Attributes:
        model: the version.
        stage: how far it has come.
        champion: the champion of its family; None without one.
        log: what the log says of the family.
        evidence: figures of the version.
    """

    model: ModelRow
    stage: StageRow
    champion: StageRow | None
    log: ModelLog
    evidence: Mapping[str, float]


@dataclass(frozen=True)
class ModelOutcome:
    """What became of a request about a model.

    Attributes:
        state: proposed, denied, held, champion, withdrawn, shadow, challenger or retired.
        family: of the version.
        version: which.
        sequence: of the entry that says so.
        reasons: what the gate's rules said, gravest first.
        champion: version of the family's champion now; None without one.
        memo_ref: body of the signed memo, for a champion.
    """

    state: str
    family: str
    version: int
    sequence: int
    reasons: tuple[str, ...] = ()
    champion: int | None = None
    memo_ref: bytes | None = None


@dataclass(frozen=True)
class Asked:
    """Who asks for something about a version.

    Attributes:
        family: of the version.
        version: which.
        principal: who.
        why: in words.
        if_match: digest of the champion that the caller saw; None where nobody looked, b"" for having seen none.
    """

    family: str
    version: int
    principal: str
    why: str
    if_match: bytes | None = None


def model_standing(desk: ModelDesk, family: str, version: int) -> Standing:
    """A version as the log has it.

    Raises:
        EdgeError: it is not registered.
        LogError: its figures are others than those that it was registered with.
    """
    with desk.store.reader() as reader:
        model, stage = model_named(reader, family, version)
        evidence = {row.name: row.value for row in reader.registry.evidence(family, version)}
        log = model_log(reader, family)
        registration = log.registration(version)
        if registration is None or dict(registration.facts["evidence"]) != evidence:
            message = f"figures of {model.name} are others than its entry {model.sequence} says; verify the log"
            raise LogError(message)
        return Standing(model, stage, reader.registry.champion(family), log, evidence)


PROMOTION = "promotion"
"""The gate that a version passes to become champion."""

Work = Callable[[ModelDesk, Asked, Standing, ActiveGate, Transaction], ModelOutcome]


def done(desk: ModelDesk, asked: Asked, work: Work, gate_name: str = PROMOTION) -> ModelOutcome:
    """A piece of work, done in one append on what the log says inside it."""
    gate = desk.gate(gate_name)
    with desk.lock:

        def inside(transaction: Transaction) -> ModelOutcome:
            found = model_standing(desk, asked.family, asked.version)  # nobody else commits while this append is open
            _require_match(found, asked)
            return work(desk, asked, found, gate, transaction)

        return desk.append(inside)


def _require_match(found: Standing, asked: Asked) -> None:
    seen = b"" if found.champion is None else found.champion.model_digest
    if asked.if_match is not None and asked.if_match != seen:
        named = "none" if found.champion is None else f"{found.champion.name} ({digest_text(seen)})"
        message = f"champion of {asked.family} is {named}, another one than If-Match names; look at it and ask anew"
        raise EdgeError(message, reason="stale-condition")


def asked_gate(  # noqa: PLR0913, PLR0917  # what is known, and what every work is given
    desk: ModelDesk,
    asked: Asked,
    found: Standing,
    gate: ActiveGate,
    transaction: Transaction,
    known: Mapping[str, Any],
) -> Judgement:
    """What a gate says of a version, of which something is known."""
    told = {**known, "family": found.model.name}
    request = GateRequest(
        desk.store.origin, told, about(asked, found.model), desk.clock(), desk.environment, desk.salt_key()
    )
    return judged(transaction, gate, request)


def about(asked: Asked, model: ModelRow) -> dict[str, Any]:
    """Facts of every entry about a version."""
    return {
        "family": model.family,
        "version": model.version,
        "model_digest": model.model_digest,
        "principal": asked.principal,
    }


def kept_out(found: Standing, judgement: Judgement) -> ModelOutcome:
    """What becomes of a version that the gate does not let in."""
    state = {"deny": "denied", "hold": "held"}[judgement.run.action.value]
    return outcome_of(state, found, judgement.entry.sequence, reasons=reasons_of(judgement))


def reasons_of(judgement: Judgement) -> tuple[str, ...]:
    """What the rules of a gate said, gravest first."""
    return tuple(rule.because for rule in judgement.run.failed)


def outcome_of(state: str, found: Standing, sequence: int, **also: Any) -> ModelOutcome:  # noqa: ANN401
    """What became of a request about a version."""
    champion = None if found.champion is None else found.champion.version
    return ModelOutcome(state, found.model.family, found.model.version, sequence, champion=champion, **also)
