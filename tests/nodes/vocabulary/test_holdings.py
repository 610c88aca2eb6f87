"""Holdings at average cost: PNL rules by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.vocabulary.holdings import Fill, Holding, millionths, traded, with_holding

HELD = Holding("IBM", 3, Decimal("10.00"), Decimal("4.00"))


def _fill(shares: int, price: str) -> Fill:
    return Fill("key", shares, Decimal(price), Decimal(0))


def test_a_first_fill_opens_a_holding_at_its_cost() -> None:
    after, realised_usd = traded(None, "IBM", _fill(5, "2.50"))
    assert (after.position_shares, after.cost_usd, realised_usd) == (5, Decimal("12.50"), Decimal(0))


def test_selling_part_relieves_average_cost_to_the_millionth() -> None:
    after, realised_usd = traded(HELD, "IBM", _fill(-1, "5.00"))
    assert after.cost_usd == Decimal("10.00") - Decimal("3.333333")
    assert realised_usd == Decimal("5.00") - Decimal("3.333333")


def test_the_last_share_takes_all_cost_with_it() -> None:
    once, first_usd = traded(HELD, "IBM", _fill(-1, "5.00"))
    after, last_usd = traded(once, "IBM", _fill(-2, "5.00"))
    assert (after.position_shares, after.cost_usd) == (0, Decimal(0))
    assert first_usd + last_usd == Decimal("15.00") - Decimal("10.00")


def test_a_fill_through_zero_closes_and_opens_on_the_other_side() -> None:
    after, realised_usd = traded(HELD, "IBM", _fill(-5, "4.00"))
    assert (after.position_shares, after.cost_usd) == (-2, Decimal("-8.00"))
    assert realised_usd == Decimal("12.00") - Decimal("10.00")


def test_holdings_stay_sorted_and_an_empty_one_is_left_out() -> None:
    other = Holding("AAPL", 1, Decimal(1), Decimal(1))
    assert with_holding((HELD,), other) == (other, HELD)
    assert with_holding((other, HELD), Holding("IBM", 0, Decimal(0), Decimal(4))) == (other,)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.0000005", "0"), ("0.0000015", "0.000002"), ("1.2345674", "1.234567")]
)
def test_amounts_are_rounded_to_the_millionth_halves_to_even(amount: str, rounded: str) -> None:
    assert millionths(Decimal(amount)) == Decimal(rounded)
