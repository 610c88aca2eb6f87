"""Inputs of orders are bounded by the contracts of features, by their units and by what they mean."""

from __future__ import annotations

from decimal import Decimal

import pytest

from governance.input_bounds import Bound, input_bounds, plan_bounds
from tests.governance.proof_examples import QUIET, generation


def test_an_input_that_is_the_last_value_of_a_feature_is_within_its_contract() -> None:
    """ENG-07, ENG-08: bounds from contracts."""
    bounds = input_bounds(generation())
    assert bounds["daily_return_frac"] == Bound(-1.0, 100.0, "contract")
    assert bounds["adv_shares"].source == "contract"
    assert isinstance(bounds["adv_shares"].high, int)


@pytest.mark.parametrize(
    ("name", "low", "source"),
    [
        ("orders_today_count", 0, "unit"),
        ("position_shares", -(2**53), "unit"),
        ("pending_sell_shares", 0, "meaning"),
        ("close_price_usd", Decimal("0.0001"), "unit"),
        ("gross_exposure_usd", Decimal(0), "meaning"),
    ],
)
def test_other_inputs_are_bounded_by_their_units_and_what_they_mean(name: str, low: object, source: str) -> None:
    bound = input_bounds(generation())[name]
    assert (bound.low, bound.source) == (low, source)


def test_truth_values_and_texts_have_no_bounds() -> None:
    assert not {"symbol", "kill_switch_is_engaged"} & set(input_bounds(generation()))


def test_what_passes_every_rule_is_within_all_bounds() -> None:
    assert all(bound.holds(QUIET[name]) for name, bound in input_bounds(generation()).items() if name in QUIET)


def test_a_plan_alone_has_no_contracts() -> None:
    bounds = plan_bounds(generation().order)
    assert {bound.source for bound in bounds.values()} == {"unit", "meaning"}
    assert bounds["volatility_frac"] == Bound(0.0, None, "meaning")


def test_only_a_contract_says_how_far_an_input_usually_reaches() -> None:
    assert Bound(-1.0, 3.0, "contract").width == 4.0
    assert Bound(-1.0, None, "contract").width is None
    assert Bound(-1, 1, "unit").width is None
    assert not Bound(-1, 1, "unit").holds(2)
