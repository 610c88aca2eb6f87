"""Black's formula and its sensitivities against QuantLib, against differences, and at the edges."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813  # ships no types; its own abbreviation
from lets_be_rational import black  # type: ignore[import-untyped]  # ships no types

from nodes.kernels.arrays import Array
from nodes.kernels.options.pricing import Contracts, greeks, prices, vegas
from tests.nodes.bars import same_bits
from tests.nodes.kernels.options.contracts import grid, one

QUIET = grid(strikes=np.linspace(70.0, 140.0, 15), years=(0.05, 0.5, 2.0), volatilities=(0.1, 0.35, 0.9))


def calculator(contracts: Contracts, volatility: Array, row: int) -> ql.BlackCalculator:
    terms = contracts.terms
    right = ql.Option.Call if terms.is_call[row] else ql.Option.Put
    total = float(volatility[row]) * float(terms.years[row]) ** 0.5
    payoff = ql.PlainVanillaPayoff(right, float(terms.strike_usd[row]))
    return ql.BlackCalculator(payoff, float(terms.forward_usd[row]), total, float(terms.discount[row]))


def test_prices_agree_with_quantlib() -> None:
    contracts, volatility = grid()
    found = prices(contracts.terms, volatility)
    wanted = np.array([calculator(contracts, volatility, row).value() for row in range(len(found))])
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-11)


def test_the_cheapest_options_are_exact_to_eleven_digits() -> None:
    """A price of 1e-200 is a price: another author's formula of full precision agrees with ours relative to it."""
    contracts, volatility = grid()
    terms, found = contracts.terms, prices(contracts.terms, volatility)
    each = zip(terms.forward_usd, terms.strike_usd, volatility, terms.years, terms.is_call, strict=True)
    wanted = np.array([black(*numbers, 1.0 if is_call else -1.0) for *numbers, is_call in each]) * terms.discount
    normal = wanted > 1e-280
    np.testing.assert_allclose(found[normal], wanted[normal], rtol=1e-11)
    assert found[~normal].max() < 1e-279


ORACLES: dict[str, Callable[[ql.BlackCalculator, float, float], float]] = {
    "delta": lambda black, spot, _: black.delta(spot),
    "gamma": lambda black, spot, _: black.gamma(spot),
    "vega": lambda black, _, years: black.vega(years),
    "theta": lambda black, spot, years: black.theta(spot, years),
    "rho": lambda black, _, years: black.rho(years),
    "yield_rho": lambda black, _, years: black.dividendRho(years),
    "strike_delta": lambda black, _, __: black.strikeSensitivity(),
}


@pytest.mark.parametrize("name", ORACLES)
def test_greeks_agree_with_quantlib(name: str) -> None:
    contracts, volatility = QUIET
    found = getattr(greeks(contracts, volatility), name)
    wanted = [
        ORACLES[name](calculator(contracts, volatility, row), 100.0, float(contracts.years[row]))
        for row in range(len(found))
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "of", "moved"),
    [
        ("vanna", "delta", "volatility"),
        ("volga", "vega", "volatility"),
        ("speed", "gamma", "spot_usd"),
        ("charm", "delta", "years"),
        ("gamma", "delta", "spot_usd"),
    ],
)
def test_second_sensitivities_are_differences_of_first_ones(name: str, of: str, moved: str) -> None:
    contracts, volatility = QUIET
    width = 1e-5 * (100.0 if moved == "spot_usd" else 1.0)
    ends = []
    for step in (width, -width):
        if moved == "volatility":
            ends.append(getattr(greeks(contracts, volatility + step), of))
        else:
            shifted = dataclasses.replace(contracts, **{moved: getattr(contracts, moved) + step})
            ends.append(getattr(greeks(shifted, volatility), of))
    wanted = (ends[0] - ends[1]) / (2.0 * width) * (-1.0 if moved == "years" else 1.0)
    np.testing.assert_allclose(getattr(greeks(contracts, volatility), name), wanted, rtol=2e-5, atol=2e-7)


def test_put_call_parity_holds_over_the_grid() -> None:
    """SVC-MKT-03."""
    contracts, volatility = grid()
    terms = contracts.terms
    found = prices(terms, volatility)
    gap = found[terms.is_call] - found[~terms.is_call]
    wanted = (terms.discount * (terms.forward_usd - terms.strike_usd))[terms.is_call]
    np.testing.assert_allclose(gap, wanted, rtol=1e-13, atol=1e-11)


def test_prices_lie_between_intrinsic_value_and_their_most() -> None:
    contracts, volatility = grid()
    terms, found = contracts.terms, prices(contracts.terms, volatility)
    assert (found >= terms.intrinsic_usd).all()
    assert (found <= terms.most_usd).all()


def test_nothing_left_of_time_or_volatility_leaves_the_intrinsic_value() -> None:
    terms = one(110.0, 100.0, 0.0, 0.05, is_call=True).terms
    assert prices(terms, np.array([0.3])).tolist() == [10.0]
    terms = one(110.0, 100.0, 1.0, 0.0, is_call=False).terms
    assert prices(terms, np.array([0.0])).tolist() == [0.0]


@pytest.mark.parametrize(("years", "volatility"), [(-0.1, 0.2), (0.5, -0.2), (np.nan, 0.2), (0.5, np.nan)])
def test_impossible_or_missing_terms_have_no_price_and_no_greeks(years: float, volatility: float) -> None:
    contracts = one(100.0, 100.0, years, 0.05, is_call=True)
    assert np.isnan(prices(contracts.terms, np.array([volatility]))).all()
    assert np.isnan(greeks(contracts, np.array([volatility])).delta).all()


def test_vega_of_the_forward_form_is_that_of_the_spot_form() -> None:
    contracts, volatility = QUIET
    np.testing.assert_allclose(vegas(contracts.terms, volatility), greeks(contracts, volatility).vega, rtol=1e-11)


def test_a_contract_alone_has_the_bits_it_has_among_others() -> None:
    contracts, volatility = grid()
    whole = prices(contracts.terms, volatility)
    for row in (0, 1717, len(whole) - 1):
        names = [field.name for field in dataclasses.fields(Contracts)]
        alone = Contracts(**{name: getattr(contracts, name)[row : row + 1] for name in names})
        assert same_bits(prices(alone.terms, volatility[row : row + 1]), whole[row : row + 1])
