"""Verdicts, clips and skips, on a strategy whose limits are round numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine.decision import Decision
from dataflows.engine.run import Runner
from nodes.vocabulary.verdict import Action, Outcome, Verdict
from policies.texts import rendered
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import orders, surprising

AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
CHEAP = Decimal(1)
MINIMUM = """
  - id: minimum
    require: order_notional_usd >= min_notional_usd
    limits: {min_notional_usd: 5500}
    then: deny
    because: "Only {order_notional_usd:,.0f} USD"
    plain: "Too small to be worth its cost."
    source: desk manual 4
"""
REVIEW = MINIMUM.replace("id: minimum", "id: second-look").replace("then: deny", "then: review")
WARNING = MINIMUM.replace("id: minimum", "id: remark").replace("then: deny", "then: warn")


@cache
def runner(extra_rule: str = "") -> Runner:
    """The tiny strategy's order plan, with one more rule."""
    return Runner(tiny.generation(tiny.POLICY + extra_rule, (orders,)).order, "research/test", b"")


def decision(extra_rule: str = "", **given: Any) -> Decision:
    return runner(extra_rule).order(tiny.order(**given), AS_OF).decision


def test_an_order_within_every_limit_passes_and_acts() -> None:
    seen = decision()
    assert (seen.verdict, seen.action, seen.order_shares, seen.failed) == (Verdict.PASS, Action.ACT, 100, ())


@pytest.mark.parametrize(
    ("given", "verdict", "action", "size"),
    [
        ({"proposed": 2000}, Verdict.PASS, Action.ACT, 2000),
        ({"proposed": 2001}, Verdict.DENY, Action.DENY, 0),
        ({"close": None}, Verdict.DENY, Action.DENY, 0),
        ({"spread": 50.0}, Verdict.PASS, Action.ACT, 100),
        ({"spread": 50.1}, Verdict.WARN, Action.ACT, 100),
        ({"spread": None}, Verdict.WARN, Action.ACT, 100),
        ({"spread": float("nan")}, Verdict.WARN, Action.ACT, 100),
        ({"spread": float("-inf")}, Verdict.PASS, Action.ACT, 100),
        ({"adv": None}, Verdict.DENY, Action.DENY, 0),
        ({"adv": 0}, Verdict.DENY, Action.DENY, 0),
        ({"proposed": None}, Verdict.DENY, Action.DENY, 0),
        ({"proposed": 100.0}, Verdict.DENY, Action.DENY, 0),
        ({"proposed": 5000, "close": CHEAP}, Verdict.PASS, Action.ACT, 5000),
        ({"proposed": 5001, "close": CHEAP}, Verdict.CLIP, Action.ACT, 5000),
        ({"proposed": -9000, "close": CHEAP}, Verdict.CLIP, Action.ACT, -5000),
        ({"proposed": 6000, "close": CHEAP, "adv": 100_190}, Verdict.CLIP, Action.ACT, 5000),
        ({"proposed": 6000, "close": CHEAP, "adv": 100_200}, Verdict.CLIP, Action.ACT, 5010),
        ({"proposed": 60, "close": CHEAP, "adv": 199}, Verdict.DENY, Action.DENY, 0),
    ],
)
def test_the_gravest_rule_decides(given: dict[str, Any], verdict: Verdict, action: Action, size: int) -> None:
    seen = decision(**given)
    assert (seen.verdict, seen.action, seen.order_shares) == (verdict, action, size)


def test_an_order_that_reduces_risk_skips_rules_for_increasing_orders() -> None:
    seen = decision(proposed=-6000, close=CHEAP, position=6000)
    assert (seen.verdict, seen.order_shares) == (Verdict.PASS, -6000)
    (liquidity,) = [rule for rule in seen.rules if rule.rule_id == "liquidity"]
    assert (liquidity.applies, liquidity.outcome) == (False, Outcome.FAILS)


def test_a_reducing_order_skips_a_rule_that_would_hold() -> None:
    seen = decision(proposed=-10, position=100)
    assert seen.verdict is Verdict.PASS
    assert {rule.rule_id: rule.applies for rule in seen.rules} == {
        "notional": True,
        "liquidity": False,
        "large-spread": True,
    }


def test_an_order_of_nothing_is_denied() -> None:
    seen = decision(proposed=0)
    assert (seen.verdict, seen.action, seen.order_shares) == (Verdict.DENY, Action.DENY, 0)
    assert seen.size_reason == "the proposed size is 0 shares"


