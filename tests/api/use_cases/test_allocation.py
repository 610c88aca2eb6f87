"""Allocations on the bundled market: a journey from a posted target to orders, prices of caps, or a named conflict."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters.lake.lake import Lake
from api.use_cases.allocation import LimitsConflictError, Place, allocated
from api.use_cases.allocation_words import AllocationAsked, AllocationView
from api.use_cases.gate_policies import Asking, policy_in_force
from nodes.journal.account import AccountState, opened_account
from nodes.vocabulary.errors import DataError, EdgeError
from tests.api.portfolios import ERC, EXACT, TARGET

ASKING = Asking(policy_in_force(None, "portfolio"), "paper", b"")
RETURNS = [[0.01, 0.02], [-0.02, 0.01], [0.005, -0.01], [0.0, 0.004], [0.01, -0.02]]
OWN: dict[str, Any] = {
    "equity_usd": 100_000,
    "assets": [
        {"symbol": "X", "price_usd": 50, "adv_shares": 1e7, "beta_frac": 1.0, "target_weight_frac": 0.2},
        {"symbol": "Y", "price_usd": 20, "adv_shares": 1e7, "beta_frac": 0.5, "target_weight_frac": 0.3},
    ],
    "returns": RETURNS,
}
"""A question that brings all that is known."""


def told(question: dict[str, Any], lake: Lake, account: AccountState | None = None) -> AllocationView:
    return allocated(msgspec.convert(question, AllocationAsked), Place(ASKING, lake, account))


def changed(changes: dict[str, Any], place: int = 0) -> dict[str, Any]:
    """The question that brings all, with one asset changed."""
    assets = [dict(each) for each in OWN["assets"]]
    assets[place] |= changes
    return {**OWN, "assets": [{name: value for name, value in each.items() if value != "gone"} for each in assets]}


def test_a_posted_target_becomes_orders_that_keep_every_cap_with_the_price_of_each(lake: Lake) -> None:
    """PF-02, API-STR-05: AAPL is cut to its cap, IBM to what is lent; both say what one step more would be worth."""
    view = told(TARGET, lake)
    held = {each.symbol: each for each in view.holdings}
    assert held["AAPL"].order_shares == held["AAPL"].target_shares
    assert 0.409 < held["AAPL"].weight_frac <= 0.41
    assert held["IBM"].target_shares == -300
    binding = {cap.rule: cap for cap in view.caps if cap.binds}
    assert set(binding) == {"single-name", "locate"}
    assert binding["single-name"].subjects == ("AAPL",)
    assert binding["single-name"].usd_per_step > 100.0
    assert "0.01 more of it would be worth" in binding["single-name"].because
    assert view.policy == "portfolio-us-equities v1"


def test_a_target_that_cannot_be_met_names_the_fewest_caps_that_conflict(lake: Lake) -> None:
    """PF-01: the cap on a single name stands against a weight of 0.6 less 0.05."""
    with pytest.raises(LimitsConflictError, match=r"no portfolio keeps single-name .* and max-deviation") as raised:
        told(EXACT, lake)
    assert [(each.rule, each.subjects) for each in raised.value.conflict] == [
        ("single-name", ("AAPL",)),
        ("max-deviation", ("AAPL",)),
    ]
    assert [each.loosened_limit for each in raised.value.conflict] == [pytest.approx(0.55), pytest.approx(0.19)]


def test_equal_risk_of_the_whole_market_is_balanced_and_who_lacks_history_is_left_out(lake: Lake) -> None:
    """PF-01: contributions equal; FB had traded for six weeks."""
    view = told({**ERC, "covariance": "sample", "limits": {}}, lake)
    assert [each.symbol for each in view.excluded] == ["FB"]
    assert "lacks returns of the sessions" in view.excluded[0].because
    wanted = [each.wanted_weight_frac or 0.0 for each in view.holdings]
    assert sum(wanted) == pytest.approx(1.0)
    assert 0.05 < (view.volatility_frac or 0.0) < 0.4


@pytest.mark.parametrize("method", ["equal-weight", "minimum-variance", "hrp", "erc"])
def test_every_method_is_brought_under_the_caps(lake: Lake, method: str) -> None:
    view = told({**ERC, "method": method, "limits": {"gross": 0.8}}, lake)
    assert sum(abs(each.weight_frac) for each in view.holdings) <= 0.8
    assert {cap.rule for cap in view.caps if cap.binds} >= {"gross"}


@pytest.mark.parametrize("covariance", ["sample", "ledoit-wolf", "constant-correlation", "ewma", "factor"])
def test_every_covariance_makes_a_portfolio(lake: Lake, covariance: str) -> None:
    view = told({**ERC, "covariance": covariance}, lake)
    assert view.covariance == covariance
    assert sum(each.weight_frac for each in view.holdings) > 0.5


def test_mean_variance_trades_only_for_more_than_it_costs(lake: Lake) -> None:
    """A small edge is not worth half a spread that must come back in a week, and is worth one over years."""
    assets = [{**each, "expected_return_frac": 0.02, "half_spread_bps": 20} for each in OWN["assets"]]
    question = {**OWN, "assets": assets, "method": "mean-variance"}
    soon, late = (told({**question, "holding_years": years}, lake) for years in (0.02, 5.0))
    assert sum(each.order_usd for each in soon.holdings) == 0.0
    assert sum(each.order_usd for each in late.holdings) > 0.0
    assert late.holdings[0].expected_cost_usd is not None


def test_risk_budgets_are_shares_of_the_risk(lake: Lake) -> None:
    assets = [{**each, "budget_frac": budget} for each, budget in zip(OWN["assets"], (3.0, 1.0), strict=True)]
    view = told({**OWN, "assets": assets, "method": "risk-budget"}, lake)
    assert (view.holdings[0].wanted_weight_frac or 0.0) > (view.holdings[1].wanted_weight_frac or 0.0)


def test_a_question_that_brings_all_asks_nothing_of_the_market(lake: Lake) -> None:
    view = told(OWN, lake)
    assert (view.as_of, view.session_on) == (None, None)
    assert [each.target_shares for each in view.holdings] == [400, 1500]
    assert view.caps_cost_usd_per_year == pytest.approx(0.0, abs=1e-6)


def test_an_empty_universe_is_all_cash(lake: Lake) -> None:
    view = told({**OWN, "assets": [], "returns": None}, lake)
    assert (view.holdings, view.cash_frac, view.volatility_frac) == ((), 1.0, 0.0)


def test_an_account_brings_its_holdings_and_its_equity(lake: Lake) -> None:
    account = opened_account("paper", Decimal(500_000))
    view = told({"assets": [{"symbol": "AAPL", "target_weight_frac": 0.1}], "as_of": TARGET["as_of"]}, lake, account)
    assert view.equity_usd == 500_000.0


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"price_usd": "gone"}, "it has no price of the session; give price_usd"),
        ({"symbol": "ZZZ", "price_usd": "gone"}, "it has no price of the session"),
    ],
)
def test_a_share_of_which_too_little_is_known_is_left_out(lake: Lake, changes: dict[str, Any], because: str) -> None:
    view = told(changed(changes), lake)
    assert because in view.excluded[0].because
    assert [each.symbol for each in view.holdings] == ["Y"]


def test_a_share_that_has_not_moved_has_no_risk_to_weigh(lake: Lake) -> None:
    view = told({**OWN, "returns": [[0.0, each[1]] for each in RETURNS]}, lake)
    assert "has not moved" in view.excluded[0].because


def test_a_holding_that_cannot_be_judged_is_refused(lake: Lake) -> None:
    with pytest.raises(DataError, match="100 shares of X are held, and it has no price of the session"):
        told(changed({"price_usd": "gone", "position_shares": 100}), lake)


def test_a_beta_that_is_not_known_is_asked_for(lake: Lake) -> None:
    with pytest.raises(DataError, match="beta of X is not known, and the policy caps beta; give beta_frac"):
        told(changed({"beta_frac": "gone"}), lake)


def test_a_volume_that_is_not_known_lets_nothing_be_traded(lake: Lake) -> None:
    view = told(changed({"adv_shares": "gone"}), lake)
    assert [each.order_shares for each in view.holdings] == [0, 1500]
    assert "X" in next(cap for cap in view.caps if cap.rule == "participation").subjects


def test_collinear_shares_are_held_by_a_repaired_covariance(lake: Lake) -> None:
    view = told({**OWN, "method": "erc", "covariance": "sample", "returns": [[row[0]] * 2 for row in RETURNS]}, lake)
    assert view.is_repaired
    assert [each.wanted_weight_frac for each in view.holdings] == [pytest.approx(0.5, abs=1e-6)] * 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"equity_usd": None}, "equity_usd is missing, and no account is named"),
        ({"as_of": "2500-01-01T00:00:00Z", "returns": None}, "is not from 1900 to 2200"),
        ({"assets": [*OWN["assets"], OWN["assets"][0]], "returns": None}, "assets name X more than once"),
        ({"returns": [[0.1, 0.2], [0.3]]}, "returns have rows of 1, 2 numbers for 2 assets"),
        ({"method": "mean-variance"}, "expected_return_frac of X, Y is missing"),
        ({"limits": {"gross": 2.0}}, "limit 2 of rule 'gross' is looser than the policy's 1"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_it_lacks(
    lake: Lake, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(EdgeError, match=message):
        told({**OWN, **changes}, lake)
