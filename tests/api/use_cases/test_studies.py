"""Research policies checked whole: what is wrong is told with its place, before anything is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.studies import checked_study, is_study
from nodes.vocabulary.errors import PolicyError
from policies.parse import parsed_policy
from tests.dataflows.research.small import small_policy

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize("family", ["us-equities", "made-up"])
def test_the_shipped_studies_are_sound(family: str) -> None:
    parsed = parsed_policy((POLICIES / "research" / family / "v1.yaml").read_bytes(), "v1.yaml")
    assert is_study(parsed)
    assert checked_study(parsed).plan.nodes


def test_a_trading_policy_is_no_study() -> None:
    assert not is_study(parsed_policy((POLICIES / "us-equities" / "v1.yaml").read_bytes(), "v1.yaml"))


def test_every_setting_that_no_trainer_knows_is_told_at_its_line() -> None:
    text = small_policy(models="[linear, lightgbm]\n  linear_depth: 3\n  lightgbm_n_trees: [0, 50]")
    with pytest.raises(PolicyError, match="linear has no setting 'depth'") as caught:
        checked_study(parsed_policy(text.encode(), "small.yaml"))
    lines = [line.strip() for line in text.splitlines()]
    places = [1 + lines.index("linear_depth: 3"), 1 + lines.index("lightgbm_n_trees: [0, 50]")]
    assert sorted(fault.line for fault in caught.value.faults) == sorted(places)
    assert any(fault.what.startswith("n_trees of lightgbm was 0") for fault in caught.value.faults)
