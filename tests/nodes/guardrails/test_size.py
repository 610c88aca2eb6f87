"""Size limits: each cap satisfies its rule as the rule computes it, and one share more does not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.guardrails.size import (
    notional_cap_shares,
    order_notional_usd,
    order_size_shares,
    participation_cap_shares,
    participation_frac,
    size_cap_shares,
)
from nodes.vocabulary.units import Frac, Shares, Usd, UsdPerShare

PRICES = st.decimals("0.01", "5000", places=2).map(UsdPerShare)


def test_size_and_value_have_no_side() -> None:
    assert order_size_shares(Shares(-400)) == order_size_shares(Shares(400)) == 400
    assert order_notional_usd(Shares(400), UsdPerShare(Decimal("130.31"))) == Decimal("52124.00")


def test_participation_needs_a_volume() -> None:
    assert participation_frac(Shares(50), Shares(1000)) == 0.05
    assert participation_frac(Shares(50), Shares(0)) is None


@given(limit=st.floats(1e-7, 1.0), adv=st.integers(0, 10**9))
def test_participation_cap_is_the_largest_size_that_holds(limit: float, adv: int) -> None:
    cap = participation_cap_shares(Frac(limit), Shares(adv))
    if adv == 0:
        assert cap == 0
        return
    assert (participation_frac(cap, Shares(adv)) or 0.0) <= limit
    assert (participation_frac(Shares(cap + 1), Shares(adv)) or 0.0) > limit


@given(limit=st.decimals("0", "10000000", places=2).map(Usd), price=PRICES)
def test_notional_cap_is_the_largest_size_that_holds(limit: Usd, price: UsdPerShare) -> None:
    cap = notional_cap_shares(limit, price)
    assert order_notional_usd(cap, price) <= limit
    assert order_notional_usd(Shares(cap + 1), price) > limit


@pytest.mark.parametrize(("limit", "cap"), [(5000, 5000), (0, 0), (-5, 0)])
def test_size_cap_is_the_limit_and_never_negative(limit: int, cap: int) -> None:
    assert size_cap_shares(Shares(limit)) == cap
