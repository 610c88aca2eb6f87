"""Rule 201: the trigger, the rest of the day and the next, and what a restricted short sale may do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.short_sale import (
    PriceTest,
    ShortSaleState,
    ShortSaleTerms,
    first_short_sale_state,
    is_on_plus_tick,
    least_short_sale_e4,
    next_short_sale_state,
    short_sale_is_permitted,
    short_sale_state_after_trade,
    trigger_price_e4,
)
from nodes.vocabulary.errors import DataError

S = 10**9
RULE = ShortSaleTerms(PriceTest.BID, 1000)
DAYS = [SessionTimes(date(2020, 3, 9 + n), n * 86_400 * S, (n * 86_400 + 23_400) * S) for n in range(4)]


def traded(state: ShortSaleState, after_open_s: int, price_e4: int) -> ShortSaleState:
    return short_sale_state_after_trade(state, state.session.opens_ns + after_open_s * S, price_e4, RULE)


@pytest.mark.parametrize(
    ("after_open_s", "price_e4", "triggers"),
    [
        (100, 900_000, True),
        (100, 900_001, False),
        (0, 900_000, True),
        (-1, 900_000, False),
        (23_400, 900_000, True),
        (23_401, 900_000, False),
    ],
)
def test_a_fall_of_a_tenth_in_regular_hours_triggers(after_open_s: int, price_e4: int, *, triggers: bool) -> None:
    state = traded(first_short_sale_state(DAYS[0], 1_000_000), after_open_s, price_e4)
    assert (state.triggered_ns is not None) is triggers


def test_a_restriction_lasts_the_day_and_the_next_session() -> None:
    first = traded(first_short_sale_state(DAYS[0], 1_000_000), 100, 890_000)
    assert not first.is_restricted(100 * S - 1)
    assert first.is_restricted(100 * S)
    assert traded(first, 200, 880_000) is first
    second = next_short_sale_state(first, DAYS[1], 950_000)
    assert second.is_restricted(DAYS[1].opens_ns - S)
    third = next_short_sale_state(second, DAYS[2], 950_000)
    assert not third.is_restricted(DAYS[2].closes_ns)


def test_a_new_fall_while_restricted_carries_it_one_session_further() -> None:
    """75 FR 11232, note 290: re-triggered on Tuesday, in force on Wednesday."""
    monday = traded(first_short_sale_state(DAYS[0], 1_000_000), 100, 890_000)
    tuesday = traded(next_short_sale_state(monday, DAYS[1], 900_000), 100, 810_000)
    wednesday = next_short_sale_state(tuesday, DAYS[2], 800_000)
    assert wednesday.is_restricted(DAYS[2].opens_ns)
    assert not next_short_sale_state(wednesday, DAYS[3], 800_000).is_restricted(DAYS[3].opens_ns)


def test_a_session_without_a_close_keeps_the_one_before() -> None:
    state = next_short_sale_state(first_short_sale_state(DAYS[0], 1_000_000), DAYS[1], None)
    assert state.prior_close_e4 == 1_000_000
    assert traded(first_short_sale_state(DAYS[0], None), 100, 1).triggered_ns is None


@pytest.mark.parametrize(
    ("price_e4", "bid_e4", "restricted", "exempt", "wanted"),
    [
        (100, 100, True, False, False),
        (99, 100, True, False, False),
        (101, 100, True, False, True),
        (99, 100, False, False, True),
        (99, 100, True, True, True),
        (99, None, True, False, True),
    ],
)
def test_a_restricted_short_sale_trades_above_the_bid(
    price_e4: int, bid_e4: int | None, *, restricted: bool, exempt: bool, wanted: bool
) -> None:
    assert short_sale_is_permitted(price_e4, bid_e4, is_restricted=restricted, is_exempt=exempt) is wanted


@given(st.integers(1, 10**7), st.sampled_from([1, 50, 100, 500]))
def test_the_least_price_is_the_first_on_tick_that_is_permitted(bid_e4: int, tick: int) -> None:
    least = least_short_sale_e4(bid_e4, tick)
    assert least % tick == 0
    assert short_sale_is_permitted(least, bid_e4, is_restricted=True, is_exempt=False)
    assert not short_sale_is_permitted(least - tick, bid_e4, is_restricted=True, is_exempt=False)


@pytest.mark.parametrize(
    ("price", "last", "different", "wanted"),
    [(11, 10, None, True), (10, 10, 9, True), (10, 10, 11, False), (10, 10, None, False), (9, 10, 8, False)],
)
def test_the_old_rule_wanted_a_plus_tick(price: int, last: int, different: int | None, *, wanted: bool) -> None:
    assert is_on_plus_tick(price, last, different) is wanted


def test_without_the_test_nothing_triggers() -> None:
    none = ShortSaleTerms(PriceTest.NONE, None)
    state = first_short_sale_state(DAYS[0], 1_000_000)
    assert trigger_price_e4(1_000_000, none) is None
    assert short_sale_state_after_trade(state, 100, 1, none) is state


def test_sessions_out_of_order_and_bad_closes_are_refused() -> None:
    with pytest.raises(DataError, match="pass sessions in order"):
        next_short_sale_state(first_short_sale_state(DAYS[1], 1), DAYS[0], 1)
    with pytest.raises(DataError, match="correct the close"):
        first_short_sale_state(DAYS[0], 0)
