"""SGN-03: the guardrails that a careful desk expects, at plan and at order time, each with cases on both sides.

The order's rules are asked twice: of each candidate when the plan is told (`api.use_cases.signal_plan`), and of each
order inside the append. The rules of picks are asked when the plan is told; those of venues when an order would leave.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policies.cases import parsed_cases
from policies.parse import parsed_policy

POLICIES = Path(__file__).parents[2] / "policies"
ORDER, PICKS, VENUES, BORROW = (
    "us-equities",
    "picks/us-equities",
    "venue-rules/us-equities",
    "borrow/us-equities",
)
AT_PLAN_AND_ORDER = {
    "stale data": (ORDER, "stale-bar"),
    "spread": (ORDER, "estimated-spread"),
    "liquidity": (ORDER, "participation"),
    "thin trading": (ORDER, "traded-volume"),
    "price collar": (ORDER, "price-collar"),
    "fat finger, shares": (ORDER, "shares"),
    "fat finger, value": (ORDER, "notional"),
    "concentration": (ORDER, "single-name"),
    "exposure": (ORDER, "gross-exposure"),
    "cash": (ORDER, "cash"),
    "daily loss": (ORDER, "daily-loss"),
    "drawdown": (ORDER, "drawdown"),
    "short sale": (ORDER, "short-sale"),
    "duplicates": (ORDER, "duplicate"),
    "message rate": (ORDER, "message-rate"),
    "repeated execution": (ORDER, "repeated-execution"),
    "kill switch": (ORDER, "kill-switch"),
}
AT_PLAN = {
    "halts": (PICKS, "halt"),
    "events": (PICKS, "event"),
    "reasons": (PICKS, "reason-fitness"),
    "evidence": (PICKS, "evidence"),
    "loss on a bad day": (PICKS, "bad-day"),
    "risk of the whole plan": (PICKS, "book-risk"),
}
AT_ORDER = {
    "halts": (VENUES, "halted"),
    "price bands": (VENUES, "price-bands"),
    "short sale restriction": (VENUES, "short-sale-price-test"),
    "borrow": (BORROW, "available"),
}
ALL = [*AT_PLAN_AND_ORDER.items(), *AT_PLAN.items(), *AT_ORDER.items()]


def outcomes(family: str, rule: str) -> set[str]:
    """What the cases of a policy say of one rule; where an order without any reason passes, the rule holds."""
    file = POLICIES / family / "v1.cases.yaml"
    cases = yaml.safe_load(file.read_text(encoding="utf-8"))["cases"]
    plain = {"holds"} if any(case["want"].get("reasons") == [] for case in cases) else set()
    return plain | {str(case["want"][rule]) for case in cases if rule in case["want"]}


@pytest.mark.parametrize(("guard", "place"), ALL, ids=[guard for guard, _ in ALL])
def test_a_guardrail_has_cases_on_both_sides_and_for_what_is_not_known(guard: str, place: tuple[str, str]) -> None:
    family, rule = place
    parsed = parsed_policy((POLICIES / family / "v1.yaml").read_bytes(), family)
    assert parsed.policy.rule(rule) is not None, guard
    assert outcomes(family, rule) >= {"holds", "fails", "unknown"}


def test_the_eight_of_a_careful_desk_are_there_at_both_times() -> None:
    assert len(AT_PLAN_AND_ORDER) >= 8
    assert {"halts", "events"} <= set(AT_PLAN)


def test_every_limit_of_a_pick_has_a_case_under_at_and_over_it() -> None:
    parsed = parsed_policy((POLICIES / PICKS / "v1.yaml").read_bytes(), PICKS)
    text = (POLICIES / PICKS / "v1.cases.yaml").read_bytes()
    notes = [case.note for case in parsed_cases(text, PICKS)]
    limited = [rule for rule in parsed.policy.rules if rule.limits]
    for side in ("under", "at", "over"):
        assert sum(f" {side} the limit " in note for note in notes) == len(limited)
