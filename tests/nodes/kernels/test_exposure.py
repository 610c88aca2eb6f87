"""Weights of positions in an account."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.kernels.exposure import gross_frac, is_within, weight_frac

PRICE, EQUITY = Decimal("100.00"), Decimal("1000000.00")


@pytest.mark.parametrize(("shares", "wanted"), [(4100, 0.41), (-4100, 0.41), (0, 0.0)])
def test_weight_is_the_absolute_value_by_equity(shares: int, wanted: float) -> None:
    assert weight_frac(shares, PRICE, EQUITY) == wanted


def test_gross_adds_the_other_positions() -> None:
    assert gross_frac(Decimal(600_000), -1000, PRICE, EQUITY) == 0.7


@pytest.mark.parametrize("equity", ["0", "-1"])
def test_an_account_that_is_worth_nothing_has_no_weights(equity: str) -> None:
    assert weight_frac(10, PRICE, Decimal(equity)) is None
    assert gross_frac(Decimal(1), 10, PRICE, Decimal(equity)) is None


@pytest.mark.parametrize(("value", "wanted"), [(0.4, True), (0.5, True), (0.6, False), (None, False)])
def test_within_means_known_and_at_most(value: float | None, wanted: bool) -> None:  # noqa: FBT001  # an expectation
    assert is_within(value, 0.5) is wanted
