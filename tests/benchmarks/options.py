"""Implied volatilities of a chain beside the scalar loop of the peer, at the same accuracy."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from vollib.black_scholes.implied_volatility import (  # type: ignore[import-untyped]  # ships no types
    implied_volatility as peer,
)

from nodes.kernels.arrays import Array
from nodes.kernels.options.implied import implied_volatilities
from nodes.kernels.options.pricing import Contracts, prices
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

N_STRIKES, N_EXPIRIES = 90, 12
"""A chain as that of a large share: both rights make 2,160 contracts."""
TARGET = 20.0
_RATE_FRAC = 0.02
_SPOT_USD = 100.0


def chain(n_strikes: int = N_STRIKES, n_expiries: int = N_EXPIRIES) -> tuple[Contracts, Array, Array]:
    """Contracts, the volatilities of a smile, and their prices; every price has a volatility."""
    strike, years, is_call = (
        part.ravel()
        for part in np.meshgrid(
            np.linspace(70.0, 140.0, n_strikes), np.linspace(0.1, 2.0, n_expiries), [True, False], indexing="ij"
        )
    )
    count = len(strike)
    spot, rate = np.full(count, _SPOT_USD), np.full(count, _RATE_FRAC)
    contracts = Contracts(spot, strike, years, rate, np.zeros(count), is_call.astype(np.bool_))
    volatility = 0.25 + 0.3 * np.log(strike / _SPOT_USD) ** 2 / np.sqrt(years)
    return contracts, volatility, prices(contracts.terms, volatility)


def ours(contracts: Contracts, price: Array) -> Callable[[], Array]:
    """The kernel over the whole chain, forwards and discounts included."""
    return lambda: implied_volatilities(price, contracts.terms).volatility_frac


def theirs(contracts: Contracts, price: Array) -> Callable[[], list[float]]:
    """The peer, one contract after the other."""
    rights = ["c" if is_call else "p" for is_call in contracts.is_call.tolist()]
    strikes, years, quoted = contracts.strike_usd.tolist(), contracts.years.tolist(), price.tolist()
    each = list(zip(quoted, strikes, years, rights, strict=True))
    return lambda: [peer(value, _SPOT_USD, strike, time, _RATE_FRAC, right) for value, strike, time, right in each]


def agreement() -> tuple[float, float]:
    """The largest error of either contestant on a small chain."""
    contracts, volatility, price = chain(8, 3)
    found = ours(contracts, price)(), np.array(theirs(contracts, price)())
    return float(np.abs(found[0] - volatility).max()), float(np.abs(found[1] - volatility).max())


def rows(effort: Effort) -> list[Row]:
    """The line of the table."""
    contracts, _, price = chain()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spent = side_by_side({"ours": ours(contracts, price), "vollib": theirs(contracts, price)}, effort)
    ratio = spent["vollib"] / spent["ours"]
    return [
        Row(
            f"implied volatilities of a chain of {len(price):,} contracts",
            figure_us(spent["ours"]),
            f"py_vollib's scalar loop {figure_us(spent['vollib'])}",
            f"{ratio:.0f}x",
            f"{TARGET:.0f}x",
            ratio >= TARGET,
        )
    ]
