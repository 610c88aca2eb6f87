"""Ticks by price, class and era; spreads by time; evaluation periods."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.market_rules.ticks import (
    NO_SPREAD,
    QuotedSpread,
    TickClass,
    TickTerms,
    evaluation_period,
    is_on_tick,
    price_on_tick_e4,
    quoted_spread,
    tick_class_of,
    tick_e4,
)
from nodes.vocabulary.errors import DataError
from policies.rulebook import shipped_rulebook


def terms(day: date) -> TickTerms:
    found = shipped_rulebook().on(day).ticks
    assert found is not None
    return found


LEGACY, AMENDED, PILOT = terms(date(2020, 3, 9)), terms(date(2028, 1, 3)), terms(date(2017, 3, 1))


@pytest.mark.parametrize(
    ("price_e4", "tick_class", "legacy", "amended", "pilot"),
    [
        (10_000, TickClass.CENT, 100, 100, 100),
        (10_000, TickClass.HALF_CENT, 100, 50, 100),
        (9_999, TickClass.HALF_CENT, 1, 1, 1),
        (500_000, TickClass.PILOT, 100, 100, 500),
    ],
)
def test_a_tick_depends_on_price_class_and_era(
    price_e4: int, tick_class: TickClass, legacy: int, amended: int, pilot: int
) -> None:
    assert [tick_e4(price_e4, each, tick_class) for each in (LEGACY, AMENDED, PILOT)] == [legacy, amended, pilot]


@pytest.mark.parametrize(
    ("price_e4", "legacy", "half"),
    [(10_050, False, True), (10_025, False, False), (9_999, True, True), (10_100, True, True), (0, False, False)],
)
def test_a_price_is_on_tick_or_not(price_e4: int, *, legacy: bool, half: bool) -> None:
    assert is_on_tick(price_e4, LEGACY, TickClass.HALF_CENT) is legacy
    assert is_on_tick(price_e4, AMENDED, TickClass.HALF_CENT) is half


@given(st.integers(1, 10**7), st.sampled_from([1, -1]), st.sampled_from(TickClass))
def test_a_limit_on_tick_is_no_looser_and_within_one_tick(price_e4: int, sign: int, tick_class: TickClass) -> None:
    found = price_on_tick_e4(price_e4, sign, AMENDED, tick_class)
    assert 0 <= sign * (price_e4 - found) < 100
    assert is_on_tick(found, AMENDED, tick_class)


def test_a_spread_is_weighted_by_how_long_it_stood_in_regular_hours() -> None:
    quotes = [(0, 100, 200), (20, 100, 300), (50, None, 300), (60, 100, 150), (200, 100, 900)]
    found = quoted_spread(quotes, 10, 100)
    assert found == QuotedSpread(100 * 10 + 200 * 30 + 50 * 40, 80)
    assert found.mean_e4 == Fraction(9000, 80)
    assert (found + found).mean_e4 == found.mean_e4


@pytest.mark.parametrize(("spread_e4", "wanted"), [(150, TickClass.HALF_CENT), (151, TickClass.CENT)])
def test_a_spread_of_one_and_a_half_cents_is_narrow(spread_e4: int, wanted: TickClass) -> None:
    assert tick_class_of(quoted_spread([(0, 1000, 1000 + spread_e4)], 0, 100), AMENDED) is wanted
    assert tick_class_of(QuotedSpread(150 * 10**9 + 1, 10**9), AMENDED) is TickClass.CENT
    assert tick_class_of(QuotedSpread(0, 1), LEGACY) is TickClass.CENT


def test_a_share_that_was_not_measured_keeps_its_cent() -> None:
    assert tick_class_of(NO_SPREAD, AMENDED) is TickClass.CENT
    assert quoted_spread([], 0, 100).mean_e4 is None


def test_quotes_out_of_order_are_refused() -> None:
    with pytest.raises(DataError, match="sort the quotes"):
        quoted_spread([(50, 1, 2), (20, 1, 2)], 0, 100)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2028, 5, 1), date(2028, 1, 1), date(2028, 3, 31)),
        (date(2028, 10, 31), date(2028, 1, 1), date(2028, 3, 31)),
        (date(2028, 11, 1), date(2028, 7, 1), date(2028, 9, 30)),
        (date(2028, 4, 28), date(2027, 7, 1), date(2027, 9, 30)),
    ],
)
def test_ticks_of_a_day_come_from_an_earlier_quarter(day: date, first: date, last: date) -> None:
    assert evaluation_period(day) == (first, last)
