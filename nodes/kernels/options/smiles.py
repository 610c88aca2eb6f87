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
from nodes.kernels.options.lines import medians, on_lines
from nodes.kernels.options.parity import implied_forwards
from nodes.kernels.options.pricing import Flags, Terms
from nodes.kernels.options.quotes import Quotes

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
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _measures(chains, close, rate_frac, horizons)


def _measures(chains: Chains, close: Array, rate_frac: float, horizons: Horizons) -> pl.DataFrame:
    smiles = _smiles(chains, rate_frac, horizons.least_days / _DAYS_IN_YEAR)
    row, n_rows = smiles["row"].astype(np.int64), len(close)
    near, far = horizons.near_days / _DAYS_IN_YEAR, horizons.far_days / _DAYS_IN_YEAR
    found = {
        "atm_near_frac": _at_time(smiles, "atm", near, n_rows),
        "atm_far_frac": _at_time(smiles, "atm", far, n_rows),
        "put_wing_frac": _at_time(smiles, "put_wing", near, n_rows),
        "call_wing_frac": _at_time(smiles, "call_wing", near, n_rows),
    }
    carry = np.log(smiles["forward"] / close[row])
    found["carry_frac"] = on_lines(row, smiles["years"], carry, near, n_rows) / near
    some, first = np.unique(row, return_index=True)
    found |= {name: np.full(n_rows, np.nan) for name in ("move_frac", "spread_frac")}
    found["move_frac"][some] = smiles["straddle"][first] / close[some]
    found["spread_frac"][some] = smiles["spread"][first]
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
    order = np.lexsort((named.strike_usd, key))
    order = order[np.isfinite(forward[order])]
    points = _Points(named.strike_usd, named.is_call, forward, years, volatility, _relative_spread(named)).at(order)
    first = np.flatnonzero(np.append(True, np.diff(key[order]) != 0)[: len(order)])
    return {"row": (key[order][first] // _EPOCH).astype(np.float64), **_described(points, first)}


@dataclass(frozen=True)
class _Points:
    """What smiles are drawn through, one entry a quote."""

    strike: Array
    is_call: Flags
    forward: Array
    years: Array
    volatility: Array
    spread: Array

    def at(self, rows: Index) -> _Points:
        """Some of them, in the order of `rows`."""
        return _Points(
            self.strike[rows],
            self.is_call[rows],
            self.forward[rows],
            self.years[rows],
            self.volatility[rows],
            self.spread[rows],
        )


def _relative_spread(quotes: Quotes) -> Array:
    """(ask - bid) / middle; NaN where the quote is crossed or lacks a side."""
    bid, ask = quotes.sides
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(ask >= bid, (ask - bid) / (0.5 * (ask + bid)), np.nan)


def _described(points: _Points, first: Index) -> Mapping[str, Array]:
    """Years, forward, volatility at the money and at both wings, straddle and spread of each smile.

    Args:
        points: by smile, and by strike within it.
        first: first point of each smile.
    """
    n, level, years = len(first), points.forward[first], points.years[first]
    smile = np.repeat(np.arange(n), np.diff(np.append(first, len(points.strike))))
    k = np.log(points.strike / points.forward)
    close_by = (np.abs(k) <= 0.1) & np.isfinite(points.spread)  # noqa: PLR2004  # as smile_measures says
    is_out = ((k >= 0.0) == points.is_call) & np.isfinite(points.volatility)
    out, of, k = points.at(np.flatnonzero(is_out)), smile[is_out], k[is_out]
    atm = np.sqrt(on_lines(of, k, out.volatility * out.volatility, 0.0, n))
    total = out.volatility * np.sqrt(out.years)
    delta = ndtr(np.where(out.is_call, 1.0, -1.0) * (0.5 * total - k / total))
    return {
        "years": years,
        "forward": level,
        "atm": atm,
        "put_wing": _by_delta(of, delta, out.volatility, ~out.is_call, n),
        "call_wing": _by_delta(of, delta, out.volatility, out.is_call, n),
        "straddle": 2.0 * level * (2.0 * ndtr(0.5 * atm * np.sqrt(years)) - 1.0),
        "spread": medians(smile[close_by], points.spread[close_by], n),
    }


def _by_delta(smile: Index, delta: Array, sigma: Array, is_side: Flags, n_smiles: int) -> Array:
    """Volatility at a forward delta of 0.25, by a straight line between the strikes around it."""
    rows = np.flatnonzero(is_side & np.isfinite(delta))
    rows = rows[np.lexsort((delta[rows], smile[rows]))]
    return on_lines(smile[rows], delta[rows], sigma[rows], _QUARTER, n_smiles)


def _at_time(smiles: Mapping[str, Array], name: str, wanted: float, n_rows: int) -> Array:
    """Volatility at a time between two expiries: total variance is a straight line."""
    known = np.isfinite(smiles[name])
    row, years, sigma = smiles["row"][known].astype(np.int64), smiles["years"][known], smiles[name][known]
    total: Array = on_lines(row, years, sigma**2 * years, wanted, n_rows)
    return np.sqrt(total / wanted)
