"""What the smiles of a chain say at a moment: volatility at the money, its skew, its slope over time, the carry.

Only options out of the money at their middles are read, against the forward that calls and puts agree on: early
exercise is worth next to nothing there. Between strikes and between expiries total variance is a straight line, and
nothing is extrapolated: where the strikes or the expiries do not enclose what is asked, it is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import ndtr

from nodes.kernels.arrays import Array, Index, column
from nodes.kernels.options.chains import Chains, chains_of, ordered_facts
from nodes.kernels.options.implied import implied_volatilities
from nodes.kernels.options.parity import implied_forwards
from nodes.kernels.options.pricing import Flags, Terms
from nodes.kernels.options.quotes import Quotes, groups

_DAYS_IN_YEAR = 365.0
_QUARTER = 0.25
_FORWARD_STRIKES = 6
_ROWS_AT_ONCE = 128
_EPOCH = 1 << 20
"""Larger than any day's number: row * _EPOCH + expiry names the smile of one row and expiry."""
MEASURES = (
    "atm_near_frac",
    "atm_far_frac",
    "put_wing_frac",
    "call_wing_frac",
    "carry_frac",
    "move_frac",
    "spread_frac",
)


@dataclass(frozen=True)
class Horizons:
    """Where the smiles of a chain are read.

    Attributes:
        near_days: time to expiry at which volatility, wings and carry are read.
        far_days: the longer one, for the slope.
        least_days: expiries nearer than this are left out: their volatilities are mostly noise.
    """

    near_days: float
    far_days: float
    least_days: float


def smiles_as_of(
    options: pl.DataFrame,
    symbol: pl.Series,
    at: pl.Series,
    close: Array,
    max_age_s: int,
    rate_frac: float,
    where: Horizons,
) -> pl.DataFrame:
    """The measures of each symbol's chain at each instant; see `chains_as_of` and `smile_measures`.

    Rows are taken some at a time: twenty years of chains do not fit into memory, and no row depends on another.
    """
    facts = ordered_facts(options)
    parts = [
        smile_measures(chains_of(facts, symbol[rows], at[rows], max_age_s), close[rows], rate_frac, where)
        for rows in (slice(start, start + _ROWS_AT_ONCE) for start in range(0, max(len(close), 1), _ROWS_AT_ONCE))
    ]
    return pl.concat(parts)


def smile_measures(chains: Chains, close: Array, rate_frac: float, horizons: Horizons) -> pl.DataFrame:
    """The measures of each row's chain: `MEASURES`, null where the chain does not tell.

    atm_near_frac, atm_far_frac: volatility at the forward. put_wing_frac, call_wing_frac: volatility at a forward delta
    of 0.25, near. carry_frac: ln(forward / close) a year, near. move_frac: straddle at the forward over the close, of
    the first expiry. spread_frac: median of (ask - bid) / middle of its options within a tenth of the forward.

    Args:
        chains: the quotes.
        close: price of the underlying of each row.
        rate_frac: continuous interest rate a year, to discount with.
        horizons: where to read.
    """
    smiles = _smiles(chains, rate_frac, horizons.least_days / _DAYS_IN_YEAR)
    found = {name: np.full(len(close), np.nan) for name in MEASURES}
    near, far = horizons.near_days / _DAYS_IN_YEAR, horizons.far_days / _DAYS_IN_YEAR
    for rows in groups(smiles["row"], smiles["years"]):
        row, of_row = int(smiles["row"][rows[0]]), {name: values[rows] for name, values in smiles.items()}
        years = of_row["years"]
        found["atm_near_frac"][row] = _at_time(years, of_row["atm"], near)
        found["atm_far_frac"][row] = _at_time(years, of_row["atm"], far)
        found["put_wing_frac"][row] = _at_time(years, of_row["put_wing"], near)
        found["call_wing_frac"][row] = _at_time(years, of_row["call_wing"], near)
        with np.errstate(invalid="ignore", divide="ignore"):
            carry = np.log(of_row["forward"] / close[row])
        found["carry_frac"][row] = _inside(years, carry, near) / near
        found["move_frac"][row] = of_row["straddle"][0] / close[row]
        found["spread_frac"][row] = of_row["spread"][0]
    return pl.DataFrame({name: column(values) for name, values in found.items()})


