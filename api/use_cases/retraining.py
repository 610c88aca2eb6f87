"""The life of models without a person at every step: watched, retrained, tried in the shadow, gated, promoted.

One round, in this order, each step an entry of the log or nothing:

 1. the champion is watched; when the watch denies, the champion before it decides again
 2. every shadow whose time is full is judged; it challenges, or is retired
 3. every challenger asks to be champion; the gate decides, and where a person must approve it waits for one
 4. when it is time, a new version is trained; one that the gate lets in goes into the shadow

A version trained on noise is stopped at 4, by figures that count every trial; and again at 3, by the same gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import model_log
from api.use_cases.model_watch import judged_shadow, watched_model
from api.use_cases.model_work import Asked, ModelOutcome
from api.use_cases.persons import CLOCKWORK
from api.use_cases.promotions import automatic_promotion, moved_model
from governance.models import ModelRow, Stage, StageRow

Trained = Callable[[], tuple[ModelRow, Judgement]]
"""Trains, registers and judges a new version: a research run."""

Live = Callable[[StageRow], Mapping[str, Any] | None]
"""How a champion or a shadow does on live data, by field of the watch's snapshot; None when nobody knows yet."""


@dataclass(frozen=True)
class Life:
    """How the models of a family live.

    Attributes:
        family: the family.
        trained: trains a new version.
        live: how versions do on live data.
        principal: who does all this.
    """

    family: str
    trained: Trained
    live: Live
    principal: str = CLOCKWORK


def life_round(desk: ModelDesk, life: Life, *, is_training_due: bool = True) -> tuple[ModelOutcome, ...]:
    """One round; what became of each version that anything was said of, in order."""
    outcomes = [*_watched(desk, life), *_shadowed(desk, life), *_challenged(desk, life)]
    if is_training_due:
        outcomes.append(_trained(desk, life))
    return tuple(outcomes)


def _watched(desk: ModelDesk, life: Life) -> list[ModelOutcome]:
    with desk.store.reader() as reader:
        champion = reader.registry.champion(life.family)
    figures = None if champion is None else life.live(champion)
    if champion is None or figures is None:
        return []
    return [watched_model(desk, _asked(life, champion.version, "watched"), figures)]


def _shadowed(desk: ModelDesk, life: Life) -> list[ModelOutcome]:
    outcomes = []
    for row in _of_stage(desk, life, Stage.SHADOW):
        figures = life.live(row)
        if figures is not None:
            outcomes.append(judged_shadow(desk, _asked(life, row.version, "its time in the shadow"), figures))
    return outcomes


def _challenged(desk: ModelDesk, life: Life) -> list[ModelOutcome]:
    """Challengers that do not wait for a person already ask; the newest asks last, so that it decides in the end."""
    with desk.store.reader() as reader:
        waiting = {event.version for event in model_log(reader, life.family).proposals}
    rows = [row for row in _of_stage(desk, life, Stage.CHALLENGER) if row.version not in waiting]
    return [automatic_promotion(desk, _asked(life, row.version, "it came through the shadow")) for row in rows]


def _trained(desk: ModelDesk, life: Life) -> ModelOutcome:
    row, judgement = life.trained()
    reasons = tuple(rule.because for rule in judgement.run.failed)
    stage = next(each for each in _stages(desk, life) if each.version == row.version)
    if not judgement.lets_in or stage.stage != Stage.CANDIDATE.value:
        state = stage.stage if judgement.lets_in else "denied"
        return ModelOutcome(state, row.family, row.version, judgement.entry.sequence, reasons)
    return moved_model(desk, _asked(life, row.version, "the gate lets it in"), Stage.SHADOW)


def _of_stage(desk: ModelDesk, life: Life, stage: Stage) -> list[StageRow]:
    return [row for row in _stages(desk, life) if row.stage == stage.value]


def _stages(desk: ModelDesk, life: Life) -> list[StageRow]:
    with desk.store.reader() as reader:
        return [row for row in reader.registry.stages() if row.family == life.family]


def _asked(life: Life, version: int, why: str) -> Asked:
    return Asked(life.family, version, life.principal, why)
