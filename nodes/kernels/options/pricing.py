"""European options after Black and Scholes: prices and Greeks, for arrays of contracts.

Everything reduces to the normalised price of the option that is out of the money, b(x, s) with x = -|ln(F / K)| and
s = volatility * sqrt(years), as Jaeckel (2015) normalises it; the option in the money is that plus its intrinsic value.
Each contract is computed alone: its bits do not depend on the contracts beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, ndtr

from nodes.kernels.arrays import Array

Flags: TypeAlias = npt.NDArray[np.bool_]

_ROOT_HALF = math.sqrt(0.5)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True)
class Terms:
    """Contracts in forward form, one entry a contract.

    Attributes:
        forward_usd: price of the underlying for delivery at expiry.
        strike_usd: strike.
        years: time to expiry.
        discount: value now of one dollar at expiry.
        is_call: whether the contract is a call.
    """

    forward_usd: Array
    strike_usd: Array
    years: Array
    discount: Array
    is_call: Flags

    @property
    def moneyness(self) -> Array:
        """ln(forward / strike)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log(self.forward_usd / self.strike_usd)

    @property
    def intrinsic_usd(self) -> Array:
        """Discounted forward value of exercise, not under zero."""
        gap = np.where(self.is_call, self.forward_usd - self.strike_usd, self.strike_usd - self.forward_usd)
        return self.discount * np.maximum(gap, 0.0)

    @property
    def most_usd(self) -> Array:
        """What no European option is worth more than: the discounted forward of a call, strike of a put."""
        return self.discount * np.where(self.is_call, self.forward_usd, self.strike_usd)

    @property
    def scale_usd(self) -> Array:
        """What a normalised price is multiplied with: discount * sqrt(forward * strike)."""
        with np.errstate(invalid="ignore"):
            return self.discount * np.sqrt(self.forward_usd * self.strike_usd)


@dataclass(frozen=True)
class Contracts:
    """Contracts on an underlying that pays a continuous yield, one entry a contract.

    Attributes:
        spot_usd: price of the underlying.
        strike_usd: strike.
        years: time to expiry.
        rate_frac: continuous interest rate a year.
        yield_frac: continuous dividend yield (or borrow fee) a year.
        is_call: whether the contract is a call.
    """

    spot_usd: Array
    strike_usd: Array
    years: Array
    rate_frac: Array
    yield_frac: Array
    is_call: Flags

    @property
    def terms(self) -> Terms:
        """The same contracts in forward form: forward = spot * exp((rate - yield) * years)."""
        forward = self.spot_usd * np.exp((self.rate_frac - self.yield_frac) * self.years)
        return Terms(forward, self.strike_usd, self.years, np.exp(-self.rate_frac * self.years), self.is_call)


@dataclass(frozen=True)
class Greeks:
    """Sensitivities of prices, per share of the underlying.

    Attributes:
        delta: to the spot.
        gamma: of delta to the spot.
        vega: to the volatility, per 1.00 of it.
        theta: to the passing of time, per year.
        rho: to the interest rate, per 1.00 of it.
        yield_rho: to the dividend yield, per 1.00 of it.
        strike_delta: to the strike.
        vanna: of delta to the volatility.
        volga: of vega to the volatility.
        charm: of delta to the passing of time, per year.
        speed: of gamma to the spot.
    """

    delta: Array
    gamma: Array
    vega: Array
    theta: Array
    rho: Array
    yield_rho: Array
    strike_delta: Array
    vanna: Array
    volga: Array
    charm: Array
    speed: Array


def normalised_price(x: Array, s: Array) -> Array:
    """Price of an option out of the money over discount * sqrt(forward * strike).

    Formula: b = exp(x/2) N(x/s + s/2) - exp(-x/2) N(x/s - s/2), written with erfcx so that nothing is lost where both
    terms are tiny.

    Args:
        x: ln(forward / strike) of a call out of the money: never positive.
        s: volatility * sqrt(years), positive.

    Source: Jaeckel (2015), Let's Be Rational, section 2.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        h, t = x / s, 0.5 * s
        pair: Array = erfcx(-_ROOT_HALF * (h + t)) - erfcx(-_ROOT_HALF * (h - t))
        return 0.5 * np.exp(-0.5 * (h * h + t * t)) * pair


def normalised_vega(x: Array, s: Array) -> Array:
    """Derivative of the normalised price to s."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        h, t = x / s, 0.5 * s
        return np.exp(-0.5 * (h * h + t * t)) / _ROOT_TWO_PI


def prices(terms: Terms, volatility_frac: Array) -> Array:
    """Prices after Black (1976); the intrinsic value where volatility or time is nothing, NaN where either is negative.

    Source: Black (1976), J. Financial Economics 3; with forward = spot * exp((rate - yield) * years) Merton (1973).
    """
    with np.errstate(invalid="ignore", under="ignore", over="ignore"):
        s = volatility_frac * np.sqrt(np.where(terms.years >= 0.0, terms.years, np.nan))
        time_value = terms.scale_usd * normalised_price(-np.abs(terms.moneyness), s)
        return terms.intrinsic_usd + np.where(s > 0.0, time_value, np.where(s == 0.0, 0.0, np.nan))


def vegas(terms: Terms, volatility_frac: Array) -> Array:
    """Derivative of the price to the volatility, per 1.00 of it."""
    with np.errstate(invalid="ignore", under="ignore", over="ignore"):
        s = volatility_frac * np.sqrt(terms.years)
        return terms.scale_usd * normalised_vega(-np.abs(terms.moneyness), s) * np.sqrt(terms.years)


def greeks(contracts: Contracts, volatility_frac: Array) -> Greeks:
    """All sensitivities after Black, Scholes and Merton; NaN where volatility or time is not positive.

    Source: Haug (2007), The Complete Guide to Option Pricing Formulas, chapter 2.
    """
    spot, strike, years = contracts.spot_usd, contracts.strike_usd, contracts.years
    rate, carried = contracts.rate_frac, contracts.yield_frac
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        sigma = np.where((volatility_frac > 0.0) & (years > 0.0), volatility_frac, np.nan)
        root = np.sqrt(years)
        s = sigma * root
        d1 = (np.log(spot / strike) + (rate - carried) * years) / s + 0.5 * s
        d2, side = d1 - s, np.where(contracts.is_call, 1.0, -1.0)
        share, money = np.exp(-carried * years), strike * np.exp(-rate * years)
        density = np.exp(-0.5 * d1 * d1) / _ROOT_TWO_PI
        near, far = ndtr(side * d1), ndtr(side * d2)
        gamma, vega = share * density / (spot * s), spot * share * density * root
        drift = 2.0 * (rate - carried) * years - d2 * s
        return Greeks(
            delta=side * share * near,
            gamma=gamma,
            vega=vega,
            theta=-0.5 * vega * sigma / years + side * (carried * spot * share * near - rate * money * far),
            rho=side * years * money * far,
            yield_rho=-side * years * spot * share * near,
            strike_delta=-side * money / strike * far,
            vanna=-share * density * d2 / sigma,
            volga=vega * d1 * d2 / sigma,
            charm=side * carried * share * near - share * density * drift / (2.0 * years * s),
            speed=-gamma / spot * (d1 / s + 1.0),
        )
