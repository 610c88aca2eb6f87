"""What clients read and say about models."""

from __future__ import annotations

import msgspec
import pytest

from api.http.schemas.models import (
    ModelReasonBody,
    ModelRollbackBody,
    ModelStageBody,
    champion_tag,
    outcome_view,
    trials_view,
)
from api.use_cases.model_reading import TrialView
from api.use_cases.model_work import ModelOutcome
from tests.governance.examples import NOON


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ModelReasonBody, b'{"because": ""}'),
        (ModelReasonBody, b'{"because": "x", "who": "me"}'),
        (ModelStageBody, b'{"stage": "champion", "because": "x"}'),
        (ModelRollbackBody, b'{"version": 0, "because": "x"}'),
        (ModelRollbackBody, b'{"version": "1", "because": "x"}'),
    ],
)
def test_a_body_that_says_something_else_is_refused(kind: type, text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"Expected|Invalid|unknown"):
        msgspec.json.decode(text, type=kind)


def test_a_full_page_of_trials_says_where_to_go_on() -> None:
    found = tuple(TrialView(number, b"d" * 32, "study", NOON, {}) for number in (1, 2))
    assert (trials_view(found, 2).next_after, trials_view(found, 3).next_after) == (2, None)
    assert trials_view((), 2).trials == ()


def test_a_family_without_a_champion_has_a_tag_too() -> None:
    assert (champion_tag(None), champion_tag(b"\x00" * 32)) == ("none", f"sha256:{'00' * 32}")


def test_an_outcome_is_told_without_what_lies_in_bodies() -> None:
    told = outcome_view(ModelOutcome("champion", "f", 2, 9, ("why",), 2, b"memo"))
    assert msgspec.to_builtins(told) == {
        "state": "champion",
        "family": "f",
        "version": 2,
        "sequence": 9,
        "reasons": ("why",),
        "champion": 2,
    }
