"""Coverage: three outcomes a rule, three sides a limit, each gap named with its mend."""

from __future__ import annotations

from typing import Any

import pytest

from nodes.vocabulary.verdict import Action, Verdict
from policies.cases import CaseResult, RuleWant
from policies.coverage import Gap, compared_limits, coverage, coverage_faults
from policies.parse import parsed_policy
from policies.schema import Rule
from tests.policies.examples import FILE, TEXT, changed, policy


def result(outcome: RuleWant, value: Any, rule_id: str = "liquidity") -> CaseResult:
    operands = {rule_id: {"participation_frac": value, "max_participation_frac": 0.05}}
    return CaseResult({rule_id: outcome}, operands, Action.ACT, Verdict.PASS, 0, ())


COMPLETE = (
    result(RuleWant.HOLDS, 0.04),
    result(RuleWant.HOLDS, 0.05),
    result(RuleWant.FAILS, 0.06),
    result(RuleWant.UNKNOWN, None),
    *(result(want, None, "kill_switch") for want in (RuleWant.HOLDS, RuleWant.FAILS, RuleWant.UNKNOWN)),
)


def rule(require: str, limits: str) -> Rule:
    text = changed("participation_frac <= max_participation_frac", require)
    return policy(changed("{max_participation_frac: 0.05}", limits, text)).rules[0]


def test_complete_cases_leave_no_gap() -> None:
    assert coverage(policy(), COMPLETE) == ()


@pytest.mark.parametrize(
    ("left_out", "gaps"),
    [
        (0, [Gap("liquidity", "max_participation_frac", "under", "participation_frac")]),
        (1, [Gap("liquidity", "max_participation_frac", "at", "participation_frac")]),
        (
            2,
            [
                Gap("liquidity", "", "fails"),
                Gap("liquidity", "max_participation_frac", "over", "participation_frac"),
            ],
        ),
        (3, [Gap("liquidity", "", "unknown")]),
        (5, [Gap("kill_switch", "", "fails")]),
    ],
)
def test_case_left_out_leaves_its_gap(left_out: int, gaps: list[Gap]) -> None:
    assert list(coverage(policy(), COMPLETE[:left_out] + COMPLETE[left_out + 1 :])) == gaps


def test_skipped_rule_covers_nothing() -> None:
    gaps = coverage(policy(), [result(RuleWant.SKIPPED, 0.05)])
    assert len([gap for gap in gaps if gap.rule_id == "liquidity"]) == 6


def test_gaps_are_faults_at_the_rule_or_the_limit() -> None:
    found = coverage_faults(parsed_policy(TEXT.encode(), FILE), COMPLETE[1:3])
    assert [str(fault).removeprefix(FILE) for fault in found] == [
        ":11:9: in no case liquidity is unknown; add a case that gives null for one of its inputs",
        ":14:38: no case of liquidity has {0} under {1}; add a case with {0} under {1}".format(
            "participation_frac", "max_participation_frac"
        ),
        ":19:9: in no case kill_switch fails; add a case that wants kill_switch: fails",
        ":19:9: in no case kill_switch holds; add a case that wants kill_switch: holds",
        ":19:9: in no case kill_switch is unknown; add a case that gives null for one of its inputs",
    ]


@pytest.mark.parametrize(
    ("require", "limits", "pairs"),
    [
        ("min_frac <= x_frac", "{min_frac: 0.1}", (("x_frac", "min_frac"),)),
        (
            "x_frac BETWEEN min_frac AND max_frac",
            "{min_frac: 0.1, max_frac: 0.2}",
            (("x_frac", "min_frac"), ("x_frac", "max_frac")),
        ),
        (
            "NOT (x_frac > max_frac) OR y_frac = max_frac",
            "{max_frac: 1}",
            (("x_frac", "max_frac"), ("y_frac", "max_frac")),
        ),
        ("x_frac IN (a_frac, max_frac)", "{max_frac: 1}", (("x_frac", "max_frac"),)),
        ("x_frac <= y_frac AND x_frac < 5 AND is_open", "{max_frac: 1}", ()),
        ("x_frac IS NOT NULL AND min_frac < max_frac", "{min_frac: 1, max_frac: 2}", ()),
    ],
)
def test_limits_are_paired_with_what_they_are_compared_with(
    require: str, limits: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    assert compared_limits(rule(require, limits)) == pairs


def test_rule_about_presence_alone_is_never_unknown() -> None:
    text = changed("NOT kill_switch_is_engaged", "a IS NOT NULL AND NOT (b IS NULL OR c IS NULL)")
    gaps = coverage(policy(text), ())
    assert [gap.missing for gap in gaps if gap.rule_id == "kill_switch"] == ["fails", "holds"]


def test_limit_that_is_a_text_has_only_at() -> None:
    text = changed("participation_frac <= max_participation_frac", "venue = home_venue")
    text = changed("{max_participation_frac: 0.05}", "{home_venue: XNYS}", text)
    gaps = coverage(policy(text), ())
    assert [gap.missing for gap in gaps if gap.limit] == ["at"]
