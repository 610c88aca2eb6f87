"""What a difference is called, and how the cash of a pair is split over its causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.journal.reconciliation.causes import amounts, cash_of, only_booked, only_stated, pair_breaks
from nodes.vocabulary.statements import Cause, Form, Movement, MovementKind, Side, Terms

ON = date(2013, 1, 7)
TERMS = Terms(known_symbols=frozenset({"AAPL", "EUR"}))
TRADE = Movement(
    MovementKind.TRADE, ON, "AAPL", Decimal(100), Decimal(10), Decimal(1), Decimal(-1001), reference="a", place="1"
)
_amounts = st.integers(-(10**6), 10**6).map(lambda number: Decimal(number) / 100)


@given(_amounts, _amounts, _amounts, _amounts)
def test_the_causes_of_a_pair_sum_to_the_difference_of_its_cash(
    quantity: Decimal, price: Decimal, fee: Decimal, extra: Decimal
) -> None:
    other = replace(TRADE, quantity=quantity, price=price, fee=fee, amount=None)
    told = replace(other, amount=(other.cash or Decimal(0)) + extra)
    breaks = pair_breaks(told, TRADE, TERMS, ON)
    found = sum((cash for each in breaks for _, cash in each.cash), Decimal(0))
    assert found == (told.cash or 0) - Decimal(-1001)
    assert sum(shares for each in breaks for _, shares in each.shares) == quantity - 100


def test_what_rounding_leaves_stays_with_the_last_cause() -> None:
    told = replace(TRADE, price=Decimal("10.0049"), amount=Decimal("-1001.48"))
    (found,) = pair_breaks(told, TRADE, replace(TERMS, form=Form(amount_decimals=2)), ON)
    assert (found.cause, found.cash) == (Cause.WRONG_PRICE, (("USD", Decimal("-0.48")),))


def test_a_conversion_of_another_quantity_moves_both_currencies() -> None:
    booked = Movement(MovementKind.CONVERSION, ON, "EUR", Decimal(100), Decimal("1.10"), amount=Decimal(-110))
    told = replace(booked, quantity=Decimal(200), amount=Decimal(-220))
    (found,) = pair_breaks(told, booked, TERMS, ON)
    assert (found.cause, found.cash, found.shares) == (
        Cause.WRONG_QUANTITY,
        (("EUR", Decimal(100)), ("USD", Decimal("-110.00"))),
        (),
    )
    assert cash_of(booked) == (("EUR", Decimal(100)), ("USD", Decimal(-110)))


def test_a_conversion_of_the_same_amounts_is_right_however_its_rate_was_rounded() -> None:
    rate = Decimal("361.15") / Decimal("333.33")
    booked = Movement(MovementKind.CONVERSION, ON, "EUR", Decimal("333.33"), rate, amount=Decimal("-361.15"))
    assert pair_breaks(replace(booked, price=Decimal("1.08345")), booked, TERMS, ON) == ()
    told = replace(booked, price=Decimal("1.09345"), amount=Decimal("-364.48"))
    assert Cause.WRONG_RATE in {each.cause for each in pair_breaks(told, booked, TERMS, ON)}


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (MovementKind.TRADE, Cause.MISSING_FILL),
        (MovementKind.DIVIDEND, Cause.MISSING_DIVIDEND),
        (MovementKind.SPLIT, Cause.MISSING_SPLIT),
        (MovementKind.INTEREST, Cause.MISSING_CHARGE),
        (MovementKind.TRANSFER, Cause.CASH_ONLY),
    ],
)
def test_a_line_without_counterpart_is_named_for_what_it_is(kind: MovementKind, cause: Cause) -> None:
    assert only_stated(replace(TRADE, kind=kind), TERMS).cause is cause


def test_a_line_of_an_unknown_symbol_is_that_before_anything_else() -> None:
    found = only_stated(replace(TRADE, symbol="APPL"), TERMS)
    assert (found.cause, found.side) == (Cause.UNKNOWN_SYMBOL, Side.STATEMENT)
    assert found.shares == (("APPL", Decimal(100)),)


def test_what_only_the_books_have_is_unconfirmed_and_counts_against_them() -> None:
    found = only_booked(TRADE)
    assert (found.cause, found.shares, found.cash) == (
        Cause.UNCONFIRMED,
        (("AAPL", Decimal(-100)),),
        (("USD", Decimal(1001)),),
    )


def test_a_fee_that_a_statement_does_not_tell_is_not_compared() -> None:
    assert pair_breaks(replace(TRADE, fee=None, amount=None), TRADE, TERMS, ON) == ()


def test_amounts_of_one_name_are_joined_and_nothing_is_left_out() -> None:
    assert amounts([("B", Decimal(1)), ("A", Decimal(2)), ("B", Decimal(-1))]) == (("A", Decimal(2)),)
