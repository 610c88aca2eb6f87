"""The shipped policy that lets shares be sold short: sound, covered by its cases, of one mind with borrow checks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dataflows.engine.case_runs import case_results
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.us_equities import US_EQUITIES
from policies.cases import parsed_cases, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FAMILY = POLICIES / "us-equities-shorts"
LOCATE = {"located": "available", "fresh-list": "fresh-list", "borrow-fee": "fee"}
"""Rule of this policy: rule of the one that answers borrow checks."""


@cache
def parsed(file: Path = FAMILY / "v1.yaml") -> ParsedPolicy:
    return parsed_policy(file.read_bytes(), file.name)


@cache
def generation() -> Generation:
    return compiled_strategy(parsed(), US_EQUITIES)


def test_every_case_comes_out_as_it_wants_and_every_rule_is_shown() -> None:
    """PF-03."""
    cases = parsed_cases((FAMILY / "v1.cases.yaml").read_bytes(), "v1.cases.yaml")
    results = case_results(generation().order, cases)
    assert not [str(fault) for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    assert not [str(fault) for fault in coverage_faults(parsed(), results)]


def test_the_limits_of_a_locate_are_those_of_borrow_checks() -> None:
    """One number in two texts: whoever changes one finds out here."""
    borrow = limits(POLICIES / "borrow" / "us-equities" / "v1.yaml")
    assert {rule: limits(FAMILY / "v1.yaml")[rule] for rule in LOCATE} == {
        rule: borrow[theirs] for rule, theirs in LOCATE.items()
    }


def limits(file: Path) -> dict[str, list[object]]:
    return {rule.id: list(rule.limits.values()) for rule in parsed(file).policy.rules}


def test_a_policy_without_shorts_reads_no_list() -> None:
    """What others decide, and the digests of it, do not move with lists of shares to borrow."""
    plain = compiled_strategy(parsed(POLICIES / "us-equities" / "v1.yaml"), US_EQUITIES).order
    lists = {"available_borrow_shares", "borrow_fee_frac", "borrow_list_age_s"}
    assert lists <= set(generation().order.inputs)
    assert not lists & set(plain.inputs)
