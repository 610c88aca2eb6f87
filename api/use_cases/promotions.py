"""How a model version comes to decide, and how it ceases to: proposed, approved by someone else, rolled back, retired.

No version is promoted unless the gate of the log says act, when it is proposed and again when it is approved. Who
proposed it cannot approve it. Going back needs one person, or the watch: what it goes back to was approved before. Each
is an entry; each compares the champion with the one that the caller saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from api.use_cases.gates import ActiveGate, Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import ModelEvent
from api.use_cases.model_papers import deployment_memo, model_card, rollback_memo
from api.use_cases.model_work import (
    PROMOTION,
    Asked,
    ModelOutcome,
    Standing,
    about,
    asked_gate,
    done,
    kept_out,
    model_standing,
    outcome_of,
    reasons_of,
)
from api.use_cases.persons import person
from api.use_cases.session_models import exported_model
from governance.entries import Entry, EntryKind
from governance.models import Stage
from governance.papers import Paper
from governance.ports import Transaction
from governance.registration import Act, Coronation, crowned, moved
from nodes.vocabulary.errors import EdgeError

PROMOTABLE = (Stage.CHALLENGER.value,)


def judged_version(desk: ModelDesk, asked: Asked) -> Judgement:
    """What the gate says of a version now, recorded and without any consequence."""
    gate = desk.gate(PROMOTION)
    with desk.lock:

        def inside(transaction: Transaction) -> Judgement:
            found = model_standing(desk, asked.family, asked.version)
            return _judged(desk, asked, found, gate, transaction)

        return desk.append(inside)


def proposed_promotion(desk: ModelDesk, asked: Asked) -> ModelOutcome:
    """What becomes of a version that someone wants for champion: it waits for a second person, or the gate is shut.

    Raises EdgeError when it is no challenger (wrong-stage), or another champion decides than the caller saw
    (stale-condition).
    """
    return done(desk, asked, _propose)


def approved_promotion(desk: ModelDesk, asked: Asked) -> ModelOutcome:
    """The version that waits, champion by a second person, if the gate still lets it in.

    Raises EdgeError when nothing waits (not-found), the same person proposed it (self-approval), or another champion
    decides than it was proposed against (stale-condition).
    """
    return done(desk, asked, _approve)


def withdrawn_promotion(desk: ModelDesk, asked: Asked) -> ModelOutcome:
    """A proposal taken back by who made it, or rejected by someone else. Raises EdgeError (not-found) without one."""
    return done(desk, asked, _withdraw)


def automatic_promotion(desk: ModelDesk, asked: Asked) -> ModelOutcome:
    """The version champion by clockwork where the desk allows it, else proposed; never unless the gate says act."""
    return done(desk, asked, _promote_at_once if desk.is_direct else _propose)


def rolled_back_model(desk: ModelDesk, asked: Asked) -> ModelOutcome:
    """An earlier champion, champion again. Raises EdgeError when it was never champion in this log (not-found)."""
    return done(desk, asked, rolled_back_inside)


def moved_model(desk: ModelDesk, asked: Asked, stage: Stage) -> ModelOutcome:
    """A version moved on to another early stage, or retired. Raises EdgeError where it may not go (wrong-stage)."""
    return done(desk, asked, partial(moved_inside, stage))


def _propose(
    desk: ModelDesk, asked: Asked, found: Standing, gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    _require_promotable(found)
    judgement = _judged(desk, asked, found, gate, transaction)
    if not judgement.lets_in:
        return kept_out(found, judgement)
    facts = {
        **about(asked, found.model),
        "because": asked.why,
        "champion": None if found.champion is None else found.champion.model_digest,
        "gate_entry": judgement.entry.entry_id,
    }
    entry = Entry(EntryKind.PROMOTION_PROPOSAL, desk.store.origin, desk.clock(), desk.clock(), facts, (),
                  (judgement.entry.entry_id,))  # fmt: skip
    sequence = transaction.append(entry).sequence
    return outcome_of("proposed", found, sequence, reasons=reasons_of(judgement))


def _approve(
    desk: ModelDesk, asked: Asked, found: Standing, gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    waiting = _waiting(found, asked)
    if person(asked.principal) == person(waiting.principal):
        message = f"{asked.principal!r} proposed {found.model.name} and cannot approve it; ask a second person"
        raise EdgeError(message, reason="self-approval")
    champion = None if found.champion is None else found.champion.model_digest
    if waiting.facts["champion"] != champion:
        message = f"{found.model.name} was proposed against another champion; withdraw it and propose it anew"
        raise EdgeError(message, reason="stale-condition")
    _require_promotable(found)
    judgement = _judged(desk, asked, found, gate, transaction)
    if not judgement.lets_in:
        return kept_out(found, judgement)
    who = {
        "proposed by": f"{waiting.principal}: {waiting.because}",
        "approved by": f"{asked.principal}: {asked.why}",
    }
    said = {"proposed_by": waiting.principal, "approved_by": asked.principal}
    cites = (waiting.entry_id, judgement.entry.entry_id)
    return _crown(desk, asked, found, transaction, _Crowning(judgement, who, said, cites))


def _promote_at_once(
    desk: ModelDesk, asked: Asked, found: Standing, gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    _require_promotable(found)
    judgement = _judged(desk, asked, found, gate, transaction)
    if not judgement.lets_in:
        return kept_out(found, judgement)
    rule = f"policy {gate.name}, in direct mode"
    who = {"proposed by": f"{asked.principal}: {asked.why}", "approved by": rule}
    said = {"proposed_by": asked.principal, "approved_by": rule}
    return _crown(desk, asked, found, transaction, _Crowning(judgement, who, said, (judgement.entry.entry_id,)))


@dataclass(frozen=True)
class _Crowning:
    """What a promotion rests on."""

    judgement: Judgement
    who: Mapping[str, str]
    said: Mapping[str, Any]
    cites: tuple[bytes, ...]


def _crown(desk: ModelDesk, asked: Asked, found: Standing, transaction: Transaction, by: _Crowning) -> ModelOutcome:
    before = found.champion
    back = f"--to {before.version}" if before is not None else "once it has a successor"
    rollback = (
        f"Command: assay model rollback {asked.family} {back} --why REASON --as NAME. It is one entry of the log and "
        "takes seconds; requests under way finish under the champion that they began with."
    )
    memo = deployment_memo(found.model, by.judgement, by.who, rollback)
    papers = _papers(desk, found, transaction, memo)
    act = Act(desk.store.origin, asked.principal, desk.clock(), asked.why, by.said, (), by.cites)
    row = crowned(transaction, Coronation(found.model, found.evidence, *papers, before), act)
    reasons = reasons_of(by.judgement)
    return outcome_of("champion", replace(found, champion=row), row.sequence, reasons=reasons, memo_ref=row.memo_ref)


def _papers(desk: ModelDesk, found: Standing, transaction: Transaction, memo: Paper) -> tuple[bytes, bytes]:
    """Refs of the card as it stands now, and of the signed memo.

    Raises LogError when the version's exported bytes are not there: none becomes champion that cannot be run.
    """
    with desk.store.reader() as reader:
        exported_model(reader, found.model)
        events = found.log.of_version(found.model.version)
        card = model_card(reader, found.model, found.stage, events)
    return transaction.put_body(card.markdown.encode()), transaction.put_body(desk.signed(memo.markdown))


def rolled_back_inside(
    desk: ModelDesk, asked: Asked, found: Standing, _gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    """An earlier champion, champion again, inside an append."""
    earlier = found.log.crowning(asked.version)
    if earlier is None:
        message = f"{found.model.name} was never champion in log {desk.store.origin!r}; name a version that was"
        raise EdgeError(message, reason="not-found")
    if found.champion is not None and found.champion.version == asked.version:
        return outcome_of("champion", found, found.champion.sequence, memo_ref=found.champion.memo_ref)
    approved_by = str(earlier.facts.get("approved_by", ""))
    who = {"rolled back by": f"{asked.principal}: {asked.why}", "approved before by": approved_by}
    memo = rollback_memo(found.model, found.champion, earlier, who)
    card_ref, memo_ref = _papers(desk, found, transaction, memo)
    said = {"proposed_by": earlier.facts.get("proposed_by", ""), "approved_by": approved_by}
    act = Act(desk.store.origin, asked.principal, desk.clock(), asked.why, said, (), (earlier.entry_id,))
    coronation = Coronation(found.model, found.evidence, card_ref, memo_ref, found.champion, is_rollback=True)
    row = crowned(transaction, coronation, act)
    return outcome_of("champion", replace(found, champion=row), row.sequence, memo_ref=row.memo_ref)


def _withdraw(
    desk: ModelDesk, asked: Asked, found: Standing, _gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    waiting = _waiting(found, asked)
    facts = {**about(asked, found.model), "because": asked.why}
    at = desk.clock()
    entry = Entry(EntryKind.PROMOTION_WITHDRAWAL, desk.store.origin, at, at, facts, (), (waiting.entry_id,))
    return outcome_of("withdrawn", found, transaction.append(entry).sequence)


def moved_inside(
    stage: Stage, desk: ModelDesk, asked: Asked, found: Standing, _gate: ActiveGate, transaction: Transaction
) -> ModelOutcome:
    """A version moved to an early stage, or retired, inside an append."""
    act = Act(desk.store.origin, asked.principal, desk.clock(), asked.why)
    row = moved(transaction, found.stage, stage, act)
    is_vacant = found.champion is not None and found.champion.version == asked.version
    return outcome_of(stage.value, replace(found, champion=None) if is_vacant else found, row.sequence)


def _judged(desk: ModelDesk, asked: Asked, found: Standing, gate: ActiveGate, transaction: Transaction) -> Judgement:
    newest = transaction.registry.newest_trial(asked.family)
    known = {
        **found.evidence,
        "n_trials": found.model.n_trials,
        "ledger_trials_count": None if newest is None else newest.number,
        "oos_sessions": _whole(found.evidence.get("oos_sessions")),
    }
    return asked_gate(desk, asked, found, gate, transaction, known)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _waiting(found: Standing, asked: Asked) -> ModelEvent:
    waiting = found.log.proposal(asked.version)
    if waiting is None:
        message = f"no promotion of {found.model.name} waits; propose it first"
        raise EdgeError(message, reason="not-found")
    return waiting


def _require_promotable(found: Standing) -> None:
    if found.stage.stage not in PROMOTABLE:
        message = f"{found.model.name} is {found.stage.stage}, and only a challenger can be promoted"
        raise EdgeError(f"{message}; bring it through shadow to challenger first", reason="wrong-stage")
