"""Prices on ticks: the side decides which way they round."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.prices import execution_on_tick_usd, limit_on_tick_usd, moved_price_usd, tick_usd

PRICES = st.decimals("0.01", "9999", places=6)
SIDES = st.sampled_from([1, -1])


@pytest.mark.parametrize(
    ("price", "tick"), [("100", "0.01"), ("1.00", "0.01"), ("0.9999", "0.0001"), ("0.01", "0.0001")]
)
def test_tick_is_finer_under_a_dollar(price: str, tick: str) -> None:
    assert tick_usd(Decimal(price)) == Decimal(tick)


def test_moved_price_is_exact() -> None:
    assert moved_price_usd(Decimal("130.31"), 0.01) == Decimal("131.6131")
    assert moved_price_usd(Decimal("130.31"), -0.1) == Decimal("117.279")


@pytest.mark.parametrize(("side", "limit", "execution"), [(1, "10.01", "10.02"), (-1, "10.02", "10.01")])
def test_a_limit_is_no_looser_and_an_execution_no_better(side: int, limit: str, execution: str) -> None:
    assert limit_on_tick_usd(Decimal("10.014"), side) == Decimal(limit)
    assert execution_on_tick_usd(Decimal("10.014"), side) == Decimal(execution)


@given(price=PRICES, side=SIDES)
def test_rounding_is_under_one_tick_and_never_a_gain(price: Decimal, side: int) -> None:
    limit, execution = limit_on_tick_usd(price, side), execution_on_tick_usd(price, side)
    assert 0 <= side * (price - limit) < tick_usd(price)
    assert 0 <= side * (execution - price) < tick_usd(price)


@given(price=PRICES, side=SIDES)
def test_a_price_on_the_tick_stays(price: Decimal, side: int) -> None:
    limit = limit_on_tick_usd(price, side)
    assert limit_on_tick_usd(limit, side) == execution_on_tick_usd(limit, side) == limit
