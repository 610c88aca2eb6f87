"""Fees: each bound, each rounding, and who pays which."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.fees import FeeSchedule, cents_up, commission_of_fills, exact

FEES = FeeSchedule(Decimal("0.005"), Decimal("1.00"), 0.01, 0.0000278)
SIZES = st.integers(-100_000, 100_000)
PRICES = st.decimals("0.01", "5000", places=2)


@pytest.mark.parametrize(
    ("shares", "notional", "commission"),
    [(1000, "50000", "5.00"), (-1000, "50000", "5.00"), (100, "5000", "1.00"), (100, "20", "0.20"), (0, "0", "0")],
)
def test_commission_is_by_share_within_its_least_and_most(shares: int, notional: str, commission: str) -> None:
    assert FEES.commission_usd(shares, Decimal(notional)) == Decimal(commission)


def test_a_commission_is_rounded_up_to_the_cent() -> None:
    assert FEES.commission_usd(401, Decimal(40_000)) == Decimal("2.01")


@pytest.mark.parametrize(("shares", "fee"), [(-1000, "2.78"), (-1, "2.78"), (1000, "0"), (0, "0")])
def test_only_sales_pay_the_sell_fee(shares: int, fee: str) -> None:
    assert FEES.sell_fee_usd(shares, Decimal(100_000)) == Decimal(fee)


@given(shares=SIZES, price=PRICES)
def test_fees_are_whole_cents_never_negative_and_add_up(shares: int, price: Decimal) -> None:
    notional = abs(shares) * price
    total = FEES.total_usd(shares, notional)
    assert total == FEES.commission_usd(shares, notional) + FEES.sell_fee_usd(shares, notional)
    assert total >= 0
    assert total == total.quantize(Decimal("0.01"))


@given(shares=st.integers(0, 100_000), price=PRICES)
def test_more_shares_never_cost_less(shares: int, price: Decimal) -> None:
    assert FEES.total_usd(shares + 1, (shares + 1) * price) >= FEES.total_usd(shares, shares * price)


@given(fills=st.lists(st.integers(-500, 500).filter(bool), min_size=1, max_size=6))
def test_partial_fills_together_pay_what_one_fill_would(fills: list[int]) -> None:
    cost, least = Decimal("0.0075"), Decimal(3)
    together = max(sum(abs(shares) for shares in fills) * cost, least)
    assert sum(commission_of_fills(cost, least, tuple(fills))) == together


def test_exact_is_the_decimal_that_people_write() -> None:
    assert exact(0.0000278) == Decimal("0.0000278")
    assert exact(0.1) == Decimal("0.1")


def test_cents_up_leaves_whole_cents_alone() -> None:
    assert cents_up(Decimal("1.23")) == Decimal("1.23")
    assert cents_up(Decimal("1.2300001")) == Decimal("1.24")
