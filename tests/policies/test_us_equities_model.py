"""The shipped policy that trades a model: sound, covered by its cases, and of one mind with the study that it names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dataflows.engine.case_runs import case_results
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.models import feature_params, scoring_family
from dataflows.us_equities import US_EQUITIES
from policies.cases import parsed_cases, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FAMILY = POLICIES / "us-equities-model"
STUDY = POLICIES / "research" / "us-equities" / "v1.yaml"


@cache
def parsed(file: Path = FAMILY / "v1.yaml") -> ParsedPolicy:
    return parsed_policy(file.read_bytes(), file.name)


@cache
def generation() -> Generation:
    return compiled_strategy(parsed(), US_EQUITIES)


def test_every_case_comes_out_as_it_wants_and_every_rule_is_shown() -> None:
    cases = parsed_cases((FAMILY / "v1.cases.yaml").read_bytes(), "v1.cases.yaml")
    results = case_results(generation().order, cases)
    assert not [str(fault) for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    assert not [str(fault) for fault in coverage_faults(parsed(), results)]


def test_features_mean_what_they_meant_in_the_study() -> None:
    """The same name under another parameter would be another number, and the champion would not score."""
    study = parsed(STUDY).policy
    assert scoring_family(generation().session) == study.family
    assert generation().policy.params["model_feature_names"] == study.params["feature_names"]
    found = feature_params(generation().session)
    assert found == {name: study.params[name] for name in found}


def test_its_rules_are_those_of_the_family_without_a_model_and_one_more() -> None:
    plain = {rule.id for rule in parsed(POLICIES / "us-equities" / "v1.yaml").policy.rules}
    assert {rule.id for rule in generation().policy.rules} == plain | {"scored"}