def test_a_cap_that_is_absent_leaves_nothing_and_says_so() -> None:
    rule = MINIMUM.replace("id: minimum", "id: gone").replace(">= min", "<= min").replace("deny", "{clip: gone_shares}")
    plan = tiny.generation(tiny.POLICY + rule, (orders, surprising)).order
    seen = Runner(plan, "research/test", b"").order(tiny.order(proposed=200), AS_OF).decision
    assert (seen.action, seen.order_shares) == (Action.DENY, 0)
    assert seen.size_reason == "the cap gone_shares is absent: has no value here (at gone_shares)"


def test_a_reducing_order_gets_out_though_the_volume_is_not_known() -> None:
    assert decision(proposed=-6000, close=CHEAP, position=6000, adv=None).action is Action.ACT


def test_all_rules_are_judged_though_the_first_denies() -> None:
    seen = decision(proposed=6000, spread=99.0)
    assert {rule.rule_id: rule.outcome for rule in seen.rules} == {
        "notional": Outcome.FAILS,
        "liquidity": Outcome.FAILS,
        "large-spread": Outcome.FAILS,
    }


def test_a_clip_below_a_minimum_size_denies_and_both_tables_are_kept() -> None:
    seen = decision(MINIMUM, proposed=6000, close=CHEAP)
    assert (seen.action, seen.size_reason) == (Action.DENY, "a rule fails at the clipped size")
    assert {rule.rule_id: rule.outcome for rule in seen.proposed_rules}["minimum"] is Outcome.HOLDS
    assert {rule.rule_id: rule.outcome for rule in seen.rules}["minimum"] is Outcome.FAILS


def test_an_order_under_review_is_held_as_it_was_proposed_though_a_clip_rule_fails_too() -> None:
    seen = decision(REVIEW, proposed=5400, close=CHEAP)
    assert (seen.verdict, seen.action, seen.order_shares) == (Verdict.REVIEW, Action.HOLD, 5400)
    assert [rule.rule_id for rule in seen.failed] == ["second-look", "liquidity"]


def test_a_clip_that_brings_a_review_denies() -> None:
    assert decision(REVIEW, proposed=6000, close=CHEAP).action is Action.DENY


def test_a_review_without_a_clip_holds() -> None:
    seen = decision(REVIEW)
    assert (seen.verdict, seen.action, seen.order_shares) == (Verdict.REVIEW, Action.HOLD, 100)


def test_a_warning_at_the_clipped_size_does_not_deny() -> None:
    seen = decision(WARNING, proposed=6000, close=CHEAP)
    assert (seen.verdict, seen.order_shares) == (Verdict.CLIP, 5000)
    assert [rule.rule_id for rule in seen.failed] == ["liquidity", "remark"]


def test_reasons_show_the_values_they_are_about() -> None:
    (reason,) = decision(proposed=6000, close=CHEAP).failed
    assert reason.because == "Order is 6.0% of a day"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{order_notional_usd} of {max_notional_usd}", "100050.00 of 100000"),
        ("{{{order_notional_usd:,.1f}}} for {order_shares:d}", "{100,050.0} for 2001"),
        ("Reduces risk: {order_reduces_risk}; spread {spread_bps:.1f}", "Reduces risk: no; spread (not known)"),
    ],
)
def test_a_reason_shows_every_kind_of_value_as_its_text_is_rendered(text: str, shown: str) -> None:
    """Numbers take a text made ready; truth values and absences take the one for anything (`policies.texts`)."""
    policy = tiny.POLICY.replace("Order is {order_notional_usd:,.0f} USD; the limit is {max_notional_usd:,.0f}", text)
    plan = tiny.generation(policy).order
    run = Runner(plan, "research/test", b"").order(tiny.order(proposed=2001, spread=None), AS_OF)
    (notional,) = [rule for rule in run.decision.failed if rule.rule_id == "notional"]
    assert notional.because == shown == rendered(text, run.values)


def test_an_unknown_rule_says_which_value_is_missing_and_where_it_began() -> None:
    (notional,) = [rule for rule in decision(close=None).failed if rule.rule_id == "notional"]
    assert notional.because.endswith("absent: missing from the snapshot (at close_price_usd)")


@given(
    proposed=st.integers(-(10**9), 10**9),
    adv=st.integers(0, 10**9),
    position=st.integers(-(10**6), 10**6),
    cents=st.integers(1, 10**7),
)
def test_what_acts_holds_every_rule_and_never_grows_or_turns(
    proposed: int, adv: int, position: int, cents: int
) -> None:
    given_values: dict[str, Any] = {"adv": adv, "position": position, "close": Decimal(cents) / 100}
    seen = decision(proposed=proposed, **given_values)
    assert abs(seen.order_shares) <= abs(proposed)
    assert seen.order_shares * proposed >= 0
    if seen.action is Action.ACT and seen.verdict is Verdict.CLIP:
        assert seen.order_shares % 10 == 0
        again = decision(proposed=seen.order_shares, **given_values)
        assert again.verdict <= Verdict.WARN
