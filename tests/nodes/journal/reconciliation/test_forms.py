"""The forms in which brokers tell trades: grouped, fees apart, rounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from nodes.journal.reconciliation.forms import fees_apart, grouped, in_form, rounded
from nodes.vocabulary.statements import Form, Grouping, Movement, MovementKind

ON = date(2013, 1, 7)
FIRST = Movement(
    MovementKind.TRADE, ON, "AAPL", Decimal(100), Decimal(10), Decimal("0.35"), Decimal("-1000.35"), place="1"
)
SECOND = replace(FIRST, quantity=Decimal(300), price=Decimal(11), fee=Decimal("0.65"), amount=None, place="2")
DIVIDEND = Movement(MovementKind.DIVIDEND, ON, "AAPL", amount=Decimal("1.005"))


def test_trades_of_a_day_are_one_at_their_average_price() -> None:
    (found,) = grouped([FIRST, SECOND], Grouping.DAY)
    assert (found.quantity, found.price, found.fee) == (Decimal(400), Decimal("10.75"), Decimal("1.00"))
    assert (found.amount, found.place) == (Decimal("-4301.00"), "1 2")


def test_trades_of_other_orders_stay_apart_and_those_of_none_alone() -> None:
    named = [replace(FIRST, order="a"), replace(SECOND, order="a"), replace(SECOND, order="b"), FIRST, FIRST]
    assert [each.quantity for each in grouped(named, Grouping.ORDER)] == [400, 300, 100, 100]


def test_buys_and_sales_of_a_day_stay_apart() -> None:
    sale = replace(FIRST, quantity=Decimal(-100), amount=None)
    assert [each.quantity for each in grouped([FIRST, sale, SECOND], Grouping.DAY)] == [400, -100]


def test_a_fee_that_is_not_told_of_one_trade_is_not_told_of_the_group() -> None:
    (found,) = grouped([FIRST, replace(SECOND, fee=None)], Grouping.DAY)
    assert found.fee is None


def test_fees_of_a_day_become_one_movement_and_leave_the_trades_bare() -> None:
    *bare, fee = fees_apart([FIRST, SECOND, DIVIDEND])
    assert [(each.fee, each.cash) for each in bare[:2]] == [(None, Decimal("-1000.00")), (None, Decimal(-3300))]
    assert (fee.kind, fee.on, fee.amount) == (MovementKind.FEE, ON, Decimal("-1.00"))
    assert in_form([DIVIDEND], Form(fees_are_apart=True)) == (DIVIDEND,)


def test_a_rebate_that_cancels_the_fees_of_a_day_leaves_no_movement() -> None:
    rebate = replace(SECOND, fee=Decimal("-0.35"))
    assert len(fees_apart([FIRST, rebate])) == 2


def test_halves_are_rounded_away_from_zero() -> None:
    form = Form(price_decimals=1, amount_decimals=2)
    assert rounded(DIVIDEND, form).amount == Decimal("1.01")
    assert rounded(replace(DIVIDEND, amount=Decimal("-1.005")), form).amount == Decimal("-1.01")
    assert rounded(replace(FIRST, price=Decimal("10.25")), form).price == Decimal("10.3")
    assert rounded(DIVIDEND, Form()) == DIVIDEND
