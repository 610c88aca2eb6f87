"""American options: a binomial tree for arrays of contracts, and volatilities that allow for early exercise.

Equity options in the United States are American: Black's formula, which knows no early exercise, overstates the
volatility of an option whose price holds a premium for it. The dividend is a continuous yield here; a cash dividend
before expiry, and exercise the day before it, are not modelled.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.options.implied import RESOLUTION_FRAC, Implied, Unsolved, implied_volatilities
from nodes.kernels.options.pricing import Contracts, Flags, prices
from nodes.vocabulary.errors import DataError

_MOST_ROUNDS = 60
_TOLERANCE_FRAC = 1e-7
"""How exact the volatility of a tree is found: the tree itself is off by far more."""
_MOST_VOLATILITY = 8.0
_LEAST_VOLATILITY = 1e-4
_NO_WORTH_FRAC = 1e-6
"""Early exercise is worth nothing when the tree gives it less than this part of the spot."""
_TREE_ERROR_FRAC = 1e-4
"""By what part of the spot the tree of 51 steps is off at most."""


def american_prices(contracts: Contracts, volatility_frac: Array, steps: int) -> Array:
    """Prices by the tree of Leisen and Reimer, extrapolated; NaN where time or volatility is not positive.

    Two trees, one of about twice the steps of the other, whose errors halve with the steps: twice the finer less the
    coarser leaves a smaller one. The tests hold it against QuantLib: 51 steps keep a cent on a share of 100 dollars.

    Args:
        contracts: the options.
        volatility_frac: a year's volatility.
        steps: of the coarser tree; odd, as the method wants.

    Source: Leisen and Reimer (1996), Applied Mathematical Finance 3(4), 319-346, with Peizer and Pratt's inversion;
    Broadie and Detemple (1996), Review of Financial Studies 9(4), for the extrapolation.
    """
    if steps < 3 or steps % 2 == 0:  # noqa: PLR2004  # the shortest odd tree with an inner node
        message = f"a tree of {steps} steps is not Leisen and Reimer's"
        raise DataError(f"{message}; give an odd number of at least 3")
    finer = 2 * steps + 1
    with np.errstate(invalid="ignore", divide="ignore", over="ignore", under="ignore"):
        both = [_tree_price(contracts, volatility_frac, count) for count in (steps, finer)]
        extrapolated = (finer * both[1] - steps * both[0]) / (finer - steps)
        least = _value_of_certainty(contracts)
        valid = (volatility_frac > 0.0) & (contracts.years > 0.0) & np.isfinite(least)
        return np.where(valid, np.fmax(extrapolated, least), np.nan)


def _value_of_certainty(contracts: Contracts) -> Array:
    """Exercise now or at expiry, whichever is worth more: the price where the underlying hardly moves."""
    side = np.where(contracts.is_call, 1.0, -1.0)
    at_once = np.maximum(side * (contracts.spot_usd - contracts.strike_usd), 0.0)
    return np.maximum(at_once, contracts.terms.intrinsic_usd)


def _tree_price(contracts: Contracts, volatility_frac: Array, steps: int) -> Array:
    """The price by one tree; NaN where a chance of the tree rounds to certainty."""
    up, down, chance = _tree(contracts, volatility_frac, steps)
    discount = np.exp(-contracts.rate_frac * contracts.years / steps)
    side = np.where(contracts.is_call, 1.0, -1.0)
    rises = np.arange(steps + 1.0)[:, None]
    level = contracts.spot_usd * up**rises * down ** (steps - rises)
    value = np.maximum(side * (level - contracts.strike_usd), 0.0)
    rise, fall = discount * chance, discount * (1.0 - chance)
    for last in range(steps, 0, -1):
        level = level[:last] / down
        held = rise * value[1 : last + 1] + fall * value[:last]
        value = np.maximum(held, side * (level - contracts.strike_usd))
    price: Array = value[0]
    return price


def _tree(contracts: Contracts, volatility_frac: Array, steps: int) -> tuple[Array, Array, Array]:
    """Factor of a rise, factor of a fall, chance of a rise, over one step."""
    years, carry = contracts.years, contracts.rate_frac - contracts.yield_frac
    s = volatility_frac * np.sqrt(years)
    d1 = (np.log(contracts.spot_usd / contracts.strike_usd) + carry * years) / s + 0.5 * s
    chance, with_share = _peizer_pratt(d1 - s, steps), _peizer_pratt(d1, steps)
    growth = np.exp(carry * years / steps)
    return growth * with_share / chance, growth * (1.0 - with_share) / (1.0 - chance), chance


def _peizer_pratt(z: Array, steps: int) -> Array:
    """The binomial chance whose distribution function over the steps meets the normal one at z."""
    root = z / (steps + 1.0 / 3.0 + 0.1 / (steps + 1.0))
    return 0.5 + np.sign(z) * 0.5 * np.sqrt(-np.expm1(-root * root * (steps + 1.0 / 6.0)))


def american_volatilities(price_usd: Array, contracts: Contracts, steps: int) -> Implied:
    """The volatility at which the American price is the quoted one.

    Where the tree finds no worth in early exercise at the European volatility, that volatility stands, to its full
    precision. Elsewhere the tree is inverted, each contract by itself; a price has no volatility where it is not over
    the value of immediate exercise, or where a hundredth of volatility moves it by less than the tree is off.
    """
    european = implied_volatilities(price_usd, contracts.terms)
    reason, found = european.reason.copy(), european.volatility_frac.copy()
    at_exercise = (reason == Unsolved.SOLVED) & (price_usd <= _value_of_certainty(contracts))
    reason[at_exercise], found[at_exercise] = Unsolved.BELOW_INTRINSIC, np.nan
    rows = np.flatnonzero((reason == Unsolved.SOLVED) & ~_is_never_early(contracts))
    premium = early_exercise_premiums(picked(contracts, rows), found[rows], steps)
    rows = rows[premium > _NO_WORTH_FRAC * contracts.spot_usd[rows]]
    within = picked(contracts, rows)
    solved, is_found = _root(price_usd[rows], within, found[rows], steps)
    moved = american_prices(within, solved + 0.01, steps) - american_prices(within, solved, steps)
    is_found &= moved > _TREE_ERROR_FRAC * within.spot_usd
    found[rows] = np.where(is_found, solved, np.nan)
    reason[rows[~is_found]] = Unsolved.UNRESOLVED
    return Implied(found, reason)


def _is_never_early(contracts: Contracts) -> Flags:
    """Whether waiting always pays: for a call without dividends, for a put without interest.

    Source: Merton (1973), Bell Journal of Economics 4(1), theorem 2, and its mirror for puts.
    """
    rate, carried = contracts.rate_frac, contracts.yield_frac
    return np.where(contracts.is_call, (carried <= 0.0) & (rate >= 0.0), (rate <= 0.0) & (carried >= 0.0))


def picked(contracts: Contracts, rows: Index) -> Contracts:
    """Some of the contracts."""
    return Contracts(
        contracts.spot_usd[rows],
        contracts.strike_usd[rows],
        contracts.years[rows],
        contracts.rate_frac[rows],
        contracts.yield_frac[rows],
        contracts.is_call[rows],
    )


def _root(target: Array, contracts: Contracts, start: Array, steps: int) -> tuple[Array, Flags]:
    """Volatilities between which the tree's price changes sides, narrowed by the Illinois method."""
    low = np.full(len(target), _LEAST_VOLATILITY)
    high = np.minimum(start * 1.05 + 1e-3, _MOST_VOLATILITY)
    below = american_prices(contracts, low, steps) - target
    above = american_prices(contracts, high, steps) - target
    is_bracketed = (below < 0.0) & (above > 0.0)
    found, moving = 0.5 * (low + high), np.flatnonzero(is_bracketed)
    for _ in range(_MOST_ROUNDS):
        if not len(moving):
            break
        a, b, at_a, at_b = low[moving], high[moving], below[moving], above[moving]
        guess = b - at_b * (b - a) / (at_b - at_a)
        guess = np.where((guess > a) & (guess < b), guess, 0.5 * (a + b))
        at_guess = american_prices(picked(contracts, moving), guess, steps) - target[moving]
        is_low = at_guess < 0.0
        same_side = np.where(is_low, guess > found[moving], guess < found[moving])
        low[moving], below[moving] = (
            np.where(is_low, guess, a),
            np.where(is_low, at_guess, np.where(same_side, 0.5 * at_a, at_a)),
        )
        high[moving], above[moving] = (
            np.where(is_low, b, guess),
            np.where(is_low, np.where(same_side, 0.5 * at_b, at_b), at_guess),
        )
        moved = np.abs(guess - found[moving])
        found[moving] = guess
        moving = moving[(moved > _TOLERANCE_FRAC) & (at_guess != 0.0) & (high[moving] - low[moving] > RESOLUTION_FRAC)]
    return found, is_bracketed


def early_exercise_premiums(contracts: Contracts, volatility_frac: Array, steps: int) -> Array:
    """What the right to exercise early is worth: the tree's price less Black's, never under zero."""
    return np.maximum(american_prices(contracts, volatility_frac, steps) - prices(contracts.terms, volatility_frac), 0)
