from __future__ import annotations

from pathlib import Path

import pytest

from dataflows.research.design import Choice, Range, study_design
from dataflows.research.sampling import study_plan
from nodes.vocabulary.errors import PlanError, PolicyError
from policies.parse import parsed_policy
from tests.dataflows.research.small import POLICY, small_design, small_policy

SHIPPED = Path(__file__).resolve().parents[3] / "policies" / "research" / "us-equities" / "v1.yaml"


def test_the_shipped_study_reads_with_a_search_for_each_of_its_models() -> None:
    design = study_design(parsed_policy(SHIPPED.read_bytes(), SHIPPED.name))
    spaces = {model.name: dict(model.space) for model in design.models}
    assert spaces["random-forest"]["n_trees"] == Choice((40,))
    assert spaces["lightgbm"]["learning_rate"] == Range(0.02, 0.2, is_log=True)
    assert spaces["xgboost"]["max_depth"] == Range(2, 4)
    assert spaces["xgboost"]["max_depth"].is_whole


def test_parameters_of_nodes_are_left_to_the_plan() -> None:
    left = small_design().nodes.policy.params
    assert set(left) == {"week_sessions", "month_sessions", "volatility_sessions"}


def test_a_parameter_that_nothing_reads_is_a_fault_with_its_place() -> None:
    design = study_design(parsed_policy(POLICY.replace("week_sessions", "weak_sessions").encode(), "small.yaml"))
    with pytest.raises((PolicyError, PlanError), match="weak_sessions"):
        study_plan(design)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n_folds", "0", "n_folds was 0, expected a whole number from 1"),
        ("n_trials", "100000", "n_trials was 100000"),
        ("label", "sign", "expected one of triple-barrier, forward-return"),
        ("feature_names", "[a, a]", "a list of different names"),
        ("linear_l2", "[10.0, 0.1]", "the lower first"),
        ("linear_l2", "[0.0, 1.0, log]", "above 0 for log"),
        ("linear_l2", "[1.0, 2.0, 3.0, 4.0]", "a list of words"),
        ("trade_cost_bps", "-1", "a number from 0"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_its_mend(name: str, value: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said) as caught:
        small_design(**{name: value})
    (fault,) = caught.value.faults
    assert fault.file == "small.yaml"
    assert small_policy(**{name: value}).splitlines()[fault.line - 1].strip().startswith(name)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(PolicyError, match="n_folds") as caught:
        small_design(n_folds="0", label="sign", book="short")
    assert len(caught.value.faults) == 3


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(PolicyError, match="n_blocks is missing"):
        study_design(parsed_policy(POLICY.replace("  n_blocks: 4\n", "").encode(), "small.yaml"))


def test_a_study_with_rules_is_refused() -> None:
    text = POLICY.replace("rules: []", "signal: {week_reversal_frac: 1.0}\nrules: []")
    with pytest.raises(PolicyError, match="decides no order"):
        study_design(parsed_policy(text.encode(), "small.yaml"))
