"""Late fills and busts move shares and cash, and never the balance of the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.use_cases.late_executions import after_bust, after_late_fill, after_refitting
from nodes.journal.account import AccountState, opened_account
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder, WorkingOrders


def fill(shares: int, price: str = "10.00", fee: str = "0.35") -> Fill:
    return Fill("key", shares, Decimal(price), Decimal(fee))


def opened() -> AccountState:
    return opened_account("paper", Decimal(10_000))


def test_a_late_fill_moves_shares_cash_and_fees() -> None:
    state = after_late_fill(opened(), "IBM", fill(100))
    assert (state.position_shares("IBM"), state.cash_usd, state.fees_usd) == (100, Decimal("8999.65"), Decimal("0.35"))
    assert state.imbalance_usd == 0


def test_a_bust_leaves_an_account_as_if_the_fill_had_never_been() -> None:
    state = after_bust(after_late_fill(opened(), "IBM", fill(100)), "IBM", fill(100))
    assert state == opened()


@given(
    fills=st.lists(
        st.tuples(st.integers(-500, 500).filter(bool), st.decimals("0.01", "900", places=4)), min_size=1, max_size=8
    ),
    busted=st.integers(0, 7),
)
def test_books_balance_whatever_was_traded_before_a_bust_and_after(
    fills: list[tuple[int, Decimal]], busted: int
) -> None:
    """JRN-01: cash and shares are those of the fills that stand."""
    state = opened()
    for shares, price in fills:
        state = after_late_fill(state, "IBM", Fill("key", shares, price, Decimal("0.01")))
    gone = fills[busted % len(fills)]
    after = after_bust(state, "IBM", Fill("key", *gone, Decimal("0.01")))
    assert after.imbalance_usd == 0
    assert after.position_shares("IBM") == state.position_shares("IBM") - gone[0]
    assert after.cash_usd == state.cash_usd + gone[0] * gone[1] + Decimal("0.01")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        (fill(0), "fill of 0 IBM at 10.00 is none"),
        (fill(5, "0"), "fill of 5 IBM at 0 is none"),
        (fill(5, "NaN"), "fill of 5 IBM at NaN is none"),
        (fill(5, "1.00", "Infinity"), "has the fee Infinity"),
    ],
)
def test_what_is_no_fill_is_refused(wrong: Fill, match: str) -> None:
    with pytest.raises(DataError, match=match):
        after_late_fill(opened(), "IBM", wrong)


def test_what_is_left_of_a_working_order_follows_what_it_turns_out_to_have_traded() -> None:
    sale = PendingOrder("key", b"d" * 32, "IBM", -40, Decimal("9.00"), 4.0, 0.02)
    other = replace(sale, order_key="other", order_shares=7)
    state = replace(opened(), orders=WorkingOrders((sale, other)))
    assert after_refitting(state, "key", -60).orders == WorkingOrders((replace(sale, order_shares=-100), other))
    assert after_refitting(state, "key", 40).orders == WorkingOrders((other,))
    assert after_refitting(state, "unknown", 40) is state
