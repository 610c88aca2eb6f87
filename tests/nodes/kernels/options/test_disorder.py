"""Quotes as bad feeds give them: whatever stands in them, the kernels neither raise nor warn nor invent."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.options.arbitrage import Underlying, arbitrage_flags
from nodes.kernels.options.chains import chains_as_of
from nodes.kernels.options.implied import Unsolved, implied_volatilities
from nodes.kernels.options.parity import implied_forwards
from nodes.kernels.options.pricing import Contracts, Terms, greeks, prices
from nodes.kernels.options.quotes import Quotes
from nodes.kernels.options.smiles import Horizons, smile_measures
from nodes.kernels.options.surface import svi_fit
from tests.nodes.kernels.options.facts import AT, DAY_S, instants, option_facts

N = 12
ODD = [math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0]
SMALL_AND_LARGE = [5e-324, 1e-300, 1e-9, 0.01, 1.0, 99.999, 100.0, 1e6, 1e300, 1.7e308]
WILD = st.sampled_from(ODD + SMALL_AND_LARGE)
COLUMN = st.lists(WILD, min_size=N, max_size=N).map(np.array)
FIVE = st.tuples(*[COLUMN] * 5)
FOUR = st.tuples(*[COLUMN] * 4)
RIGHTS = st.lists(st.booleans(), min_size=N, max_size=N).map(np.array)
EXPIRIES = st.lists(st.integers(1, 3), min_size=N, max_size=N).map(lambda days: np.array(days, dtype=np.int64))


@given(FIVE, RIGHTS)
def test_a_volatility_is_found_or_a_reason_is_given(numbers: tuple[Array, ...], is_call: Array) -> None:
    price, forward, strike, years, discount = numbers
    terms = Terms(forward, strike, years, discount, is_call.astype(np.bool_))
    found = implied_volatilities(price, terms)
    assert (np.isfinite(found.volatility_frac) == (found.reason == Unsolved.SOLVED)).all()
    assert (found.volatility_frac[found.is_solved] > 0.0).all()


@given(FIVE, RIGHTS)
def test_a_price_that_is_made_lies_within_its_bounds(numbers: tuple[Array, ...], is_call: Array) -> None:
    spot, strike, years, rate, volatility = numbers
    with np.errstate(all="ignore"):
        contracts = Contracts(spot, strike, years, np.clip(rate, -0.5, 0.5), np.zeros(N), is_call.astype(np.bool_))
        terms = contracts.terms
        made, most = prices(terms, volatility), terms.most_usd
    finite = np.isfinite(made) & np.isfinite(most) & (spot > 0.0) & (strike > 0.0)
    assert (made[finite] <= most[finite] * (1.0 + 1e-12)).all()
    assert (made[finite] >= 0.0).all()
    with np.errstate(all="ignore"):
        assert len(greeks(contracts, volatility).delta) == N


@settings(max_examples=40)
@given(EXPIRIES, FOUR, RIGHTS)
def test_flags_and_forwards_bear_any_quotes(expiry: Array, numbers: tuple[Array, ...], is_call: Array) -> None:
    strike, bid, ask, spot = numbers
    quotes = Quotes(expiry.astype(np.int64), np.abs(strike), is_call.astype(np.bool_), bid, ask)
    flags = arbitrage_flags(quotes, Underlying(spot, np.ones(N), spot))
    nothing = ~(np.isfinite(bid) & (bid > 0.0)) & ~(np.isfinite(ask) & (ask > 0.0))
    for field in dataclasses.fields(flags):
        if field.name != "parity":
            assert not getattr(flags, field.name)[nothing].any()
    forwards = implied_forwards(quotes, np.ones(N), 4)
    assert len(forwards.expiry) <= 3


@settings(max_examples=20)
@given(st.lists(WILD, min_size=24, max_size=24), st.lists(WILD, min_size=24, max_size=24))
def test_measures_of_any_chain_are_numbers_or_missing(bid: list[float], ask: list[float]) -> None:
    facts = option_facts(days=(20, 45, 120), strikes=(90.0, 95.0, 100.0, 105.0)).with_columns(
        bid_usd=pl.Series(bid), ask_usd=pl.Series(ask)
    )
    chains = chains_as_of(facts, pl.Series(["AAA"]), instants(AT), DAY_S)
    found = smile_measures(chains, np.array([100.0]), 0.03, Horizons(30.0, 90.0, 7.0))
    assert all(value is None or math.isfinite(value) for value in found.row(0))


@settings(max_examples=20)
@given(st.lists(WILD, min_size=8, max_size=8))
def test_a_slice_through_any_points_is_a_slice_or_none(volatility: list[float]) -> None:
    fit = svi_fit(np.linspace(-0.3, 0.3, 8), np.clip(np.array(volatility), -1.0, 10.0), 0.25)
    assert fit is None or math.isfinite(fit.rmse_frac)
