"""The account without an order is the account before it, but for what it filled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nodes.journal.account import after_fill, after_order, after_session_start, opened_account
from nodes.journal.order_changes import without_order
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder

START = after_session_start(opened_account("paper", Decimal(100_000)), date(2013, 1, 2))


def order(key: str, shares: int, symbol: str = "IBM") -> PendingOrder:
    return PendingOrder(key, key.encode() * 16, symbol, shares, Decimal("10.00"), 4.0, 0.01)


def test_an_order_that_is_taken_out_leaves_the_account_as_it_was() -> None:
    one = after_order(START, order("a", 100))
    both = after_order(one, order("b", 50))
    assert without_order(both, "b") == one
    assert without_order(one, "a") == START
    assert without_order(both, "a").same_orders_today_count("IBM", 1) == 1


def test_what_it_filled_stays_and_no_cash_is_set_aside_for_it_any_more() -> None:
    filled = after_fill(after_order(START, order("a", 100)), Fill("a", 40, Decimal("9.50"), Decimal(0)))
    after = without_order(filled, "a")
    assert after.position_shares("IBM") == 40
    assert after.free_cash_usd == after.cash_usd
    assert after.orders_today_count == 0
    assert after.imbalance_usd == 0


def test_an_order_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(DataError, match="no pending order"):
        without_order(START, "a")
