"""Implied volatility of many prices at once, or the reason why a price has none.

The inversion follows the objective functions of Jaeckel (2015), Let's Be Rational, with Householder's third-order step,
kept inside a bracket. Every price is iterated until it stands still by itself: its volatility does not depend on the
prices beside it. A price that float64 does not resolve to `RESOLUTION_FRAC` of volatility has none: prices one rounding
apart would then mean volatilities further apart than that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from nodes.kernels.arrays import Array, Index
from nodes.kernels.options.pricing import Flags, Terms, normalised_price, normalised_vega

Reasons: TypeAlias = npt.NDArray[np.int8]

RESOLUTION_FRAC = 1e-8
"""The volatility that must move a price by more than its own rounding."""

_ROUNDINGS = 2.0
"""Units in the last place that a price and its intrinsic value are trusted to."""
_MOST_TOTAL = 64.0
"""Largest volatility * sqrt(years) looked for; every price has reached its bound long before."""
_MOST_STEPS = 64
_STILL = 1e-6
"""A step this small, relative, ends the search after it is made: the next would be of the order of its fourth power."""
_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)
_LOWER = math.sqrt(27.0) / (2.0 * math.pi)


class Unsolved(IntEnum):
    """Why a price has no implied volatility."""

    SOLVED = 0
    MISSING_INPUT = 1
    EXPIRED = 2
    BELOW_INTRINSIC = 3
    ABOVE_MOST = 4
    UNRESOLVED = 5

    @property
    def words(self) -> str:
        """The reason as a reader is told it."""
        return _WORDS[self]


_WORDS = {
    Unsolved.SOLVED: "",
    Unsolved.MISSING_INPUT: "a price, strike, forward, discount or time is missing or not positive",
    Unsolved.EXPIRED: "no time is left to expiry",
    Unsolved.BELOW_INTRINSIC: "the price is not over the value of certain exercise",
    Unsolved.ABOVE_MOST: "the price is not under what the option can be worth at most",
    Unsolved.UNRESOLVED: "vega is below float resolution: the price's last digit moves the volatility by over 1e-8",
}


@dataclass(frozen=True)
class Implied:
    """Implied volatilities, one a price.

    Attributes:
        volatility_frac: a year's volatility; NaN where there is none.
        reason: an `Unsolved`, one a price.
    """

    volatility_frac: Array
    reason: Reasons

    @property
    def is_solved(self) -> Flags:
        """Which prices have a volatility."""
        solved: Flags = self.reason == Unsolved.SOLVED
        return solved


def implied_volatilities(price_usd: Array, terms: Terms) -> Implied:
    """The volatility at which Black's formula gives the price.

    Source: Jaeckel (2015), Let's Be Rational, Wilmott 75, sections 2 to 6, for the objective functions and steps.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        reason = _reasons(price_usd, terms)
        open_rows = np.flatnonzero(reason == Unsolved.SOLVED)
        picked = _picked(terms, open_rows)
        price = price_usd[open_rows]
        x = -np.abs(picked.moneyness)
        target = (price - picked.intrinsic_usd) / picked.scale_usd
        s = _total_volatility(x, target)
        noise = _ROUNDINGS * _EPS * _magnitude(price, picked)
        vega = picked.scale_usd * normalised_vega(x, s) * np.sqrt(picked.years)
        volatility = s / np.sqrt(picked.years)
        resolved = (noise <= RESOLUTION_FRAC * vega) & (target >= _TINY) & np.isfinite(volatility) & (volatility > 0.0)
    found = np.full(price_usd.shape, np.nan)
    found[open_rows[resolved]] = volatility[resolved]
    reason[open_rows[~resolved]] = Unsolved.UNRESOLVED
    return Implied(found, reason)


def _picked(terms: Terms, rows: Index) -> Terms:
    return Terms(
        terms.forward_usd[rows], terms.strike_usd[rows], terms.years[rows], terms.discount[rows], terms.is_call[rows]
    )


def _magnitude(price_usd: Array, terms: Terms) -> Array:
    """The size of the numbers whose rounding the time value carries."""
    in_the_money = terms.intrinsic_usd > 0.0
    both_usd = terms.discount * np.maximum(terms.forward_usd, terms.strike_usd)
    return np.where(in_the_money, np.maximum(price_usd, both_usd), price_usd)


def _reasons(price_usd: Array, terms: Terms) -> Reasons:
    """What already the bounds say about each price."""
    numbers = (price_usd, terms.forward_usd, terms.strike_usd, terms.discount)
    usable = np.isfinite(terms.years)
    for number in numbers:
        usable = usable & np.isfinite(number)
    for number in numbers[1:]:
        usable = usable & (number > 0.0)
    intrinsic, slack = terms.intrinsic_usd, _ROUNDINGS * _EPS * _magnitude(price_usd, terms)
    reason = np.where(price_usd >= terms.most_usd, Unsolved.ABOVE_MOST, Unsolved.SOLVED)
    rounded_away = (intrinsic > 0.0) & (np.abs(price_usd - intrinsic) <= slack)
    reason = np.where(rounded_away, Unsolved.UNRESOLVED, reason)
    reason = np.where((price_usd <= intrinsic) & ~rounded_away, Unsolved.BELOW_INTRINSIC, reason)
    reason = np.where(terms.years <= 0.0, Unsolved.EXPIRED, reason)
    return np.where(usable, reason, Unsolved.MISSING_INPUT).astype(np.int8)


