"""Quotes that cannot all be right: what a chain offers for nothing, at the prices one can trade at.

A flag says that buying at asks and selling at bids locks in a gain, before fees. The relations hold for American
options and so for European ones; a missing side never raises a flag. Quotes of different moments can seem to offer
what never was there at once: leave stale ones out first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.options.pricing import Flags
from nodes.kernels.options.quotes import Quotes, groups, pairs

_SLACK_USD = 1e-9
"""Less than this is rounding: it is a millionth of the smallest tick."""


@dataclass(frozen=True)
class Underlying:
    """What the options are on, one entry a contract.

    Attributes:
        spot_usd: price of the underlying; NaN where it is not known: relations with it are then not asked.
        discount: value now of one dollar at the contract's expiry.
        prepaid_usd: value now of one share at expiry, the dividends until then left out: discount * forward.
    """

    spot_usd: Array
    discount: Array
    prepaid_usd: Array


@dataclass(frozen=True)
class ArbitrageFlags:
    """What is wrong with each quote.

    Attributes:
        crossed: bid over ask.
        below_exercise: the ask is under the value of exercise, now or at expiry.
        above_most: the bid is over what the option can be worth at most.
        vertical: with another strike of the expiry, a spread for less than nothing or for more than its width.
        butterfly: the bid is over a mix of asks at strikes around it, which is worth at least as much.
        calendar: with an option of the strike that runs longer or shorter, the longer offered under the shorter's bid.
        parity: call and put of the strike, with stock and cash.
    """

    crossed: Flags
    below_exercise: Flags
    above_most: Flags
    vertical: Flags
    butterfly: Flags
    calendar: Flags
    parity: Flags

    @property
    def any(self) -> Flags:
        """Whether any flag is raised."""
        found = self.crossed | self.below_exercise | self.above_most | self.vertical
        return found | self.butterfly | self.calendar | self.parity


def arbitrage_flags(quotes: Quotes, underlying: Underlying) -> ArbitrageFlags:
    """Every relation of Merton (1973) and of Hull that the quotes of one underlying break.

    Source: Merton (1973), Bell Journal of Economics 4(1), theorems 1 to 7; Hull, Options, Futures, and Other
    Derivatives, 10th edition, sections 11.3 to 11.6; Carr and Madan (2005), Finance Research Letters 2(3).
    """
    with np.errstate(invalid="ignore", over="ignore"):
        below, above = _beyond_bounds(quotes, underlying)
        return ArbitrageFlags(
            crossed=quotes.is_crossed,
            below_exercise=below,
            above_most=above,
            vertical=_vertical(quotes),
            butterfly=_butterfly(quotes),
            calendar=_calendar(quotes),
            parity=_parity(quotes, underlying),
        )


def _beyond_bounds(quotes: Quotes, underlying: Underlying) -> tuple[Flags, Flags]:
    """Asks under the value of exercise now or of its forward; bids over the stock, or over the strike."""
    bid, ask = quotes.sides
    side = np.where(quotes.is_call, 1.0, -1.0)
    at_once = side * (underlying.spot_usd - quotes.strike_usd)
    later = side * (underlying.prepaid_usd - quotes.strike_usd * underlying.discount)
    most = np.where(quotes.is_call, underlying.spot_usd, quotes.strike_usd)
    with np.errstate(invalid="ignore"):
        return ask < np.fmax(at_once, later) - _SLACK_USD, bid > most + _SLACK_USD


def _vertical(quotes: Quotes) -> Flags:
    """Whether two strikes of the expiry make a spread for under nothing, or for over its width: both are flagged."""
    found = np.zeros(len(quotes.strike_usd), dtype=np.bool_)
    bid, ask = quotes.sides
    for rows in groups(quotes.expiry, quotes.is_call, quotes.strike_usd):
        ordered = rows if quotes.is_call[rows[0]] else rows[::-1]
        strike = np.abs(quotes.strike_usd[ordered] - quotes.strike_usd[ordered[0]])
        here, offered = bid[ordered], ask[ordered]
        with np.errstate(invalid="ignore"):
            flagged = (here > _before(offered, np.fmin) + _SLACK_USD) | (offered < _after(here, np.fmax) - _SLACK_USD)
            flagged |= offered + strike < _before(here + strike, np.fmax) - _SLACK_USD
            flagged |= here + strike > _after(offered + strike, np.fmin) + _SLACK_USD
        found[ordered] = flagged
    return found


def _before(values: Array, of_two: np.ufunc) -> Array:
    """The extreme of all values before each one, missing ones passed over; NaN before there is any."""
    before = np.full(len(values), np.nan)
    before[1:] = of_two.accumulate(values)[:-1]
    return before


def _after(values: Array, of_two: np.ufunc) -> Array:
    """The extreme of all values after each one."""
    return _before(values[::-1], of_two)[::-1]


def _butterfly(quotes: Quotes) -> Flags:
    """Whether the bid lies over the lower convex hull of its expiry's asks."""
    found = np.zeros(len(quotes.strike_usd), dtype=np.bool_)
    bid, ask = quotes.sides
    for rows in groups(quotes.expiry, quotes.is_call, quotes.strike_usd):
        offered = rows[np.isfinite(ask[rows])]
        corners = _lower_hull(quotes.strike_usd[offered], ask[offered])
        if len(corners):
            strikes, asks = quotes.strike_usd[offered][corners], ask[offered][corners]
            hull = np.interp(quotes.strike_usd[rows], strikes, asks, left=np.inf, right=np.inf)
            found[rows] = np.nan_to_num(bid[rows], nan=-np.inf) > hull + _SLACK_USD
    return found & ~quotes.is_crossed


def _lower_hull(x: Array, y: Array) -> Index:
    """The corners of the lower convex hull of points sorted by x: Andrew's monotone chain."""
    corners: list[int] = []
    for point in range(len(x)):
        while len(corners) > 1:
            first, second = corners[-2:]
            run, rise = x[second] - x[first], y[second] - y[first]
            if rise * (x[point] - x[first]) < (y[point] - y[first]) * run:
                break
            corners.pop()
        corners.append(point)
    return np.array(corners, dtype=np.int64)


def _calendar(quotes: Quotes) -> Flags:
    """Whether a shorter option of the strike is bid over the ask of a longer one: both are flagged."""
    found = np.zeros(len(quotes.strike_usd), dtype=np.bool_)
    bid, ask = quotes.sides
    for rows in groups(quotes.is_call, quotes.strike_usd, quotes.expiry):
        with np.errstate(invalid="ignore"):
            cheap = ask[rows] < _before(bid[rows], np.fmax) - _SLACK_USD
            found[rows] = cheap | (bid[rows] > _after(ask[rows], np.fmin) + _SLACK_USD)
    return found


def _parity(quotes: Quotes, underlying: Underlying) -> Flags:
    """Whether call and put of a strike break  F e^(-rT) - K <= C - P <= S - K e^(-rT).

    The bounds are those of American options; European ones lie within them where rate and yield are not negative.
    """
    found = np.zeros(len(quotes.strike_usd), dtype=np.bool_)
    bid, ask = quotes.sides
    call, put = pairs(quotes)
    spot, strike = underlying.spot_usd[call], quotes.strike_usd[call]
    discount, prepaid = np.minimum(underlying.discount[call], 1.0), np.fmin(underlying.prepaid_usd[call], spot)
    with np.errstate(invalid="ignore"):
        too_cheap = ask[call] - bid[put] < prepaid - strike - _SLACK_USD
        too_dear = bid[call] - ask[put] > spot - strike * discount + _SLACK_USD
    found[call] = found[put] = too_cheap | too_dear
    return found
