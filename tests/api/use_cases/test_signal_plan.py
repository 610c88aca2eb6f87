"""SGN-01, SGN-04: picks with reasons, judged by the rules of picks; what its reasons do not bear is not shown."""

from __future__ import annotations

import pytest

from api.use_cases.service import Service
from api.use_cases.signal_plan import Pick, SignalPlan, is_lowering
from nodes.vocabulary.verdict import Verdict
from tests.api.use_cases.signal_plans import NO_EVENTS, told


@pytest.fixture(scope="module")
def plan(signal_service: Service) -> SignalPlan:
    return told(signal_service)


def pick(plan: SignalPlan, symbol: str) -> Pick:
    found = plan.pick(symbol)
    assert found is not None
    return found


def test_picks_are_the_shares_that_the_plan_goes_some_way_with(plan: SignalPlan) -> None:
    targets = {symbol: row.target_shares for symbol, row in plan.plan.rows.items()}
    assert {each.symbol for each in plan.picks} == {symbol for symbol, shares in targets.items() if shares}
    weights = [each.numbers["target_weight_frac"] for each in plan.picks]
    assert weights == sorted(weights, reverse=True)
    assert plan.pick("FB") is None


def test_a_pick_that_its_reasons_do_not_bear_is_not_shown(plan: SignalPlan) -> None:
    """SGN-04: below the policy's threshold."""
    for each in plan.picks:
        assert each.is_shown is (each.numbers["fitness_frac"] >= 0.5)
    assert {each.is_shown for each in plan.picks} == {True, False}


def test_reasons_are_ranked_and_those_that_speak_for_the_pick_are_cited(plan: SignalPlan) -> None:
    for each in plan.picks:
        parts = [reason.claimed_score for reason in each.reasons]
        assert parts == sorted(parts, reverse=True)
        assert [reason.is_cited for reason in each.reasons] == [part > 0.0 for part in parts]
        assert each.cited == tuple(reason for reason in each.reasons if reason.is_cited)


def test_the_parts_of_a_conviction_make_it_and_do_what_they_claim(plan: SignalPlan) -> None:
    for each in plan.picks:
        assert sum(reason.claimed_score for reason in each.reasons) == pytest.approx(each.numbers["conviction_score"])
        for reason in each.reasons:
            assert reason.observed_score == pytest.approx(reason.claimed_score, abs=1e-9)


def test_a_reason_says_whether_its_value_is_high(plan: SignalPlan) -> None:
    """GOOG is calm and near its peak, and has risen less than the others."""
    high = {reason.name: reason.is_high for reason in pick(plan, "GOOG").reasons}
    assert high == {
        "volatility_frac": False,
        "drawdown_frac": False,
        "momentum_frac": False,
        "forecast_return_frac": True,
    }


def test_orders_are_previewed_as_they_would_be_judged_now(plan: SignalPlan) -> None:
    """SGN-03: every guardrail of the trading policy speaks at plan time, too."""
    preview = pick(plan, "AAPL").preview
    assert preview is not None
    assert len(preview.plan.rules) >= 8
    assert preview.run.decision.verdict is Verdict.CLIP
    assert [rule.rule_id for rule in preview.run.decision.failed] == ["notional"]


def test_the_risk_of_a_pick_is_told_in_money(plan: SignalPlan) -> None:
    found = pick(plan, "AAPL").numbers
    expected = 1.645 * found["volatility_frac"] * found["target_weight_frac"] * float(plan.plan.equity_usd)
    assert found["bad_day_loss_usd"] == pytest.approx(expected)
    assert found["bad_day_loss_frac"] == pytest.approx(expected / float(plan.plan.equity_usd))
    assert sum(each.numbers["risk_share_frac"] for each in plan.picks) == pytest.approx(1.0)


def test_a_halted_share_is_not_shown(signal_service: Service) -> None:
    plan = told(signal_service, halted=lambda: frozenset({"AAPL"}))
    assert [rule.rule_id for rule in pick(plan, "AAPL").gate.failed] == ["halt"]
    assert pick(plan, "GOOG").is_shown
    assert "halts" not in {source.name for source in plan.missing}


@pytest.mark.parametrize(("sessions", "is_shown"), [(1, False), (2, False), (3, True)])
def test_a_share_that_reports_soon_is_not_shown(signal_service: Service, sessions: int, *, is_shown: bool) -> None:
    plan = told(signal_service, events=lambda *_: {**NO_EVENTS, "AAPL": sessions})
    assert pick(plan, "AAPL").is_shown is is_shown


def test_a_plan_names_what_it_lacks_its_risk_and_its_policies(signal_service: Service) -> None:
    plan = told(signal_service, events=lambda *_: NO_EVENTS)
    assert {source.name for source in plan.missing} == {"sentiment", "halts"}
    assert plan.book_volatility_frac == pytest.approx(0.0098, abs=1e-4)
    assert plan.policies == ("signals-us-equities v1", "picks-us-equities v1")


def test_what_is_told_has_an_identity_of_its_own(signal_service: Service, plan: SignalPlan) -> None:
    again, halted = told(signal_service), told(signal_service, halted=lambda: frozenset({"AAPL"}))
    assert (again.signal_id, again.told_id) == (plan.signal_id, plan.told_id)
    assert halted.signal_id == plan.signal_id
    assert halted.told_id != plan.told_id


@pytest.mark.parametrize(
    ("order", "held", "expected"),
    [
        (-10, 30, True),
        (-30, 30, True),
        (-31, 30, False),
        (10, 30, False),
        (10, -30, True),
        (0, 30, False),
        (5, 0, False),
    ],
)
def test_a_pick_lowers_risk_when_its_order_only_takes_back_what_is_held(
    order: int, held: int, *, expected: bool
) -> None:
    assert is_lowering({"candidate_order_shares": order, "position_shares": held}) is expected


def test_whether_risk_is_lowered_is_not_known_without_an_order_or_a_holding() -> None:
    assert is_lowering({"candidate_order_shares": None, "position_shares": 3}) is None
    assert is_lowering({"candidate_order_shares": 3, "position_shares": None}) is None