def _smiles(chains: Chains, rate_frac: float, least_years: float) -> Mapping[str, Array]:
    """Every row's expiries: row, years, forward, atm, put_wing, call_wing, straddle, spread."""
    late = np.flatnonzero(chains.years >= least_years)
    quotes, years = chains.quotes, chains.years[late]
    key = chains.row[late] * _EPOCH + quotes.expiry[late]
    named = Quotes(key, quotes.strike_usd[late], quotes.is_call[late], quotes.bid_usd[late], quotes.ask_usd[late])
    discount = np.exp(-rate_frac * years)
    forwards = implied_forwards(named, discount, _FORWARD_STRIKES)
    place = np.minimum(np.searchsorted(forwards.expiry, key), max(len(forwards.expiry) - 1, 0))
    has_one = forwards.expiry[place] == key if len(forwards.expiry) else np.zeros(len(key), dtype=np.bool_)
    forward = np.full(len(key), np.nan)
    forward[has_one] = forwards.forward_usd[place[has_one]]
    volatility = implied_volatilities(
        named.middle_usd, Terms(forward, named.strike_usd, years, discount, named.is_call)
    ).volatility_frac
    points = _Points(named.strike_usd, named.is_call, forward, years, volatility, _relative_spread(named))
    described = [
        (float(key[rows[0]] // _EPOCH), *_smile(points, rows))
        for rows in groups(key, named.strike_usd)
        if np.isfinite(forward[rows[0]])
    ]
    table = np.array(described, dtype=np.float64).reshape(len(described), 8)
    names = ("row", "years", "forward", "atm", "put_wing", "call_wing", "straddle", "spread")
    return {name: table[:, at] for at, name in enumerate(names)}


@dataclass(frozen=True)
class _Points:
    """What smiles are drawn through, one entry a quote."""

    strike: Array
    is_call: Flags
    forward: Array
    years: Array
    volatility: Array
    spread: Array


def _relative_spread(quotes: Quotes) -> Array:
    """(ask - bid) / middle; NaN where the quote is crossed or lacks a side."""
    bid, ask = quotes.sides
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(ask >= bid, (ask - bid) / (0.5 * (ask + bid)), np.nan)


def _smile(points: _Points, rows: Index) -> tuple[float, ...]:
    """Years, forward, volatility at the money and at both wings, straddle and spread of one expiry."""
    level, time = float(points.forward[rows[0]]), float(points.years[rows[0]])
    k, spread = np.log(points.strike[rows] / level), points.spread[rows]
    close_by = (np.abs(k) <= 0.1) & np.isfinite(spread)  # noqa: PLR2004  # as smile_measures says
    volatility, rights = points.volatility[rows], points.is_call[rows]
    is_out = ((k >= 0.0) == rights) & np.isfinite(volatility)
    k, sigma, is_call = k[is_out], volatility[is_out], rights[is_out]
    atm = _inside(k, sigma * sigma, 0.0) ** 0.5
    total = sigma * time**0.5
    beyond = ndtr(np.where(is_call, 1.0, -1.0) * (0.5 * total - k / total))
    wings = [_by_delta(beyond[of_side], sigma[of_side]) for of_side in (~is_call, is_call)]
    straddle = 2.0 * level * (2.0 * float(ndtr(0.5 * atm * time**0.5)) - 1.0)
    return time, level, atm, wings[0], wings[1], straddle, _median(spread[close_by])


def _by_delta(delta: Array, sigma: Array) -> float:
    """Volatility at a forward delta of 0.25, by a straight line between the strikes around it."""
    order = np.argsort(delta, kind="stable")
    return _inside(delta[order], sigma[order], _QUARTER)


def _at_time(years: Array, sigma: Array, wanted: float) -> float:
    """Volatility at a time between two expiries: total variance is a straight line."""
    known = np.isfinite(sigma)
    total = _inside(years[known], sigma[known] ** 2 * years[known], wanted)
    return float((total / wanted) ** 0.5) if total >= 0.0 else float("nan")


def _inside(x: Array, y: Array, wanted: float) -> float:
    """The value on the line through the points around `wanted`; NaN outside them."""
    return float(np.interp(wanted, x, y, left=np.nan, right=np.nan)) if len(x) else float("nan")


def _median(values: Array) -> float:
    ordered = np.sort(values)
    if not len(ordered):
        return float("nan")
    return float(0.5 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]))
