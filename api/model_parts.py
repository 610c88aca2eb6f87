"""Joins the life of models with the world: research on the lake of a home, live figures from files beside its log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.research_parts import research_snapshot
from api.settings import Settings
from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.policies import file_bytes
from api.use_cases.research import ResearchDesk, ResearchRequest, research
from api.use_cases.retraining import Life
from dataflows.research.design import study_design
from dataflows.research.trials import FitResult
from governance.models import ModelRow, StageRow
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy

FIGURES = "live-figures"
"""Folder of a home with a file of live figures for each version that is tried or decides: `FAMILY-vN.json`."""


class Fits(dict[bytes, FitResult]):
    """Results of fits, kept while a round lasts."""

    def found(self, key: bytes) -> FitResult | None:
        """What a fit came to before."""
        return self.get(key)

    def keep(self, key: bytes, result: FitResult) -> None:
        """Keep a result."""
        self[key] = result


def research_life(settings: Settings, desk: ModelDesk, policy: Path) -> Life:
    """How the models of a research policy live in a home. Raises PolicyError with every fault of the policy."""
    text = file_bytes(policy)
    design = study_design(parsed_policy(text, str(policy)))

    def trained() -> tuple[ModelRow, Judgement]:
        request = ResearchRequest(text, policy.name, f"retraining at {desk.clock():%Y-%m-%d}", settings.principal)
        found = research(ResearchDesk(desk, lambda: research_snapshot(settings), Fits()), request, _untold)
        return found.model, found.judgement

    def live(row: StageRow) -> Mapping[str, Any] | None:
        file = settings.home / FIGURES / f"{row.family}-v{row.version}.json"
        return read_figures(file) if file.exists() else None

    return Life(design.family, trained, live)


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
