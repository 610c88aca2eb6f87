"""What research leaves behind: trials, a version, the gate's word, and no consequence."""

from __future__ import annotations

from pathlib import Path

from api.use_cases.model_registration import registered_and_judged, registered_model, trial_ledger
from tests.api.use_cases.model_desks import FULL, desk_of, opened
from tests.governance.model_examples import FAMILY, content, stage


def test_a_version_is_judged_when_it_is_registered_and_stays_a_candidate(tmp_path: Path) -> None:
    desk = desk_of(opened(tmp_path))
    trial_ledger(desk, FAMILY).all_recorded("study", [{"depth": depth} for depth in range(3)])
    row, judgement = registered_and_judged(desk, content(3, FULL), "ada", "first study")
    assert (judgement.lets_in, stage(desk.store, row).stage) == (True, "candidate")
    assert registered_model(desk, content(3, FULL), "ada", "again") == row
