"""Access fees: caps by price, and rebates that no cap bounds."""

from __future__ import annotations

import math

import pytest

from nodes.kernels.market_rules.access_fees import (
    AccessFeeTerms,
    access_fee_cap_e6,
    fee_at_e6,
    fees_at_e6,
    is_permitted_fee,
)

LEGACY = AccessFeeTerms(3000, 10_000, 3000)


@pytest.mark.parametrize(("price_e4", "cap_e6"), [(10_000, 3000), (9_999, 2999), (5_000, 1500), (1, 0)])
def test_a_cap_is_a_share_of_the_price_under_a_dollar(price_e4: int, cap_e6: int) -> None:
    assert access_fee_cap_e6(price_e4, LEGACY) == cap_e6


@pytest.mark.parametrize(("fee_e6", "wanted"), [(3000, True), (3001, False), (-5000, True)])
def test_a_fee_is_permitted_up_to_its_cap(fee_e6: int, *, wanted: bool) -> None:
    assert is_permitted_fee(fee_e6, 10_000, LEGACY) is wanted


@pytest.mark.parametrize(
    ("fee_e6", "price_e4", "each_e6"),
    [(3000, 10_000, 3000), (3000, 9_999, 2999.7), (3000, 5_000, 1500), (1000, 5_000, 500), (-2000, 5_000, 0)],
)
def test_a_listed_fee_is_by_value_under_a_dollar_and_never_over_its_cap(
    fee_e6: int, price_e4: int, each_e6: float
) -> None:
    """17 CFR 242.610(c): 0.003 USD a share, 0.3 % of the price under one; beside case access_fee.rule610."""
    assert fee_at_e6(fee_e6, price_e4) == pytest.approx(each_e6)
    assert fees_at_e6(fee_e6, price_e4, 1) == math.ceil(each_e6)
    assert fees_at_e6(fee_e6, price_e4, 100) == pytest.approx(100 * each_e6)
    assert is_permitted_fee(math.floor(each_e6), price_e4, LEGACY)


def test_a_rebate_is_paid_in_full_from_a_dollar_on() -> None:
    assert fee_at_e6(-2000, 10_000) == -2000
    assert fees_at_e6(-2000, 10_000, 300) == -600_000
