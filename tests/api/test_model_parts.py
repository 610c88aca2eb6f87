"""Live figures of versions: those that a home was handed before those that its lake tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import open_models
from api.model_parts import FIGURES, known_figures, read_figures
from api.settings import Settings
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_live import ModelLive
from governance.models import StageRow
from nodes.vocabulary.errors import DataError
from tests.api.use_cases.model_desks import desk_of, opened, promoted
from tests.governance.model_examples import FAMILY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a champion that has no reference."""
    folder = opened(tmp_path / "home")
    promoted(desk_of(folder))
    origin = folder.store.origin
    folder.store.close()
    return Settings(home=tmp_path / "home", origin=origin)


@pytest.fixture
def desk(settings: Settings) -> Iterator[ModelDesk]:
    with open_models(settings) as found:
        yield found


def champion(desk: ModelDesk) -> StageRow:
    with desk.store.reader() as reader:
        row = reader.registry.champion(FAMILY)
    assert row is not None
    return row


def test_a_file_of_the_home_is_believed_before_the_lake(settings: Settings, desk: ModelDesk) -> None:
    told: list[ModelLive] = []
    row, live = champion(desk), known_figures(settings, desk, told.append)
    assert live(row) is None
    file = settings.home / FIGURES / f"{FAMILY}-v{row.version}.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"live_sessions": 63, "mmd_p_frac": None}), encoding="utf-8")
    assert live(row) == {"live_sessions": 63, "mmd_p_frac": None}
    assert told == []


@pytest.mark.parametrize(("text", "complaint"), [("{", "holds no JSON"), ("[1]", "something else than an object")])
def test_a_file_without_figures_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "figures.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=complaint):
        read_figures(file)
