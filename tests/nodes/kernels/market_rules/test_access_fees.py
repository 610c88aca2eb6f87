"""Access fees: caps by price, and rebates that no cap bounds."""

from __future__ import annotations

import pytest

from nodes.kernels.market_rules.access_fees import AccessFeeTerms, access_fee_cap_e6, is_permitted_fee

LEGACY = AccessFeeTerms(3000, 10_000, 3000)


@pytest.mark.parametrize(("price_e4", "cap_e6"), [(10_000, 3000), (9_999, 2999), (5_000, 1500), (1, 0)])
def test_a_cap_is_a_share_of_the_price_under_a_dollar(price_e4: int, cap_e6: int) -> None:
    assert access_fee_cap_e6(price_e4, LEGACY) == cap_e6


@pytest.mark.parametrize(("fee_e6", "wanted"), [(3000, True), (3001, False), (-5000, True)])
def test_a_fee_is_permitted_up_to_its_cap(fee_e6: int, *, wanted: bool) -> None:
    assert is_permitted_fee(fee_e6, 10_000, LEGACY) is wanted
