"""Joins the watch over models with the world: live figures from a home's lake, findings for its servers to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from adapters.files.writing import write_whole
from adapters.telemetry.drift_metrics import FILE, Watched, drift_exposition
from api.research_parts import research_snapshot
from api.settings import Settings
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_live import ModelLive, live_figures
from api.use_cases.model_work import ModelOutcome
from dataflows.features import FeatureSnapshot
from governance.models import Stage, StageRow
from nodes.vocabulary.verdict import Verdict


def lake_figures(
    settings: Settings, desk: ModelDesk, tell: Callable[[ModelLive], None]
) -> Callable[[StageRow], Mapping[str, Any] | None]:
    """What asks how versions do on the facts that a home knows now, which are read once for all of them."""

    @cache
    def snapshot() -> FeatureSnapshot:
        return research_snapshot(settings)

    return live_figures(desk.store, snapshot, tell)


def publish_findings(
    settings: Settings, found: Iterable[ModelLive], outcomes: Iterable[ModelOutcome], at: datetime
) -> None:
    """Leave what the watch found of each version in the home, for its servers to show at /metrics."""
    told = tuple(outcomes)
    watched = [
        Watched(each.family, each.version, each.drift, each.figures, verdict_on(each.family, each.version, told))
        for each in found
    ]
    write_whole(settings.home / FILE, drift_exposition(watched, at).encode())


def verdict_on(family: str, version: int, outcomes: Iterable[ModelOutcome]) -> Verdict:
    """What the outcomes of a round say of a version: denied where another took its place or it was retired.

    A champion that stays with reasons was warned of; one of which nothing was said passes.
    """
    own = [each for each in outcomes if each.family == family and each.reasons]
    if any(each.version == version and each.state == Stage.RETIRED.value for each in own):
        return Verdict.DENY
    if any(each.version != version and each.state == Stage.CHAMPION.value for each in own):
        return Verdict.DENY
    return Verdict.WARN if any(each.version == version for each in own) else Verdict.PASS
