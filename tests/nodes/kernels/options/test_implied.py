"""Implied volatilities: there and back over a wide grid, what has none and why, and the peer's answers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vollib.black.implied_volatility import implied_volatility as peer  # type: ignore[import-untyped]  # ships no types

from nodes.kernels.arrays import Array
from nodes.kernels.options.implied import RESOLUTION_FRAC, Unsolved, implied_volatilities
from nodes.kernels.options.pricing import Terms, prices, vegas
from tests.nodes.bars import same_bits
from tests.nodes.kernels.options.contracts import VOLATILITIES, YEARS, grid, one, part


def magnitude(price: Array, terms: Terms) -> Array:
    """The larger of the price and, in the money, of what it is the difference of."""
    both = terms.discount * np.maximum(terms.forward_usd, terms.strike_usd)
    return np.where(terms.intrinsic_usd > 0.0, np.maximum(price, both), price)


def test_every_volatility_on_the_grid_comes_back_to_a_hundred_millionth_or_is_said_to_be_unresolved() -> None:
    """SVC-MKT-04: strikes from a tenth to ten times the spot, an hour to ten years."""
    contracts, volatility = grid()
    terms = contracts.terms
    found = implied_volatilities(prices(terms, volatility), terms)
    assert np.abs(found.volatility_frac - volatility)[found.is_solved].max() <= RESOLUTION_FRAC
    assert np.isnan(found.volatility_frac[~found.is_solved]).all()
    assert found.is_solved.sum() > len(volatility) // 2


def test_what_is_called_unresolved_is_lost_in_the_rounding_of_its_price() -> None:
    """SVC-MKT-04: a missing volatility is never an easy one."""
    contracts, volatility = grid()
    terms = contracts.terms
    price = prices(terms, volatility)
    left_out = (~implied_volatilities(price, terms).is_solved) & (price > 1e-300)
    units = RESOLUTION_FRAC * vegas(terms, volatility) / np.spacing(magnitude(price, terms))
    assert units[left_out].max() < 5.0


def test_there_is_no_gap_near_the_money() -> None:
    contracts, volatility = grid(strikes=np.linspace(85.0, 115.0, 31), years=(7 / 365, 0.1, 0.5, 2.0))
    ordinary = (volatility >= 0.1) & (volatility <= 1.5)
    assert implied_volatilities(prices(contracts.terms, volatility), contracts.terms).is_solved[ordinary].mean() > 0.97


@given(
    st.floats(0.2, 5.0),
    st.sampled_from(YEARS),
    st.sampled_from(VOLATILITIES),
    st.sampled_from("cp"),
    st.floats(-0.02, 0.15),
)
def test_any_price_comes_back_as_itself(
    moneyness: float, years: float, volatility: float, right: str, rate: float
) -> None:
    """SVC-MKT-04: price to volatility to price."""
    terms = one(100.0, 100.0 * moneyness, years, rate, is_call=right == "c").terms
    price = prices(terms, np.array([volatility]))
    found = implied_volatilities(price, terms)
    if found.is_solved[0]:
        np.testing.assert_allclose(prices(terms, found.volatility_frac), price, rtol=1e-11)
        assert abs(found.volatility_frac[0] - volatility) <= RESOLUTION_FRAC


def test_the_peer_finds_the_same_volatilities() -> None:
    contracts, volatility = grid(strikes=np.array([80.0, 95.0, 100.0, 120.0]), years=(0.1, 1.0))
    terms = contracts.terms
    price = prices(terms, volatility)
    found = implied_volatilities(price, terms)
    rows = np.flatnonzero(found.is_solved & ~np.isclose(terms.intrinsic_usd, price))
    for row in rows[::5]:
        right = "c" if terms.is_call[row] else "p"
        rate = -np.log(terms.discount[row]) / terms.years[row]
        wanted = peer(price[row], terms.forward_usd[row], terms.strike_usd[row], rate, terms.years[row], right)
        assert found.volatility_frac[row] == pytest.approx(wanted, abs=2e-8)


@pytest.mark.parametrize(
    ("price", "changed", "reason"),
    [
        (np.nan, {}, Unsolved.MISSING_INPUT),
        (np.inf, {}, Unsolved.MISSING_INPUT),
        (5.0, {"strike_usd": 0.0}, Unsolved.MISSING_INPUT),
        (5.0, {"forward_usd": np.nan}, Unsolved.MISSING_INPUT),
        (5.0, {"discount": -1.0}, Unsolved.MISSING_INPUT),
        (5.0, {"years": np.nan}, Unsolved.MISSING_INPUT),
        (5.0, {"years": 0.0}, Unsolved.EXPIRED),
        (5.0, {"years": -1.0}, Unsolved.EXPIRED),
        (0.0, {}, Unsolved.BELOW_INTRINSIC),
        (-1.0, {}, Unsolved.BELOW_INTRINSIC),
        (9.9, {"strike_usd": 90.0}, Unsolved.BELOW_INTRINSIC),
        (100.0, {}, Unsolved.ABOVE_MOST),
        (250.0, {}, Unsolved.ABOVE_MOST),
        (10.0, {"strike_usd": 90.0}, Unsolved.UNRESOLVED),
        (1e-310, {"strike_usd": 900.0}, Unsolved.UNRESOLVED),
    ],
)
def test_a_price_without_volatility_says_why(price: float, changed: dict[str, float], reason: Unsolved) -> None:
    terms = one(100.0, 100.0, 0.25, 0.0, is_call=True).terms
    terms = dataclasses.replace(terms, **{name: np.array([value]) for name, value in changed.items()})
    found = implied_volatilities(np.array([price]), terms)
    assert found.reason.tolist() == [reason]
    assert np.isnan(found.volatility_frac).all()


def test_every_reason_has_words() -> None:
    assert all(reason.words for reason in Unsolved if reason is not Unsolved.SOLVED)
    assert "below float resolution" in Unsolved.UNRESOLVED.words


def test_a_price_alone_gives_the_bits_it_gives_among_others() -> None:
    contracts, volatility = grid()
    terms = contracts.terms
    price = prices(terms, volatility)
    whole = implied_volatilities(price, terms)
    for start, end in ((0, 1), (1700, 1733), (3000, 3100)):
        rows = slice(start, end)
        alone = implied_volatilities(price[rows], part(terms, rows))
        assert same_bits(alone.volatility_frac, whole.volatility_frac[rows])
        assert alone.reason.tolist() == whole.reason[rows].tolist()


def test_no_prices_have_no_volatilities() -> None:
    empty = part(grid()[0].terms, slice(0, 0))
    assert len(implied_volatilities(np.empty(0), empty).volatility_frac) == 0
