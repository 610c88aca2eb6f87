"""The smallest change of one input is exact: it passes, and its neighbour towards the recorded value does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.use_cases.policies import Candidate, candidate
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner
from dataflows.us_equities import OrderSnapshot
from governance.counterfactual import (
    Change,
    Finding,
    Question,
    answered,
    axis,
    finding,
    finding_from_bytes,
    found,
    plan_of_rule,
)
from governance.rebuilding import RunRequest
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.instants import EPOCH
from nodes.vocabulary.verdict import Verdict

POLICY = Path(__file__).parents[2] / "policies" / "us-equities" / "v1.yaml"
QUIET: dict[str, Any] = {
    "symbol": "AAPL",
    "proposed_order_shares": 1000,
    "close_price_usd": Decimal("50.00"),
    "previous_close_price_usd": Decimal("49.50"),
    "daily_return_frac": 0.0101,
    "overnight_gap_frac": 0.002,
    "adv_shares": 20_000_000,
    "last_volume_shares": 21_000_000,
    "volatility_frac": 0.01,
    "estimated_spread_bps": 12.5,
    "bar_age_sessions": 0,
    "target_weight_frac": 0.1,
    "composite_score": 0.5,
    "position_shares": 0,
    "pending_buy_shares": 0,
    "pending_sell_shares": 0,
    "cash_usd": Decimal("1000000.00"),
    "equity_usd": Decimal("1000000.00"),
    "gross_exposure_usd": Decimal(0),
    "peak_equity_usd": Decimal("1000000.00"),
    "day_start_equity_usd": Decimal("1000000.00"),
    "orders_today_count": 0,
    "same_orders_today_count": 0,
    "repeated_orders_count": 0,
    "automation_is_disabled": False,
    "kill_switch_is_engaged": False,
    "venue_terms": "",
    "venue_quotes": "",
}


@pytest.fixture(scope="module")
def chosen() -> Candidate:
    return candidate(POLICY.read_bytes(), "v1.yaml")


@pytest.fixture(scope="module")
def plan(chosen: Candidate) -> Plan:
    return chosen.generation.order


def request(**inputs: Any) -> RunRequest:
    return RunRequest("order", "research/test", b"", QUIET | inputs, EPOCH, (), None)


def asked(chosen: Candidate, *rule_ids: str, **inputs: Any) -> Question:
    plans = chosen.generation
    return Question(chosen.text, plans.session.manifest, plans.order.manifest, request(**inputs), rule_ids)


def judged(plan: Plan, **inputs: Any) -> dict[str, Verdict]:
    run = Runner(plan, "research/test", b"").order(OrderSnapshot(**(QUIET | inputs)), EPOCH)
    return {rule.rule_id: rule.verdict for rule in run.decision.proposed_rules}


def changes(chosen: Candidate, rule_id: str, **inputs: Any) -> dict[str, Change]:
    (rule,) = found(chosen.generation.order, asked(chosen, rule_id, **inputs)).rules
    return {change.input: change for change in rule.changes}


def test_the_inputs_of_these_tests_are_quiet(plan: Plan) -> None:
    assert set(judged(plan).values()) == {Verdict.PASS}


def test_an_order_that_is_too_large_for_the_limit_needs_exactly_the_limit(chosen: Candidate) -> None:
    change = changes(chosen, "shares", proposed_order_shares=5_001)["proposed_order_shares"]
    assert (change.needed, change.fails_at) == (5_000, 5_001)


def test_an_order_that_is_too_small_needs_to_be_larger(chosen: Candidate) -> None:
    change = changes(chosen, "minimum-size", proposed_order_shares=3)["proposed_order_shares"]
    assert (change.needed, change.fails_at, change.action) == (50, 49, "act")


def test_the_size_of_the_order_comes_first(chosen: Candidate) -> None:
    (rule,) = found(chosen.generation.order, asked(chosen, "notional", proposed_order_shares=4_000)).rules
    assert [change.input for change in rule.changes] == ["proposed_order_shares", "close_price_usd"]


def test_a_sale_stays_a_sale(chosen: Candidate) -> None:
    change = changes(chosen, "shares", proposed_order_shares=-9_000)["proposed_order_shares"]
    assert (change.needed, change.fails_at) == (-5_000, -5_001)


def test_no_size_undoes_a_kill_switch_but_letting_go_of_it_does(chosen: Candidate) -> None:
    told = found(chosen.generation.order, asked(chosen, "kill-switch", kill_switch_is_engaged=True))
    (rule,) = told.rules
    assert rule.powerless == ("proposed_order_shares",)
    assert [(change.input, change.needed) for change in rule.changes] == [("kill_switch_is_engaged", False)]
    assert (told.to_act, told.to_pass) == (None, None)


def test_money_moves_by_cents_and_prices_by_hundredths_of_a_cent(chosen: Candidate) -> None:
    cash = changes(chosen, "cash", cash_usd=Decimal("30000.00"))["cash_usd"]
    assert cash.needed - cash.fails_at == Decimal("0.01")
    price = changes(chosen, "minimum-price", close_price_usd=Decimal("17.5000"))["close_price_usd"]
    assert (price.needed, price.fails_at) == (Decimal("18.0000"), Decimal("17.9999"))


def test_a_fraction_is_found_to_the_last_bit(chosen: Candidate) -> None:
    change = changes(chosen, "opening-gap", overnight_gap_frac=-0.09)["overnight_gap_frac"]
    assert change.needed == -0.06
    assert change.fails_at < change.needed
    assert change.fails_at == pytest.approx(-0.06, rel=1e-15)


def test_a_change_says_what_the_whole_order_would_then_come_to(chosen: Candidate) -> None:
    """One rule quieted may leave another that speaks."""
    inputs = {"proposed_order_shares": 5_500, "kill_switch_is_engaged": True}
    change = changes(chosen, "shares", **inputs)["proposed_order_shares"]
    assert (change.verdict, change.action, change.order_shares) == ("deny", "deny", 0)


def test_a_rule_that_only_a_clip_breaks_is_judged_within_the_whole(chosen: Candidate) -> None:
    """40 shares of room are left by the cash; an order so small is not worth its costs."""
    inputs = {"proposed_order_shares": 1_000, "cash_usd": Decimal("7100.00")}
    assert judged(chosen.generation.order, **inputs)["minimum-size"] is Verdict.PASS
    told = found(chosen.generation.order, asked(chosen, "minimum-size", **inputs))
    cash = next(change for change in told.rules[0].changes if change.input == "cash_usd")
    assert cash.action == "act"
    assert cash.needed > Decimal("7100.00")


def test_the_order_as_a_whole_is_asked_as_well(chosen: Candidate) -> None:
    told = found(chosen.generation.order, asked(chosen, "shares", "notional", proposed_order_shares=5_500))
    assert told.to_act is None
    assert told.to_pass is not None
    assert (told.to_pass.needed, told.to_pass.verdict) == (3_000, "pass")


def test_a_denied_order_is_told_the_size_that_would_have_gone_out(chosen: Candidate) -> None:
    told = found(chosen.generation.order, asked(chosen, "minimum-size", proposed_order_shares=3))
    assert told.to_act is not None
    assert (told.to_act.needed, told.to_act.order_shares) == (50, 50)


def test_an_absent_input_is_no_axis_and_stops_nothing(chosen: Candidate) -> None:
    absent = Absent("estimated_spread_bps", "fewer than 20 bars")
    told = found(chosen.generation.order, asked(chosen, "estimated-spread", estimated_spread_bps=absent))
    assert [change.input for change in told.rules[0].changes] == []


@pytest.mark.parametrize(
    ("rule_id", "inputs"),
    [
        ("shares", {"proposed_order_shares": 59_000}),
        ("notional", {"proposed_order_shares": -7_000, "position_shares": 9_000}),
        ("participation", {"adv_shares": 17}),
        ("minimum-size", {"proposed_order_shares": 7}),
        ("cash", {"cash_usd": Decimal("30000.00")}),
        ("single-name", {"position_shares": 9_000, "gross_exposure_usd": Decimal(450_000)}),
        ("drawdown", {"peak_equity_usd": Decimal("1500000.00")}),
        ("message-rate", {"orders_today_count": 9}),
        ("estimated-spread", {"estimated_spread_bps": 150.5}),
        ("stale-bar", {"bar_age_sessions": 4}),
    ],
)
def test_every_change_passes_and_its_neighbour_does_not(
    chosen: Candidate, rule_id: str, inputs: dict[str, Any]
) -> None:
    """ENG-07: the smallest change, verified by running it."""
    plan = chosen.generation.order
    assert judged(plan, **inputs)[rule_id] is not Verdict.PASS
    told = changes(chosen, rule_id, **inputs)
    assert told
    for name, change in told.items():
        assert judged(plan, **(inputs | {name: change.needed}))[rule_id] is Verdict.PASS
        assert judged(plan, **(inputs | {name: change.fails_at}))[rule_id] is not Verdict.PASS


def test_no_size_nearer_than_the_one_that_is_told_passes(chosen: Candidate) -> None:
    inputs = {"proposed_order_shares": 600, "adv_shares": 1_000_000}
    told = changes(chosen, "participation", **inputs)["proposed_order_shares"].needed
    assert told == 400
    runner = Runner(plan_of_rule(chosen.generation.order, "participation"), "research/test", b"")
    for size in range(told + 1, 600):
        run = runner.order(OrderSnapshot(**(QUIET | inputs | {"proposed_order_shares": size})), EPOCH)
        assert run.decision.proposed_rules[0].verdict is not Verdict.PASS, size


def test_a_value_keeps_its_sign(plan: Plan) -> None:
    shares = axis(plan, "adv_shares", 3)
    assert shares is not None
    assert [shares.value(steps) for steps in (-2, -3, -4, 5)] == [1, 0, None, 8]
    order = axis(plan, "proposed_order_shares", 2)
    assert order is not None
    assert [order.value(steps) for steps in (-1, -2, 1)] == [1, None, 3]


def test_text_and_an_order_of_nothing_have_no_axis(plan: Plan) -> None:
    assert axis(plan, "symbol", "AAPL") is None
    assert axis(plan, "proposed_order_shares", 0) is None


def test_neighbouring_floats_are_one_step_apart_also_across_zero(plan: Plan) -> None:
    spread = axis(plan, "daily_return_frac", 0.0)
    assert spread is not None
    assert [spread.value(steps) for steps in (-1, 0, 1)] == [-5e-324, 0.0, 5e-324]


def test_of_shares_there_are_none_or_some(plan: Plan) -> None:
    pending = axis(plan, "pending_buy_shares", 0)
    assert pending is not None
    assert [pending.value(steps) for steps in (-1, 0, 1)] == [None, 0, 1]


def test_the_plan_of_a_rule_holds_what_the_rule_reads_and_no_more(plan: Plan) -> None:
    part = plan_of_rule(plan, "participation")
    assert "adv_shares" in part.inputs
    assert "cash_usd" not in part.inputs
    assert len(part.nodes) < len(plan.nodes) / 2
    with pytest.raises(KeyError, match="no-such-rule"):
        plan_of_rule(plan, "no-such-rule")


def test_a_question_is_answered_the_same_as_bytes(chosen: Candidate) -> None:
    question = asked(chosen, "shares", "notional", proposed_order_shares=5_500)
    assert finding_from_bytes(answered(encode(question))) == finding(question)


def test_a_question_to_code_that_is_not_there_says_what_is_missing(chosen: Candidate) -> None:
    question = replace(asked(chosen, "shares", proposed_order_shares=5_500), policy=b"nonsense")
    told = finding_from_bytes(answered(encode(question)))
    assert told == Finding(b"", missing=told.missing)
    assert told.missing.startswith("PolicyError: ")