@dataclass(frozen=True)
class _Goal:
    """What is looked for, one entry a price.

    Attributes:
        x: -|ln(forward / strike)|.
        target: normalised price.
        centre: where the normalised price bends from convex to concave.
        at_centre: the price there.
        most: what the price is under at any volatility.
    """

    x: Array
    target: Array
    centre: Array
    at_centre: Array
    most: Array

    @staticmethod
    def of(x: Array, target: Array) -> _Goal:
        """The goal with what the steps need of it."""
        centre = np.sqrt(2.0 * np.abs(x))
        at_centre = np.where(centre > 0.0, normalised_price(x, np.maximum(centre, _TINY)), 0.0)
        return _Goal(x, target, centre, at_centre, np.exp(0.5 * x))

    def at(self, rows: Index) -> _Goal:
        """Some of the prices."""
        return _Goal(self.x[rows], self.target[rows], self.centre[rows], self.at_centre[rows], self.most[rows])

    @property
    def is_small(self) -> Flags:
        """Whether the target lies in the convex part."""
        small: Flags = self.target < self.at_centre
        return small

    @property
    def is_large(self) -> Flags:
        """Whether the target lies in the upper half of the concave part."""
        large: Flags = self.target > 0.5 * (self.at_centre + self.most)
        return large


def _total_volatility(x: Array, target: Array) -> Array:
    """The volatility * sqrt(years) at which the normalised price is the target, which lies between 0 and exp(x/2)."""
    goal = _Goal.of(x, target)
    s = _start(goal)
    low, high = np.zeros(len(s)), np.full(len(s), _MOST_TOTAL)
    moving = np.flatnonzero(np.isfinite(s))
    for _ in range(_MOST_STEPS):
        if not len(moving):
            break
        here, near = s[moving], goal.at(moving)
        price = normalised_price(near.x, here)
        below, above = low[moving], high[moving]
        low[moving] = below = np.where(price < near.target, np.maximum(below, here), below)
        high[moving] = above = np.where(price > near.target, np.minimum(above, here), above)
        stepped = here + _householder_step(near, here, price)
        inside = (stepped >= below) & (stepped <= above)
        stepped = np.where(price == near.target, here, np.where(inside, stepped, 0.5 * (below + above)))
        s[moving] = stepped
        moving = moving[np.abs(stepped - here) > _STILL * here]
    return s


def _start(goal: _Goal) -> Array:
    """A first guess: from the price's limits for small and for large volatility, one Newton step between them."""
    x, target, centre, most = goal.x, goal.target, goal.centre, goal.most
    slope = np.where(centre > 0.0, normalised_vega(x, np.maximum(centre, _TINY)), 1.0 / math.sqrt(2.0 * math.pi))
    middle = centre + (target - goal.at_centre) / slope
    large = -2.0 * ndtri((most - target) / (most + 1.0 / most))
    small = np.abs(x) / (math.sqrt(3.0) * np.abs(ndtri(np.cbrt(_LOWER * target / np.abs(x)))))
    upper = np.where(goal.is_large, np.maximum(large, centre), middle)
    lower = np.where(np.isfinite(small) & (small > 0.0), np.minimum(small, centre), centre)
    return np.minimum(np.where(goal.is_small, lower, upper), 0.5 * _MOST_TOTAL)


def _householder_step(goal: _Goal, s: Array, price: Array) -> Array:
    """The third-order step of the objective that is nearly straight where the target lies.

    1 / ln b for small prices, b between, ln(most - b) for large ones.
    """
    slope, h, t = normalised_vega(goal.x, s), goal.x / s, 0.5 * s
    second = h * h / s - 0.5 * t
    third = second * second - 3.0 * (h / s) ** 2 - 0.25
    newton, halley, cubic = (goal.target - price) / slope, second, third
    if (is_small := goal.is_small).any():
        small = _small_step(goal, price, slope, (second, third))
        newton, halley, cubic = (
            np.where(is_small, one, plain) for one, plain in zip(small, (newton, halley, cubic), strict=True)
        )
    if (is_large := goal.is_large).any():
        large = _large_step(goal, price, slope, (second, third))
        newton, halley, cubic = (
            np.where(is_large, one, plain) for one, plain in zip(large, (newton, halley, cubic), strict=True)
        )
    step = newton * (1.0 + 0.5 * halley * newton) / (1.0 + newton * (halley + cubic * newton / 6.0))
    agrees = np.isfinite(step) & (np.sign(step) == np.sign(newton))
    return np.where(agrees, step, newton)


def _small_step(goal: _Goal, price: Array, slope: Array, bends: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    """Newton's step and both higher terms of 1 / ln b."""
    second, third = bends
    log_price, log_target, growth = np.log(price), np.log(goal.target), slope / price
    return (
        (log_target - log_price) * log_price / log_target / growth,
        second - growth * (1.0 + 2.0 / log_price),
        third
        + 2.0 * growth * growth * (1.0 + 3.0 / log_price * (1.0 + 1.0 / log_price))
        - 3.0 * second * growth * (1.0 + 2.0 / log_price),
    )


def _large_step(goal: _Goal, price: Array, slope: Array, bends: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    """Newton's step and both higher terms of ln(most - b)."""
    second, third = bends
    rest = goal.most - price
    closing = slope / rest
    return (
        np.log(rest / (goal.most - goal.target)) / closing,
        second + closing,
        third + 3.0 * second * closing + 2.0 * closing * closing,
    )
