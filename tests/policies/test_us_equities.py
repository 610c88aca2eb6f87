"""The shipped policy family: sound, covered by its cases, and what its author promises of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dataflows.engine.case_runs import case_inputs, case_results
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.us_equities import US_EQUITIES
from nodes.vocabulary.verdict import Verdict
from policies.cases import Case, CaseResult, parsed_cases, unknown_names, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy
from policies.schema import AppliesTo

FAMILY = Path(__file__).resolve().parents[2] / "policies" / "us-equities"
VERSIONS = sorted(path.name.partition(".")[0] for path in FAMILY.glob("v*.cases.yaml"))
WANTED_RULES = frozenset(
    {"minimum-price", "price-collar", "daily-move", "stale-bar", "opening-gap", "traded-volume", "estimated-spread"}
    | {"participation", "notional", "shares", "single-name", "gross-exposure", "cash", "drawdown", "daily-loss"}
    | {"duplicate", "message-rate", "kill-switch", "minimum-size"}
)


@cache
def parsed(version: str) -> ParsedPolicy:
    return parsed_policy((FAMILY / f"{version}.yaml").read_bytes(), f"{version}.yaml")


@cache
def generation(version: str) -> Generation:
    return compiled_strategy(parsed(version), US_EQUITIES)


@cache
def answers(version: str) -> tuple[tuple[Case, CaseResult], ...]:
    name = f"{version}.cases.yaml"
    cases = parsed_cases((FAMILY / name).read_bytes(), name)
    assert not unknown_names(cases, parsed(version).policy, case_inputs(generation(version).order))
    return tuple(zip(cases, case_results(generation(version).order, cases), strict=True))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_case_comes_out_as_it_wants(version: str) -> None:
    assert not [str(fault) for case, result in answers(version) for fault in unmet(case, result)]


@pytest.mark.parametrize("version", VERSIONS)
def test_cases_show_every_rule_three_ways_and_every_limit_under_at_and_over(version: str) -> None:
    results = [result for _, result in answers(version)]
    assert not [str(fault) for fault in coverage_faults(parsed(version), results)]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_family_guards_all_that_it_promises(version: str) -> None:
    assert {rule.id for rule in parsed(version).policy.rules} >= WANTED_RULES


@pytest.mark.parametrize("version", VERSIONS)
def test_no_stale_or_missing_data_blocks_getting_out(version: str) -> None:
    policy = parsed(version).policy
    blind = ["stale-bar", "traded-volume", "estimated-spread", "opening-gap", "daily-move", "drawdown", "daily-loss"]
    rules = {rule.id: rule for rule in policy.rules}
    assert {rules[rule_id].applies_to for rule_id in blind} == {AppliesTo.INCREASING}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_rule_speaks_to_experts_and_to_beginners(version: str) -> None:
    for rule in parsed(version).policy.rules:
        assert rule.because != rule.plain
        assert "{" not in rule.plain, f"{rule.id}: a beginner's text has no numbers"
        assert len(rule.source) > 10


@pytest.mark.parametrize("version", VERSIONS)
def test_only_a_warning_lets_the_unknown_pass(version: str) -> None:
    lenient = [rule for rule in parsed(version).policy.rules if rule.on_unknown_warns]
    assert {rule.then.verdict for rule in lenient} <= {Verdict.WARN}
