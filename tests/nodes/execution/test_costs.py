"""Expected costs: each part, and their sum."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.execution.costs import (
    expected_commission_usd,
    expected_cost_bps,
    expected_cost_usd,
    expected_fill_shares,
    expected_impact_bps,
    expected_sell_fee_usd,
    half_spread_bps,
)
from nodes.vocabulary.units import Bps, Frac, Shares, Usd, UsdPerShare

LIMIT, COMMISSION = UsdPerShare(Decimal("100.00")), UsdPerShare(Decimal("0.005"))
LEAST, MOST, FEE = Usd(Decimal("1.00")), Frac(0.01), Frac(0.0000278)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def test_spread_and_impact_are_in_basis_points() -> None:
    assert half_spread_bps(Bps(40.0)) == 20.0
    assert expected_impact_bps(Frac(0.02), Frac(0.01), 1.0) == pytest.approx(20.0)


@pytest.mark.parametrize(("order", "commission", "fee"), [(400, "2.00", "0"), (-400, "2.00", "1.12"), (0, "0", "0")])
def test_fees_follow_the_side(order: int, commission: str, fee: str) -> None:
    assert expected_commission_usd(Shares(order), LIMIT, COMMISSION, LEAST, MOST, FEE) == Decimal(commission)
    assert expected_sell_fee_usd(Shares(order), LIMIT, COMMISSION, LEAST, MOST, FEE) == Decimal(fee)


def test_cost_is_spread_impact_and_fees() -> None:
    cost = expected_cost_usd(usd("40000"), Bps(20.0), Bps(2.5), usd("2.00"), usd("1.12"))
    assert cost == Decimal("93.12")
    assert expected_cost_bps(cost, usd("40000")) == 23.28


def test_an_order_of_nothing_has_no_cost_to_compare() -> None:
    assert expected_cost_bps(usd("0"), usd("0")) is None


@given(order=st.integers(-(10**6), 10**6), adv=st.integers(0, 10**8), part=st.floats(0.0, 1.0))
def test_an_expected_fill_keeps_the_side_and_the_cap(order: int, adv: int, part: float) -> None:
    found = expected_fill_shares(Shares(order), Shares(adv), Frac(part))
    assert abs(found) <= min(abs(order), part * adv)
    assert found * order >= 0
