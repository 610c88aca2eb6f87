"""Cash: what an order leaves at its worst, and the largest purchase that leaves enough."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nodes.execution.costs import expected_commission_usd, expected_sell_fee_usd
from nodes.guardrails.cash import cash_after_usd, cash_cap_shares
from nodes.vocabulary.units import Frac, Shares, Usd, UsdPerShare

COMMISSION, LEAST = UsdPerShare(Decimal("0.005")), Usd(Decimal("1.00"))
MOST, FEE = Frac(0.01), Frac(0.0000278)
MONEY = st.decimals("-1000000", "10000000", places=2).map(Usd)
PRICES = st.decimals("0.01", "5000", places=2).map(UsdPerShare)


def left(cash: Usd, order: int, limit: UsdPerShare) -> Usd:
    """What the two nodes of the dataflow say together."""
    commission = expected_commission_usd(Shares(order), limit, COMMISSION, LEAST, MOST, FEE)
    fee = expected_sell_fee_usd(Shares(order), limit, COMMISSION, LEAST, MOST, FEE)
    return cash_after_usd(cash, Shares(order), limit, commission, fee)


def cap_of(cash: Usd, least: Usd, order: int, limit: UsdPerShare) -> Shares:
    return cash_cap_shares(cash, least, Shares(order), limit, COMMISSION, LEAST, MOST, FEE)


def test_a_purchase_pays_its_limit_and_its_commission() -> None:
    assert left(Usd(Decimal(50_000)), 400, UsdPerShare(Decimal("101.00"))) == Decimal("9598.00")


def test_a_sale_brings_its_limit_less_its_fees() -> None:
    assert left(Usd(Decimal(0)), -400, UsdPerShare(Decimal("99.00"))) == Decimal("39596.89")


@given(cash=MONEY, least=MONEY, limit=PRICES)
def test_cash_cap_is_the_largest_purchase_that_leaves_enough(cash: Usd, least: Usd, limit: UsdPerShare) -> None:
    cap = cap_of(cash, least, 1, limit)
    assert left(cash, cap, limit) >= least or cap == 0
    assert left(cash, cap + 1, limit) < least


def test_a_sale_needs_no_cash() -> None:
    assert cap_of(Usd(Decimal(-5)), Usd(Decimal(0)), -400, UsdPerShare(Decimal(100))) == 400
