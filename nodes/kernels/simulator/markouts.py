"""Markouts: where the middle stands some time after a fill, signed so that positive is good for us.

A maker who is filled just before prices move through him has negative markouts: adverse selection. Two are told:
against the price of the fill, which holds what the spread earned, and against the middle at the fill, which does not.

Source: Harris (2003), Trading and Exchanges, chapter 14; SEC Rule 605 (17 CFR 242.600(b)) for realised spreads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.simulator.results import SimulationResult
from nodes.vocabulary.trading import NS_PER_S

HORIZONS_S = (1, 5, 30, 60)


@dataclass(frozen=True)
class Fills:
    """Fills as columns.

    Attributes:
        at_ns: when.
        sign: 1 bought, -1 sold.
        shares: how many.
        price_e4: at which price, in 1/10,000 USD.
    """

    at_ns: Index
    sign: Index
    shares: Index
    price_e4: Index


@dataclass(frozen=True)
class Markout:
    """Averages over fills at one horizon, weighted by shares, in basis points of the middle at the fill.

    Attributes:
        horizon_s: how long after the fill.
        from_price_bps: middle then less price of the fill; None when no fill has both.
        from_middle_bps: middle then less middle at the fill; None likewise.
        n_fills: fills that the averages are of.
        n_unknown: fills whose horizon lies after the last quote, or that had no two-sided quote.
    """

    horizon_s: int
    from_price_bps: float | None
    from_middle_bps: float | None
    n_fills: int
    n_unknown: int


def fills_of(result: SimulationResult, liquidity: int | None = None, place: int | None = None) -> Fills:
    """The fills of a simulation, all of them or those of one liquidity and book."""
    chosen = [
        fill
        for fill in result.fills
        if (liquidity is None or fill.liquidity == liquidity) and (place is None or fill.place == place)
    ]
    signs = [result.orders[fill.cl_ord_id].order.side.sign for fill in chosen]
    columns = ([fill.at_ns for fill in chosen], signs, [f.last_shares for f in chosen], [f.last_e4 for f in chosen])
    return Fills(*(np.array(column, np.int64) for column in columns))


def middles(result: SimulationResult, place: int) -> tuple[Index, Array]:
    """When the middle of a book changed, and what it was then, in 1/10,000 USD; NaN where a side was missing."""
    rows = np.array([(at, bid, ask) for book, at, bid, ask in result.quotes if book == place], np.int64).reshape(-1, 3)
    is_two_sided = (rows[:, 1] > 0) & (rows[:, 2] > 0)
    return rows[:, 0], np.where(is_two_sided, (rows[:, 1] + rows[:, 2]) / 2.0, np.nan)


def markout_bps(fills: Fills, at_ns: Index, middle_e4: Array, horizon_s: int) -> tuple[Array, Array]:
    """For each fill, against its price and against the middle at it; NaN where either middle is not known.

    Formula: sign * (middle(t + horizon) - reference) / middle(t) * 10,000
    """
    if not len(at_ns):
        nothing = np.full(len(fills.at_ns), np.nan)
        return nothing, nothing
    then_ns = fills.at_ns + horizon_s * NS_PER_S
    now, then = (_as_of(at_ns, middle_e4, instants) for instants in (fills.at_ns, then_ns))
    then = np.where(then_ns <= at_ns[-1], then, np.nan)
    scale = fills.sign / now * 1e4
    return scale * (then - fills.price_e4), scale * (then - now)


def markouts(
    fills: Fills, at_ns: Index, middle_e4: Array, horizons_s: Sequence[int] = HORIZONS_S
) -> tuple[Markout, ...]:
    """Average markouts at some horizons."""
    return tuple(_markout(fills, at_ns, middle_e4, horizon_s) for horizon_s in horizons_s)


def _markout(fills: Fills, at_ns: Index, middle_e4: Array, horizon_s: int) -> Markout:
    from_price, from_middle = markout_bps(fills, at_ns, middle_e4, horizon_s)
    is_known = np.isfinite(from_price)
    n_known = int(is_known.sum())
    weights = fills.shares[is_known].astype(np.float64)
    averages = [
        math.fsum(weights * values[is_known]) / math.fsum(weights) if n_known else None
        for values in (from_price, from_middle)
    ]
    return Markout(horizon_s, averages[0], averages[1], n_known, len(is_known) - n_known)


def _as_of(at_ns: Index, values: Array, instants: Index) -> Array:
    """The newest value at or before each instant; NaN before the first."""
    places = np.searchsorted(at_ns, instants, side="right") - 1
    return np.where(places >= 0, values[np.maximum(places, 0)], np.nan)
