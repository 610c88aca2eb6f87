"""What every change of a model has in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.model_work import model_standing, outcome_of
from api.use_cases.promotions import proposed_promotion
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import FULL, asked, challenger, desk_of, opened
from tests.governance.model_examples import FAMILY


def test_a_version_is_found_as_the_log_has_it(tmp_path: Path) -> None:
    desk = desk_of(opened(tmp_path))
    row = challenger(desk)
    found = model_standing(desk, FAMILY, 1)
    assert (found.model, found.stage.stage, found.champion, dict(found.evidence)) == (row, "challenger", None, FULL)
    told = outcome_of("held", found, 7, reasons=("because",))
    assert (told.state, told.version, told.sequence, told.reasons, told.champion) == ("held", 1, 7, ("because",), None)


def test_a_change_that_was_refused_leaves_no_entry(tmp_path: Path) -> None:
    desk = desk_of(opened(tmp_path))
    challenger(desk)
    desk.gate("promotion")
    with desk.store.reader() as reader:
        before = reader.head().size
    with pytest.raises(EdgeError, match="champion of meta-label is none, another one than If-Match names"):
        proposed_promotion(desk, asked(if_match=b"x" * 32))
    with desk.store.reader() as reader:
        assert reader.head().size == before
