"""Joins the life of models with the world: research on a home's lake, live figures from it or from files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from api.live_parts import lake_figures
from api.research_parts import research_snapshot
from api.settings import Settings
from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_live import ModelLive
from api.use_cases.policies import file_bytes
from api.use_cases.research import ResearchDesk, ResearchRequest, research
from api.use_cases.retraining import Life, Live
from dataflows.research.design import study_design
from dataflows.research.trials import FitResult
from governance.models import ModelRow, StageRow
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy

FIGURES = "live-figures"
"""Folder of a home with figures of versions that are measured elsewhere, `FAMILY-vN.json`; the lake tells of others."""


class Fits(dict[bytes, FitResult]):
    """Results of fits, kept while a round lasts."""

    def found(self, key: bytes) -> FitResult | None:
        """What a fit came to before."""
        return self.get(key)

    def keep(self, key: bytes, result: FitResult) -> None:
        """Keep a result."""
        self[key] = result


def research_life(settings: Settings, desk: ModelDesk, policy: Path, tell: Callable[[ModelLive], None]) -> Life:
    """How the models of a research policy live in a home. Raises PolicyError with every fault of the policy.

    Args:
        settings: whose home it is.
        desk: of its log.
        policy: file of the research policy.
        tell: is handed what was found of each version on the lake.
    """
    text = file_bytes(policy)
    design = study_design(parsed_policy(text, str(policy)))

    def trained() -> tuple[ModelRow, Judgement]:
        request = ResearchRequest(text, policy.name, f"retraining at {desk.clock():%Y-%m-%d}", settings.principal)
        found = research(ResearchDesk(desk, lambda: research_snapshot(settings), Fits()), request, _untold)
        return found.model, found.judgement

    return Life(design.family, trained, known_figures(settings, desk, tell))


def known_figures(settings: Settings, desk: ModelDesk, tell: Callable[[ModelLive], None]) -> Live:
    """How versions do on live data: as a file of the home says, else on the lake, which `tell` is handed more of."""
    computed = lake_figures(settings, desk, tell)

    def live(row: StageRow) -> Mapping[str, Any] | None:
        file = settings.home / FIGURES / f"{row.family}-v{row.version}.json"
        return read_figures(file) if file.exists() else computed(row)

    return live


def read_figures(file: Path) -> dict[str, Any]:
    """Figures by name as a JSON object; null is not known. Raises DataError for anything else."""
    try:
        found = json.loads(file_bytes(file))
    except ValueError as error:
        message = f"{file} holds no JSON: {error}; write an object of figures by name"
        raise DataError(message) from error
    is_sound = isinstance(found, dict) and all(
        value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in found.values()
    )
    if not is_sound:
        message = f"{file} holds something else than an object of numbers; write figures by name, null for unknown"
        raise DataError(message)
    return dict(found)


def _untold(_what: str, _n_done: int, _n_all: int) -> None:
    """Tell nobody."""
