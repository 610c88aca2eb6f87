"""Made-up chains: calls and puts at Black's prices around a spread, by expiry and strike."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.options.arbitrage import Underlying
from nodes.kernels.options.pricing import Contracts, prices
from nodes.kernels.options.quotes import Quotes

SPOT_USD, RATE_FRAC, YIELD_FRAC = 100.0, 0.03, 0.01
DAYS = (30, 91, 182)
STRIKES = (80.0, 90.0, 95.0, 100.0, 105.0, 110.0, 120.0)


def contracts(days: tuple[int, ...] = DAYS, strikes: tuple[float, ...] = STRIKES) -> Contracts:
    day, strike, is_call = (
        part.ravel() for part in np.meshgrid(np.array(days), np.array(strikes), [True, False], indexing="ij")
    )
    count = len(day)
    rate, carried = np.full(count, RATE_FRAC), np.full(count, YIELD_FRAC)
    return Contracts(np.full(count, SPOT_USD), strike, day / 365.0, rate, carried, is_call.astype(np.bool_))


def quotes(chain: Contracts, volatility: float = 0.25, half_spread_usd: float = 0.02) -> Quotes:
    """Quotes around Black's price, or the value of exercise if that is more; a bid under a cent is missing."""
    side = np.where(chain.is_call, 1.0, -1.0)
    european = prices(chain.terms, np.full(len(chain.strike_usd), volatility))
    price = np.maximum(european, side * (chain.spot_usd - chain.strike_usd))
    bid = np.where(price > half_spread_usd + 0.01, price - half_spread_usd, np.nan)
    expiry = np.rint(chain.years * 365.0).astype(np.int64)
    return Quotes(expiry, chain.strike_usd, chain.is_call, bid, price + half_spread_usd)


def underlying(chain: Contracts) -> Underlying:
    return Underlying(chain.spot_usd, discount(chain), chain.spot_usd * np.exp(-chain.yield_frac * chain.years))


def discount(chain: Contracts) -> Array:
    return np.exp(-chain.rate_frac * chain.years)


def row(chain: Contracts, days: int, strike: float, *, is_call: bool) -> int:
    """Where a contract is."""
    found = (chain.years == days / 365.0) & (chain.strike_usd == strike) & (chain.is_call == is_call)
    return int(np.flatnonzero(found)[0])
