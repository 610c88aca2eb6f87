from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, KINDS
from tests.adapters.lake.domains.keeping import set_aside

ACTION: dict[str, Any] = {"security_id": "X", "ex_on": date(2014, 6, 9)}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "split", "ratio": 7.0}, ""),
        ({"kind": "split"}, "a split has no ratio"),
        ({"kind": "split", "ratio": 0.0}, "a split has no ratio"),
        ({"kind": "dividend", "amount_usd": 0.47}, ""),
        ({"kind": "dividend", "amount_usd": -0.47}, "a dividend has no amount"),
        ({"kind": "gift"}, "kind is none of split, dividend"),
    ],
)
def test_an_action_says_what_its_kind_needs(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    """SVC-EVT-01."""
    assert said in (reason := set_aside(tmp_path, CORPORATE_ACTIONS, {**ACTION, **values}))
    assert bool(said) == bool(reason)


@pytest.mark.parametrize("kind", KINDS[2:])
def test_an_action_without_money_needs_none(tmp_path: Path, kind: str) -> None:
    assert set_aside(tmp_path, CORPORATE_ACTIONS, {**ACTION, "kind": kind}) == ""
