"""Contracts for tests of the option kernels: grids of strikes, times and volatilities, and single ones."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.options.pricing import Contracts, Terms

SPOT_USD = 100.0
YEARS = (1 / 8760, 1 / 365, 7 / 365, 30 / 365, 0.5, 2.0, 10.0)
VOLATILITIES = (0.02, 0.1, 0.25, 0.6, 1.5, 3.0)


def grid(
    strikes: Array | None = None, years: tuple[float, ...] = YEARS, volatilities: tuple[float, ...] = VOLATILITIES
) -> tuple[Contracts, Array]:
    """Every strike with every time, volatility and right; by default strikes from a tenth to ten times the spot."""
    wanted = SPOT_USD * np.exp(np.linspace(-np.log(10.0), np.log(10.0), 81)) if strikes is None else strikes
    strike, time, volatility, is_call = (
        part.ravel()
        for part in np.meshgrid(wanted, np.array(years), np.array(volatilities), [True, False], indexing="ij")
    )
    count = len(strike)
    contracts = Contracts(
        np.full(count, SPOT_USD), strike, time, np.full(count, 0.03), np.full(count, 0.01), is_call.astype(np.bool_)
    )
    return contracts, volatility


def one(spot_usd: float, strike_usd: float, years: float, rate_frac: float, *, is_call: bool) -> Contracts:
    """A single contract."""
    numbers = (np.array([number]) for number in (spot_usd, strike_usd, years, rate_frac, 0.0))
    spot, strike, time, rate, carried = numbers
    return Contracts(spot, strike, time, rate, carried, np.array([is_call]))


def part(terms: Terms, rows: slice) -> Terms:
    """Some of the contracts."""
    return Terms(
        terms.forward_usd[rows], terms.strike_usd[rows], terms.years[rows], terms.discount[rows], terms.is_call[rows]
    )
