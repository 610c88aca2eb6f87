"""The life of models joined with the world: live figures are files beside the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.model_parts import FIGURES, Fits, read_figures, research_life
from api.settings import Settings
from api.use_cases.model_live import ModelLive
from governance.models import Stage, early_stage
from nodes.vocabulary.errors import DataError, PolicyError
from tests.api.use_cases.model_desks import challenger, desk_of, opened

STUDY = Path("policies/research/made-up/v1.yaml")


def test_live_figures_of_a_version_are_read_from_its_file(tmp_path: Path) -> None:
    desk, told = desk_of(opened(tmp_path)), list[ModelLive]()
    row = early_stage(challenger(desk), Stage.SHADOW, 1)
    life = research_life(Settings(home=tmp_path), desk, STUDY, told.append)
    assert (life.family, told) == ("made-up-research", [])
    (tmp_path / FIGURES).mkdir()
    (tmp_path / FIGURES / "meta-label-v1.json").write_text('{"live_sessions": 3, "mmd_p_frac": null}', encoding="utf-8")
    assert life.live(row) == {"live_sessions": 3, "mmd_p_frac": None}


@pytest.mark.parametrize("text", ["[]", '{"a": "b"}', '{"a": true}'])
def test_figures_that_are_no_numbers_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "figures.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="holds something else than an object of numbers"):
        read_figures(file)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="holds no JSON"):
        read_figures(file)


def test_a_policy_that_is_no_study_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="feature_names"):
        research_life(Settings(home=tmp_path), desk_of(opened(tmp_path)), Path("policies/us-equities/v1.yaml"), print)


def test_fits_are_kept_for_a_round() -> None:
    fits = Fits()
    assert fits.found(b"x") is None
