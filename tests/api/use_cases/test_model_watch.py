"""The watch: a champion that sees another world goes back by itself, and the log says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.model_log import model_log
from api.use_cases.model_watch import judged_shadow, watched_model
from api.use_cases.promotions import moved_model, rolled_back_model
from governance.models import Stage
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import asked, desk_of, opened, promoted
from tests.governance.model_examples import FAMILY, advanced, model

WELL = {
    "live_sessions": 80,
    "max_feature_psi_score": 0.02,
    "prediction_psi_score": 0.02,
    "missing_rise_frac": 0.0,
    "mmd_p_frac": 0.5,
    "live_drawdown_frac": 0.02,
    "live_shortfall_p_frac": 0.7,
}
SHIFTED = {**WELL, "max_feature_psi_score": 2.0}


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    return opened(tmp_path)


def test_a_champion_that_does_as_it_was_let_in_for_stays(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk)
    outcome = watched_model(desk, asked(1, "assay"), WELL)
    assert (outcome.state, outcome.champion, outcome.reasons) == ("champion", 1, ())


def test_a_champion_before_its_first_live_sessions_stays(folder: LogFolder) -> None:
    """Nothing is known of drift before there are live rows."""
    desk = desk_of(folder)
    promoted(desk)
    young = {**dict.fromkeys(WELL), "live_sessions": 0, "live_drawdown_frac": 0.0}
    assert watched_model(desk, asked(1, "assay"), young).state == "champion"


def test_a_champion_in_another_world_goes_back_at_once_and_the_log_says_why(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk, 1)
    promoted(desk, 2)
    outcome = watched_model(desk, asked(2, "assay"), SHIFTED)
    assert (outcome.version, outcome.state, outcome.champion) == (1, "champion", 1)
    with folder.store.reader() as reader:
        event = model_log(reader, FAMILY).events[-1]
    assert (event.kind, event.principal) == ("rollback", "assay")
    assert "the watch denies: stability index of a feature of meta-label v2 is 2.00" in event.because
    assert folder.verification().is_intact


def test_a_champion_without_one_before_it_is_retired(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk)
    outcome = watched_model(desk, asked(1, "assay"), SHIFTED)
    assert (outcome.state, outcome.champion) == ("retired", None)


def test_the_watch_never_goes_back_to_what_was_taken_back(folder: LogFolder) -> None:
    desk = desk_of(folder)
    for number in (1, 2, 3):
        promoted(desk, number)
    rolled_back_model(desk, asked(2, "oncall"))
    assert watched_model(desk, asked(2, "assay"), SHIFTED).champion == 1
    assert watched_model(desk, asked(1, "assay"), SHIFTED).champion is None


def test_what_nobody_knows_takes_a_champion_back(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk)
    assert watched_model(desk, asked(1, "assay"), {}).champion is None


def test_only_champions_are_watched_and_only_shadows_judged(folder: LogFolder) -> None:
    desk = desk_of(folder)
    model(desk.store)
    with pytest.raises(EdgeError, match="meta-label v1 is candidate, and only a champion is watched"):
        watched_model(desk, asked(1, "assay"), WELL)
    with pytest.raises(EdgeError, match="meta-label v1 is candidate, no shadow"):
        judged_shadow(desk, asked(1, "assay"), WELL)


@pytest.mark.parametrize(
    ("figures", "state"),
    [(WELL, "challenger"), ({**WELL, "live_sessions": 10}, "shadow"), (SHIFTED, "retired")],
    ids=["well", "too soon", "shifted"],
)
def test_a_shadow_challenges_waits_or_is_retired(folder: LogFolder, figures: dict[str, float], state: str) -> None:
    """INF-03."""
    desk = desk_of(folder)
    advanced(desk.store, model(desk.store), Stage.SHADOW)
    assert judged_shadow(desk, asked(1, "assay"), figures).state == state


def test_a_champion_that_a_person_retired_is_nothing_to_go_back_to(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk, 1)
    moved_model(desk, asked(1), Stage.RETIRED)
    promoted(desk, 2)
    assert watched_model(desk, asked(2, "assay"), SHIFTED).champion is None
