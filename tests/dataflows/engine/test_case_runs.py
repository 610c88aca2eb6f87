"""Cases run through the same plan as orders."""

from __future__ import annotations

from dataflows.engine.case_runs import case_inputs, case_results
from nodes.vocabulary.verdict import Action, Verdict
from policies.cases import RuleWant, parsed_cases
from tests.dataflows.engine import tiny

CASES = b"""
base: {proposed_order_shares: 100, close_price_usd: 50.00, adv_shares: 100000, position_shares: 0, spread_bps: 5}
cases:
  - {note: plain, given: {}, want: {action: act}}
  - {note: clipped, given: {proposed_order_shares: 6000, close_price_usd: 1}, want: {action: act}}
  - {note: exit, given: {proposed_order_shares: -6000, close_price_usd: 1, position_shares: 6000}, want: {action: act}}
  - {note: no spread, given: {spread_bps: null}, want: {action: act}}
"""


def test_a_case_is_answered_with_outcomes_operands_and_size() -> None:
    plan = tiny.generation().order
    plain, clipped, reducing, blind = case_results(plan, parsed_cases(CASES, "tiny.cases.yaml"))
    assert (plain.verdict, plain.action, plain.order_shares) == (Verdict.PASS, Action.ACT, 100)
    assert (clipped.rules["liquidity"], clipped.order_shares) == (RuleWant.FAILS, 5000)
    assert clipped.operands["liquidity"] == {"max_participation_frac": 0.05, "participation_frac": 0.06}
    assert clipped.reasons == ("Order is 6.0% of a day",)
    assert reducing.rules["liquidity"] is RuleWant.SKIPPED
    assert blind.operands["large-spread"] == {"max_spread_bps": 50.0, "spread_bps": None}


def test_a_case_may_give_the_fields_of_the_snapshot() -> None:
    assert case_inputs(tiny.generation().order) == (
        "proposed_order_shares",
        "close_price_usd",
        "adv_shares",
        "position_shares",
        "spread_bps",
    )
