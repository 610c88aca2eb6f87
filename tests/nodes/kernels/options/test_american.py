"""American options against QuantLib's, and their volatilities there and back."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql  # type: ignore[import-untyped]  # noqa: N813  # ships no types; its own abbreviation

from nodes.kernels.arrays import Array
from nodes.kernels.options.american import american_prices, american_volatilities, early_exercise_premiums, picked
from nodes.kernels.options.implied import Unsolved, implied_volatilities
from nodes.kernels.options.pricing import Contracts, prices
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import same_bits

STEPS = 51


def some(count: int = 60, seed: int = 0) -> tuple[Contracts, Array]:
    rng = np.random.default_rng(seed)
    years = rng.integers(20, 700, count) / 365.0
    strike, rate, carried = rng.uniform(75.0, 130.0, count), rng.uniform(0.0, 0.08, count), rng.uniform(0, 0.05, count)
    chain = Contracts(np.full(count, 100.0), strike, years, rate, carried, rng.random(count) < 0.5)
    return chain, rng.uniform(0.15, 0.7, count)


def oracle(chain: Contracts, volatility: float, place: int) -> float:
    """QuantLib's most exact engine for American options: a fixed point of the exercise boundary."""
    today = ql.Date(1, 1, 2020)
    ql.Settings.instance().evaluationDate = today
    counter = ql.Actual365Fixed()
    right = ql.Option.Call if chain.is_call[place] else ql.Option.Put
    payoff = ql.PlainVanillaPayoff(right, float(chain.strike_usd[place]))
    last = today + round(float(chain.years[place]) * 365)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(today, last))
    curves = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, float(rate), counter))
        for rate in (chain.yield_frac[place], chain.rate_frac[place])
    ]
    smile = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), volatility, counter))
    process = ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(100.0)), *curves, smile)
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    return float(option.NPV())


def test_prices_agree_with_quantlib_to_a_cent_on_a_hundred_dollars() -> None:
    chain, volatility = some()
    wanted = np.array([oracle(chain, float(volatility[place]), place) for place in range(len(volatility))])
    found = american_prices(chain, volatility, STEPS)
    assert np.abs(found - wanted).max() < 0.01
    assert np.abs(found - wanted).mean() < 0.001


def test_volatilities_come_back_from_quantlibs_prices_to_half_a_point() -> None:
    """SVC-MKT-04: early exercise allowed for; what cannot be told is missing."""
    chain, volatility = some()
    price = np.array([oracle(chain, float(volatility[place]), place) for place in range(len(volatility))])
    found = american_volatilities(price, chain, STEPS)
    assert np.nanmax(np.abs(found.volatility_frac - volatility)) < 0.005
    assert found.is_solved.mean() > 0.9


def test_volatilities_come_back_from_our_own_prices() -> None:
    chain, volatility = some()
    found = american_volatilities(american_prices(chain, volatility, STEPS), chain, STEPS)
    assert np.nanmax(np.abs(found.volatility_frac - volatility)) < 1e-3


def test_blacks_formula_overstates_the_volatility_of_what_is_exercised_early() -> None:
    chain, volatility = some()
    price = american_prices(chain, volatility, STEPS)
    early = early_exercise_premiums(chain, volatility, STEPS) > 0.05
    european = implied_volatilities(price, chain.terms).volatility_frac
    with np.errstate(invalid="ignore"):
        assert (european - volatility)[early & np.isfinite(european)].min() > 0.0


def test_a_call_without_dividends_is_never_exercised_early() -> None:
    chain, volatility = some()
    plain = Contracts(
        chain.spot_usd, chain.strike_usd, chain.years, chain.rate_frac, np.zeros(60), np.ones(60, dtype=np.bool_)
    )
    np.testing.assert_allclose(american_prices(plain, volatility, STEPS), prices(plain.terms, volatility), atol=0.01)
    price = prices(plain.terms, volatility)
    found = american_volatilities(price, plain, STEPS)
    np.testing.assert_allclose(found.volatility_frac, volatility, atol=1e-7)


def test_a_price_at_its_exercise_value_has_no_volatility() -> None:
    deep = Contracts(
        np.array([100.0]), np.array([140.0]), np.array([0.5]), np.array([0.05]), np.zeros(1), np.zeros(1, np.bool_)
    )
    found = american_volatilities(np.array([40.0]), deep, STEPS)
    assert found.reason.tolist() == [Unsolved.BELOW_INTRINSIC]
    assert np.isnan(found.volatility_frac).all()


@pytest.mark.parametrize("volatility", [0.0, -0.2, np.nan])
def test_no_volatility_has_no_price(volatility: float) -> None:
    chain, _ = some(4)
    assert np.isnan(american_prices(chain, np.full(4, volatility), STEPS)).all()


def test_a_contract_alone_has_the_bits_it_has_among_others() -> None:
    chain, volatility = some()
    price = american_prices(chain, volatility, STEPS)
    whole = american_volatilities(price, chain, STEPS).volatility_frac
    for place in (0, 31, 59):
        rows = np.array([place])
        alone = picked(chain, rows)
        assert same_bits(american_prices(alone, volatility[rows], STEPS), price[rows])
        assert same_bits(american_volatilities(price[rows], alone, STEPS).volatility_frac, whole[rows])


@pytest.mark.parametrize("steps", [1, 50])
def test_a_tree_of_the_wrong_size_is_refused(steps: int) -> None:
    chain, volatility = some(2)
    with pytest.raises(DataError, match=f"a tree of {steps} steps is not Leisen and Reimer's; give an odd number"):
        american_prices(chain, volatility, steps)
