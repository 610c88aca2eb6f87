"""Borrowing: what is short, what it costs a day by the conventions of lenders, and when it must be back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nodes.kernels.portfolio.borrow import (
    Loan,
    accrued_fees_usd,
    borrow_fee_usd,
    bought_back_shares,
    collateral_usd,
    recall_due_on,
    settlement_sessions,
    short_sale_shares,
)
from nodes.vocabulary.errors import DataError


@pytest.mark.parametrize(
    ("order", "position", "short"),
    [(-100, 0, 100), (-100, 100, 0), (-100, 60, 40), (-100, -50, 100), (100, -50, 0), (100, 0, 0)],
)
def test_only_what_is_sold_and_not_held_is_short(order: int, position: int, short: int) -> None:
    assert short_sale_shares(order, position) == short


def test_collateral_is_102_percent_rounded_up_to_a_dollar() -> None:
    assert collateral_usd(100, Decimal("25.50")) == Decimal(2700)


def test_a_day_of_a_borrow_costs_a_360th_of_its_year() -> None:
    """PF-03: the fee accrues: 100,000 shares of 13 USD at 3.064 % are 14 USD of collateral each."""
    loan = Loan(100_000, Decimal("0.03064"))
    assert borrow_fee_usd(loan, Decimal(13), 1) == Decimal("119.16")
    assert borrow_fee_usd(loan, Decimal(13), 3) == Decimal("357.47")


def test_a_lender_may_pay_the_borrower() -> None:
    assert borrow_fee_usd(Loan(1000, Decimal("-0.036")), Decimal(100), 1) == Decimal("-10.20")


def test_fees_accrue_every_night_and_three_over_a_weekend() -> None:
    loan, price = Loan(1000, Decimal("0.036")), Decimal(100)
    days = (date(2023, 11, 16), date(2023, 11, 17), date(2023, 11, 20))
    assert accrued_fees_usd((loan, loan), (price, price), days) == Decimal("40.80")
    assert accrued_fees_usd((), (), days[:1]) == Decimal(0)


@pytest.mark.parametrize(
    ("trade_on", "sessions"),
    [
        (date(2017, 9, 4), 3),
        (date(2017, 9, 5), 2),
        (date(2024, 5, 27), 2),
        (date(2024, 5, 28), 1),
        (date(1995, 6, 7), 3),
    ],
)
def test_settlement_follows_the_rule_of_its_day(trade_on: date, sessions: int) -> None:
    assert settlement_sessions(trade_on) == sessions


def test_a_recall_falls_due_a_settlement_later() -> None:
    after = (date(2023, 11, 16), date(2023, 11, 17), date(2023, 11, 20))
    assert recall_due_on(date(2023, 11, 15), after) == date(2023, 11, 17)


@pytest.mark.parametrize(("short", "recalled", "bought"), [(100, 40, 40), (100, 400, 100), (0, 40, 0), (100, 0, 0)])
def test_no_more_is_bought_back_than_is_short(short: int, recalled: int, bought: int) -> None:
    assert bought_back_shares(short, recalled) == bought


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(DataError, match="collateral of 100 shares at 0 USD is undefined; give shares of 0 or more"):
        collateral_usd(100, Decimal(0))
    with pytest.raises(DataError, match="borrow fee over -1 days is undefined; count days forward"):
        borrow_fee_usd(Loan(1, Decimal(0)), Decimal(1), -1)
    with pytest.raises(DataError, match="1 loans and 0 prices for 1 days; give a loan and a price for each day"):
        accrued_fees_usd((Loan(1, Decimal(0)),), (), (date(2023, 11, 15),))
    with pytest.raises(DataError, match="no settlement cycle is known for 1990-01-02; ask for a day from 1995-06-07"):
        settlement_sessions(date(1990, 1, 2))
    with pytest.raises(DataError, match="falls due 2 sessions later, of which 1 are known; give the sessions"):
        recall_due_on(date(2023, 11, 15), (date(2023, 11, 16),))
