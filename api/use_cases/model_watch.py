"""What live data does to models without a person: a champion goes back, a shadow challenges or is retired.

Both are judged by gates of the log, as a promotion is. What is known of live data is measured elsewhere
(`dataflows.audit.model_watch`); the limits are the policies'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from api.use_cases.gates import ActiveGate
from api.use_cases.model_desk import ModelDesk, model_named
from api.use_cases.model_work import (
    Asked,
    ModelOutcome,
    Standing,
    asked_gate,
    done,
    model_standing,
    outcome_of,
    reasons_of,
)
from api.use_cases.promotions import moved_inside, rolled_back_inside
from api.use_cases.session_models import exported_model
from governance.models import Stage
from governance.ports import Transaction
from nodes.vocabulary.errors import EdgeError, LogError
from nodes.vocabulary.verdict import Action


def watched_model(desk: ModelDesk, asked: Asked, figures: Mapping[str, Any]) -> ModelOutcome:
    """What the watch says of a champion, and what follows at once: it stays, or the one before it decides again.

    Args:
        desk: of the log.
        asked: the champion, and who watches.
        figures: how it does on live data, by field of the watch's snapshot.
    """
    return done(desk, asked, partial(_watch, figures), "watch")


def judged_shadow(desk: ModelDesk, asked: Asked, figures: Mapping[str, Any]) -> ModelOutcome:
    """What becomes of a shadow: it waits, it is a challenger now, or it is retired. Figures as of `watched_model`."""
    return done(desk, asked, partial(_judge_shadow, figures), "shadow")


def _watch(  # noqa: PLR0913, PLR0917  # the figures, and what every work is given
    figures: Mapping[str, Any],
    desk: ModelDesk,
    asked: Asked,
    found: Standing,
    gate: ActiveGate,
    transaction: Transaction,
) -> ModelOutcome:
    if found.champion is None or found.champion.version != asked.version:
        message = f"{found.model.name} is {found.stage.stage}, and only a champion is watched; name the champion"
        raise EdgeError(message, reason="wrong-stage")
    judgement = asked_gate(desk, asked, found, gate, transaction, figures)
    if judgement.run.action is not Action.DENY:
        return outcome_of("champion", found, judgement.entry.sequence, reasons=reasons_of(judgement))
    why = f"the watch denies: {'; '.join(reasons_of(judgement))}"
    earlier = found.log.previous
    if earlier is None or not _can_run(desk, asked.family, earlier):
        return moved_inside(Stage.RETIRED, desk, replace(asked, why=why), found, gate, transaction)
    back = replace(asked, version=earlier, why=why)
    outcome = rolled_back_inside(desk, back, model_standing(desk, asked.family, earlier), gate, transaction)
    return replace(outcome, reasons=reasons_of(judgement))


def _can_run(desk: ModelDesk, family: str, version: int) -> bool:
    """Whether a version's exported bytes are there: a champion that fails is better followed by none than by a name."""
    with desk.store.reader() as reader:
        try:
            exported_model(reader, model_named(reader, family, version)[0])
        except LogError:
            return False
    return True


def _judge_shadow(  # noqa: PLR0913, PLR0917  # the figures, and what every work is given
    figures: Mapping[str, Any],
    desk: ModelDesk,
    asked: Asked,
    found: Standing,
    gate: ActiveGate,
    transaction: Transaction,
) -> ModelOutcome:
    if found.stage.stage != Stage.SHADOW.value:
        message = f"{found.model.name} is {found.stage.stage}, no shadow; name a version that is one"
        raise EdgeError(message, reason="wrong-stage")
    judgement = asked_gate(desk, asked, found, gate, transaction, figures)
    if judgement.run.action is Action.HOLD:
        return outcome_of("shadow", found, judgement.entry.sequence, reasons=reasons_of(judgement))
    stage = Stage.CHALLENGER if judgement.lets_in else Stage.RETIRED
    why = "; ".join(reasons_of(judgement)) or f"{gate.name} lets it challenge"
    return replace(
        moved_inside(stage, desk, replace(asked, why=why), found, gate, transaction), reasons=reasons_of(judgement)
    )
