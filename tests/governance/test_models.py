"""Model versions: what one is made of is checked, and its digest covers all of that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.models import (
    MOVES,
    ModelRow,
    Stage,
    early_stage,
    model_digest,
    model_facts,
    model_of_facts,
    stage_facts,
    stage_of_facts,
)
from nodes.vocabulary.errors import DataError
from tests.governance.model_examples import content

ROW = ModelRow("meta-label", 2, b"m" * 32, b"a" * 32, b"r", b"d" * 32, b"c" * 32, b"p" * 32, b"t" * 32, 3, "x,y",
               b"e" * 32, b"s", 7, 9)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "want"),
    [
        ({"family": "Meta Label"}, "the name is no family; write lower-case words joined by -"),
        ({"data_digest": b"short"}, "data_digest has 5 bytes; give a digest of 32"),
        ({"artefact": b""}, "the artefact is empty; export the model"),
        ({"features": ("A b",)}, "feature 'A b' is no name"),
        ({"features": ("x", "x")}, "name each once, at least one"),
        ({"features": ()}, "name each once, at least one"),
        ({"evidence": {"dsr_frac": float("nan")}}, "evidence 'dsr_frac' was nan; give a finite number"),
        ({"evidence": {"pbo_frac": 1.5}}, "evidence pbo_frac was 1.5; give a fraction from 0 to 1"),
        ({"n_trials": 0}, "n_trials was 0; record every trial in the ledger"),
    ],
)
def test_content_that_no_registry_should_hold_is_refused(change: dict[str, Any], want: str) -> None:
    with pytest.raises(DataError, match=want):
        replace(content(), **change)


@pytest.mark.parametrize("name", ["artefact_digest", "data_digest", "code_digest", "policy_digest", "trials_digest"])
def test_a_digest_covers_everything_that_a_version_is_made_of(name: str) -> None:
    changed = ModelRow._make(b"z" * 32 if field == name else value for field, value in ROW._asdict().items())
    assert model_digest(changed) != model_digest(ROW)


def test_a_digest_knows_nothing_of_number_place_and_time() -> None:
    again = ROW._replace(version=9, sequence=1, created_at_ns=1, artefact_ref=b"x", evidence_ref=b"y")
    assert model_digest(again) == model_digest(ROW)


def test_rows_follow_from_the_facts_of_their_entries() -> None:
    assert model_of_facts(model_facts(ROW, {"dsr_frac": 0.9}), 9) == ROW
    stage = early_stage(ROW, Stage.SHADOW, 11)
    assert stage_of_facts(stage_facts(stage), 11) == stage


def test_facts_that_say_no_row_give_none() -> None:
    assert model_of_facts({"family": "x"}, 1) is None
    assert stage_of_facts({"family": "x"}, 1) is None


def test_no_stage_leads_to_the_crown_by_a_move_and_none_leads_out_of_retirement() -> None:
    assert all(Stage.CHAMPION not in moves for moves in MOVES.values())
    assert MOVES[Stage.RETIRED] == frozenset()
    assert set(MOVES) == set(Stage)
