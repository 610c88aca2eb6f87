"""INF-03: retrained, shadowed, gated, promoted without a person where that is allowed; noise never gets that far."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_registration import registered_and_judged, trial_ledger
from api.use_cases.retraining import Life, life_round
from governance.models import ModelRow, Stage, StageRow
from tests.api.use_cases.model_desks import FULL, desk_of, opened
from tests.api.use_cases.test_model_watch import SHIFTED, WELL
from tests.governance.model_examples import FAMILY, content


class World:
    """A world in which training finds something or not, and live data go well or not."""

    def __init__(self, desk: ModelDesk) -> None:
        self.desk = desk
        self.figures: Mapping[str, float] = FULL
        self.live: Mapping[str, Any] | None = WELL
        self.n_trained = 0

    def trained(self) -> tuple[ModelRow, Judgement]:
        self.n_trained += 1
        ledger = trial_ledger(self.desk, FAMILY)
        ledger.recorded("retraining", {"round": self.n_trained})
        made = content(ledger.state.n_trials, dict(self.figures), b"onnx %d" % self.n_trained)
        return registered_and_judged(self.desk, made, "assay", "retrained")

    def lived(self, _row: StageRow) -> Mapping[str, Any] | None:
        return self.live

    def round(self, *, is_training_due: bool = True) -> list[str]:
        life = Life(FAMILY, self.trained, self.lived)
        outcomes = life_round(self.desk, life, is_training_due=is_training_due)
        return [f"v{each.version} {each.state}" for each in outcomes]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(desk_of(opened(tmp_path), is_direct=True))


def test_a_version_with_an_edge_becomes_champion_through_the_shadow(world: World) -> None:
    world.live = None
    assert world.round() == ["v1 shadow"]
    assert world.round(is_training_due=False) == []
    world.live = WELL
    assert world.round(is_training_due=False) == ["v1 challenger", "v1 champion"]
    world.live = SHIFTED
    assert world.round(is_training_due=False) == ["v1 retired"]


def test_a_version_trained_on_noise_stays_a_candidate_however_often_it_is_trained(world: World) -> None:
    world.figures = {**FULL, "spa_p_frac": 0.5, "dsr_frac": 0.4}
    assert [world.round() for _ in range(3)] == [["v1 denied"], ["v2 denied"], ["v3 denied"]]
    with world.desk.store.reader() as reader:
        assert {row.stage for row in reader.registry.stages()} == {"candidate"}


def test_where_a_person_must_approve_a_challenger_waits_and_asks_once(world: World, tmp_path: Path) -> None:
    approved = World(desk_of(opened(tmp_path / "approved")))
    approved.live = None
    approved.round()
    approved.live = WELL
    assert approved.round(is_training_due=False) == ["v1 challenger", "v1 proposed"]
    assert approved.round(is_training_due=False) == []
    assert world.desk.is_direct


def test_a_challenger_whose_figures_miss_a_trial_is_kept_out(world: World) -> None:
    """SIG-02: trained before the newest trial was counted."""
    world.live = None
    world.round()
    trial_ledger(world.desk, FAMILY).recorded("by hand", {"depth": 77})
    world.live = WELL
    assert world.round(is_training_due=False) == ["v1 challenger", "v1 denied"]


def test_the_stages_of_a_life_are_those_of_the_registry(world: World) -> None:
    world.round()
    with world.desk.store.reader() as reader:
        assert [Stage(row.stage) for row in reader.registry.stages()] == [Stage.SHADOW]
