"""Conditions over the names of a plan: the language and the logic of rules (SGN-10, API-SIG-06)."""

from __future__ import annotations

from typing import Any

import pytest

from dataflows.engine.conditions import Condition, condition, condition_units
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import PolicyError
from tests.dataflows.engine.tiny import generation

PLAN = generation().order


def asked(text: str) -> Condition:
    return condition(text, PLAN)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [(0.04, False), (0.06, True), (Absent("spread_bps", "nobody quotes"), None), (float("nan"), None)],
)
def test_a_condition_holds_fails_or_is_unknown(value: Any, outcome: Any) -> None:
    found = asked("spread_bps > 0.05")
    assert found.outcome({"spread_bps": value}) is outcome
    assert found.units == ("Bps",)


def test_what_is_known_may_decide_beside_what_is_not() -> None:
    """ENG-01: three-valued, as SQL is."""
    found = asked("spread_bps > 1 OR participation_frac > 0.01")
    values = {"spread_bps": Absent("spread_bps", "gone"), "participation_frac": 0.02}
    assert found.outcome(values) is True
    assert found.read(values) == {"spread_bps": None, "participation_frac": 0.02}


def test_a_condition_may_compare_with_a_limit_of_the_policy() -> None:
    found = asked("participation_frac >= max_participation_frac")
    assert found.names == ("max_participation_frac", "participation_frac")


def test_rules_themselves_are_no_names_to_read() -> None:
    assert "participation_frac" in condition_units(PLAN)
    assert not {rule.node for rule in PLAN.rules} & condition_units(PLAN).keys()


def test_two_spellings_are_one_text() -> None:
    assert asked("(spread_bps>1)").text == asked("spread_bps > 1").text == "spread_bps > 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spred_bps > 1", "did you mean spread_bps"),
        ("spread_bps > participation_frac", "Bps but"),
        ("spread_bps > 'wide'", "expected float"),
        ("max_participation_frac > 0.01", "never changes"),
        ("spread_bps >", "condition:1"),
        ("spread_bps > 1; DROP TABLE alerts", "condition:1"),
        ("lower(symbol) = 'x'", "condition:1"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match="condition:1") as caught:
        asked(text)
    assert said in str(caught.value)
