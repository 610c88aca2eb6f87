"""Exposure limits: pending orders count against the order, caps are exact, both sides of the book."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.guardrails.exposure import (
    exposed_position_shares,
    gross_cap_shares,
    order_reduces_risk,
    other_gross_usd,
    resulting_gross_frac,
    resulting_position_shares,
    resulting_weight_frac,
    short_sale_shares,
    unlocated_short_shares,
    wanted_borrow_age_s,
    wanted_borrow_fee_frac,
    wanted_borrow_shares,
    weight_cap_shares,
)
from nodes.vocabulary.units import Frac, Seconds, Shares, Usd, UsdPerShare

POSITIONS = st.integers(-100_000, 100_000).map(Shares)
SIDES = st.sampled_from([Shares(1), Shares(-1)])
PRICES = st.decimals("0.01", "5000", places=2).map(UsdPerShare)
EQUITIES = st.decimals("1", "100000000", places=2).map(Usd)
LIMITS = st.floats(0.001, 3.0).map(Frac)


@pytest.mark.parametrize(("order", "exposed"), [(10, 130), (-10, 60)])
def test_pending_orders_of_the_same_side_count_as_filled(order: int, exposed: int) -> None:
    assert exposed_position_shares(Shares(order), Shares(100), Shares(30), Shares(40)) == exposed


@pytest.mark.parametrize(
    ("order", "position", "buys", "sales", "reduces"),
    [
        (-60, 100, 0, 40, True),
        (-61, 100, 0, 40, False),
        (-1, 0, 0, 0, False),
        (60, -100, 40, 0, True),
        (61, -100, 40, 0, False),
        (1, 100, 0, 0, False),
        (-60, 100, 500, 40, True),
    ],
)
def test_an_order_reduces_risk_when_it_only_takes_a_position_back(
    order: int,
    position: int,
    buys: int,
    sales: int,
    reduces: bool,  # noqa: FBT001  # an expectation
) -> None:
    assert order_reduces_risk(Shares(order), Shares(position), Shares(buys), Shares(sales)) is reduces


@pytest.mark.parametrize(
    ("order", "exposed", "short"),
    [(-100, 100, 0), (-101, 100, 1), (-100, 0, 100), (-100, -50, 100), (100, -300, 0), (100, 0, 0), (-1, 100, 0)],
)
def test_what_is_sold_without_being_held_is_a_short_sale(order: int, exposed: int, short: int) -> None:
    after = resulting_position_shares(Shares(exposed), Shares(order))
    assert short_sale_shares(Shares(order), after) == short


@pytest.mark.parametrize(
    ("after", "position", "wanted"),
    [(0, 100, 0), (-1, 100, 1), (-100, 0, 100), (-400, -300, 100), (-200, -300, 0), (50, -300, 0)],
)
def test_what_has_to_be_borrowed_is_what_is_short_beyond_what_is_borrowed(
    after: int, position: int, wanted: int
) -> None:
    """PF-03."""
    assert wanted_borrow_shares(Shares(after), Shares(position)) == wanted


@pytest.mark.parametrize(
    ("wanted", "known", "told"), [(0, None, (0, 0.0, 0)), (5, None, (None, None, None)), (5, 3, (2, 0.02, 60))]
)
def test_what_nobody_lends_is_unknown_where_some_is_wanted_and_nothing_where_none_is(
    wanted: int, known: int | None, told: tuple[int | None, float | None, int | None]
) -> None:
    """PF-03: missing is never zero, but who borrows nothing owes nothing."""
    shares = Shares(wanted)
    listed = (None, None, None) if known is None else (Shares(known), Frac(0.02), Seconds(60))
    found = (
        unlocated_short_shares(shares, listed[0]),
        wanted_borrow_fee_frac(shares, listed[1]),
        wanted_borrow_age_s(shares, listed[2]),
    )
    assert found == told


def test_weight_and_gross_are_fractions_of_equity() -> None:
    price, equity = UsdPerShare(Decimal(100)), Usd(Decimal(1_000_000))
    assert resulting_weight_frac(resulting_position_shares(Shares(-4000), Shares(-100)), price, equity) == 0.41
    other = other_gross_usd(Usd(Decimal(700_000)), Shares(3000), price)
    assert other == Decimal(400_000)
    assert resulting_gross_frac(other, Shares(3500), price, equity) == 0.75


def test_the_other_exposure_is_never_negative() -> None:
    assert other_gross_usd(Usd(Decimal(100)), Shares(3000), UsdPerShare(Decimal(100))) == 0


@pytest.mark.parametrize("equity", ["0", "-100"])
def test_without_equity_nothing_can_be_weighed_and_nothing_is_left(equity: str) -> None:
    price, worth = UsdPerShare(Decimal(100)), Usd(Decimal(equity))
    assert resulting_weight_frac(Shares(5), price, worth) is None
    assert weight_cap_shares(Shares(1), Shares(0), price, worth, Frac(0.4)) == 0
    assert gross_cap_shares(Shares(1), Shares(0), Usd(Decimal(0)), price, worth, Frac(1.0)) == 0


@given(side=SIDES, exposed=POSITIONS, price=PRICES, equity=EQUITIES, limit=LIMITS)
def test_weight_cap_is_the_largest_size_that_holds(
    side: Shares, exposed: Shares, price: UsdPerShare, equity: Usd, limit: Frac
) -> None:
    def weight(size: int) -> float:
        return resulting_weight_frac(Shares(exposed + side * size), price, equity) or 0.0

    cap = weight_cap_shares(side, exposed, price, equity, limit)
    assert cap >= 0
    assert weight(cap) <= limit or cap == 0
    assert weight(cap + 1) > limit


@given(side=SIDES, exposed=POSITIONS, price=PRICES, equity=EQUITIES, limit=LIMITS, other=st.integers(0, 10**8))
def test_gross_cap_is_the_largest_size_that_holds(  # noqa: PLR0913, PLR0917  # all that the node reads
    side: Shares, exposed: Shares, price: UsdPerShare, equity: Usd, limit: Frac, other: int
) -> None:
    rest = Usd(Decimal(other))

    def gross(size: int) -> float:
        return resulting_gross_frac(rest, Shares(exposed + side * size), price, equity) or 0.0

    cap = gross_cap_shares(side, exposed, rest, price, equity, limit)
    assert cap >= 0
    assert gross(cap) <= limit or cap == 0
    assert gross(cap + 1) > limit or cap == 0
