"""Implementation shortfall: parts come to paper less reality, on either side. Numbers are in test_references."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.attribution.shortfall import (
    Execution,
    OrderPrices,
    Shortfall,
    execution_before_split,
    impact_parts,
    shortfall,
    total_shortfall,
)
from nodes.vocabulary.errors import DataError

CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)
PRICES = st.builds(OrderPrices, CENTS, CENTS, CENTS)
SIDES = st.sampled_from([1, -1])


@given(
    PRICES,
    st.lists(st.tuples(st.integers(1, 500), CENTS, CENTS), max_size=5),
    st.integers(1, 500),
    st.sampled_from([1, -1]),
)
def test_parts_come_to_paper_less_reality(
    prices: OrderPrices, trades: list[tuple[int, Decimal, Decimal]], left: int, order_side: int
) -> None:
    """JRN-02, and Perold's definition: the paper portfolio's gain less that of the real one, exactly."""
    executions = [Execution(order_side * shares, price, fee) for shares, price, fee in trades]
    order_shares = order_side * (left + sum(shares for shares, _, _ in trades))
    paper = order_shares * (prices.end_usd - prices.decision_usd)
    real = sum((each.shares * (prices.end_usd - each.price_usd) - each.fee_usd for each in executions), Decimal(0))
    assert shortfall(order_shares, prices, executions).total_usd == paper - real


def test_a_sale_below_the_decision_costs() -> None:
    prices = OrderPrices(Decimal(50), Decimal(49), Decimal(48))
    found = shortfall(-100, prices, [Execution(-60, Decimal("48.50"), Decimal(1))])
    assert found == Shortfall(Decimal(5000), Decimal(60), Decimal(30), Decimal(80), Decimal(1))
    assert found.frac(found.total_usd) == pytest.approx(171 / 5000)


def test_orders_add() -> None:
    one = Shortfall(Decimal(100), Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    assert total_shortfall([one, one]) == Shortfall(Decimal(200), Decimal(2), Decimal(4), Decimal(6), Decimal(8))
    assert total_shortfall([]).frac(Decimal(0)) is None


@pytest.mark.parametrize("shares", [(-10,), (60, 50), (0,)])
def test_executions_that_are_not_of_the_order_are_refused(shares: tuple[int, ...]) -> None:
    prices = OrderPrices(Decimal(1), Decimal(1), Decimal(1))
    with pytest.raises(DataError, match="an order of 100 shares has executions"):
        shortfall(100, prices, [Execution(each, Decimal(1), Decimal(0)) for each in shares])


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="prices of an order are 1, 0, 1; give three positive ones"):
        OrderPrices(Decimal(1), Decimal(0), Decimal(1))


@pytest.mark.parametrize("order_side", [1, -1])
def test_half_of_what_stays_is_not_temporary(order_side: int) -> None:
    """The numbers of Almgren and others (2005), table 3, T = 0.1, in whole basis points of 100: 22, 43 and 32."""
    moved = [Decimal(100) + order_side * Decimal(each) / 100 for each in (0, 43, 22)]
    found = impact_parts(order_side, *moved)
    assert found.permanent_frac == pytest.approx(22e-4)
    assert found.realised_frac == pytest.approx(43e-4)
    assert found.temporary_frac == pytest.approx(32e-4)


def test_impact_of_a_price_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="give three positive ones"):
        impact_parts(1, Decimal(0), Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("order_shares", "fills", "ratio"),
    [(9, [3], Fraction(1, 3)), (20, [10, 10, 10], Fraction(3, 2)), (-14, [-1, -5], Fraction(3, 7))],
)
def test_an_order_filled_after_an_odd_split_is_filled_whole(
    order_shares: int, fills: list[int], ratio: Fraction
) -> None:
    """JRN-02. A ratio without an end in decimals fills no more than was decided, and misses nothing that counts."""
    executions = [execution_before_split(shares, Decimal(30), Decimal(1), ratio) for shares in fills]
    lost = shortfall(order_shares, OrderPrices(Decimal(10), Decimal(10), Decimal(11)), executions)
    assert abs(lost.missed_usd) < Decimal("1e-24")
    assert lost.realised_usd == pytest.approx(Decimal(30 * sum(fills) - 10 * order_shares), abs=Decimal("1e-20"))
    assert lost.fee_usd == len(fills)


def test_an_execution_before_no_split_is_as_it_was_told() -> None:
    told = execution_before_split(7, Decimal("10.01"), Decimal(0), Fraction(1))
    assert told == Execution(Decimal(7), Decimal("10.01"), Decimal(0))
