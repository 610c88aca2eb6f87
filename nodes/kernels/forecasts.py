"""Quantile forecasts of a price path, and how good such forecasts were.

A path is the natural log of prices, one a session. A forecast gives, for each horizon, quantiles of the log return from
the last session on: what lies at the level's share of the outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

VOLATILITY_SESSIONS = 100
"""How many returns a smoothed volatility looks back on: its finite warm-up."""
_LEAST_OUTCOMES = 60
_N_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Skill:
    """How much less forecasts lose than a rival's: 0 is alike, 1 is perfect, below 0 is worse.

    Attributes:
        frac: 1 - mean loss / mean loss of the rival.
        low: lower end of the 95 % interval.
        high: upper end.
    """

    frac: float
    low: float
    high: float


def smoothed_volatility(returns: Array, decay: float) -> Array:
    """Volatility after each return from the hundred returns up to it, newer ones counting more; NaN before.

    Formula: sqrt(sum_j decay^j r_{t-j}^2 / sum_j decay^j), j from 0 to 99
    Unit: log return a session. Missing: NaN for the first 99 returns.
    Source: J.P. Morgan, Reuters (1996), RiskMetrics technical document, section 5.2 (decay 0.94 for days).
    """
    found = np.full(len(returns), np.nan)
    if len(returns) >= VOLATILITY_SESSIONS:
        weights = decay ** np.arange(VOLATILITY_SESSIONS - 1, -1, -1.0)
        squares = sliding_window_view(np.square(returns), VOLATILITY_SESSIONS)
        found[VOLATILITY_SESSIONS - 1 :] = np.sqrt((squares * weights).sum(axis=1) / weights.sum())
    return found


def scaled_quantiles(path: Array, horizons: Sequence[int], levels: Sequence[float], decay: float) -> Array:
    """Quantiles of past returns over each horizon in units of the volatility at their start, times that of today.

    Formula: q_h(level) = quantile(level, r_{t,t+h} / (s_t sqrt(h))) s_T sqrt(h), t + h at most T
        and s `smoothed_volatility`
    Unit: log return. Missing: refused where a horizon has fewer than 60 past outcomes.
    Source: Barone-Adesi, Giannopoulos, Vosper (1999), VaR without correlations for portfolios of derivative securities,
        Journal of Futures Markets 19 (filtered historical simulation), with overlapping outcomes.
    """
    volatility = smoothed_volatility(np.diff(path), decay)
    at = np.arange(1, len(path))
    found = np.empty((len(horizons), len(levels)))
    for row, horizon in enumerate(horizons):
        begin = at[VOLATILITY_SESSIONS - 1 : len(at) - horizon]
        require_outcomes(len(begin), horizon)
        scale = volatility[begin - 1] * math.sqrt(horizon)
        moved = scale > 0.0
        outcomes = (path[begin + horizon] - path[begin])[moved] / scale[moved]
        require_outcomes(len(outcomes), horizon)
        found[row] = np.quantile(outcomes, levels) * volatility[-1] * math.sqrt(horizon)
    return found


def naive_quantiles(path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
    """A random walk without drift: normal around the last value, its variance growing with the horizon.

    Formula: q_h(level) = z(level) sd(r) sqrt(h)
    Unit: log return. Missing: refused under 60 past returns.
    Source: Hyndman, Athanasopoulos (2021), Forecasting: principles and practice, third edition, section 5.5.
    """
    require_outcomes(len(path) - 1, 1)
    spread = math.sqrt(float(np.square(np.diff(path)).mean()))
    z = np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.array([z * spread * math.sqrt(horizon) for horizon in horizons])


def seasonal_quantiles(path: Array, horizons: Sequence[int], levels: Sequence[float], season: int) -> Array:
    """The value of one season before: normal around it, its variance growing with the seasons ahead.

    Formula: k = ceil(h / m); q_h(level) = x_{T + h - m k} - x_T + z(level) sd(x_t - x_{t-m}) sqrt(k)
    Unit: log return. Missing: refused under 60 past seasonal differences.
    Source: Hyndman, Athanasopoulos (2021), sections 5.2 and 5.5.
    """
    require_outcomes(len(path) - season, season)
    spread = math.sqrt(float(np.square(path[season:] - path[:-season]).mean()))
    z = np.array([NormalDist().inv_cdf(level) for level in levels])
    found = []
    for horizon in horizons:
        ahead = -(-horizon // season)
        centre = path[len(path) - 1 + horizon - season * ahead] - path[-1]
        found.append(centre + z * spread * math.sqrt(ahead))
    return np.array(found)


def pinball_losses(outcomes: Array, quantiles: Array, levels: Sequence[float]) -> Array:
    """Mean over levels of the pinball loss of each forecast: proper, and least for the true quantiles.

    Formula: mean over levels of max(level (y - q), (level - 1)(y - q))
    Unit: that of the outcomes. Missing: NaN where an outcome or a quantile is.
    Source: Koenker, Bassett (1978), Regression quantiles, Econometrica 46; Gneiting, Raftery (2007), Strictly proper
        scoring rules, JASA 102, section 6.

    Args:
        outcomes: one a forecast.
        quantiles: one row a forecast, one column a level.
        levels: of the columns.
    """
    gaps = outcomes[:, None] - quantiles
    level = np.array(levels)
    return np.asarray(np.maximum(level * gaps, (level - 1.0) * gaps).mean(axis=1), np.float64)


def coverage_frac(outcomes: Array, low: Array, high: Array) -> float:
    """Share of the outcomes inside of their interval, ends included; NaN without any."""
    if not len(outcomes):
        return math.nan
    return float(((low <= outcomes) & (outcomes <= high)).mean())


def skill(losses: Array, rival: Array, block: int, seed: int) -> Skill:
    """Skill of forecasts over a rival's, with an interval from blocks of neighbouring origins drawn anew.

    Source: Murphy (1988) for the score; Kunsch (1989), The jackknife and the bootstrap for general stationary
        observations, Annals of Statistics 17, for moving blocks.

    Args:
        losses: one a forecast, in order of their origins.
        rival: the rival's, of the same forecasts.
        block: how many neighbours are drawn together: forecasts whose outcomes overlap.
        seed: of the draws.
    """
    n_rows = len(losses)
    block = max(1, min(block, n_rows))
    chance = np.random.default_rng(seed)
    starts = chance.integers(0, n_rows - block + 1, (_N_DRAWS, -(-n_rows // block)))
    rows = (starts[:, :, None] + np.arange(block)).reshape(_N_DRAWS, -1)[:, :n_rows]
    drawn = 1.0 - losses[rows].mean(axis=1) / rival[rows].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    return Skill(1.0 - float(losses.mean() / rival.mean()), low, high)


def require_outcomes(n_outcomes: int, horizon: int) -> None:
    """Raises DataError where there are too few past outcomes over a horizon to tell quantiles from."""
    if n_outcomes < _LEAST_OUTCOMES:
        message = f"{max(n_outcomes, 0)} past outcomes over {horizon} sessions tell no quantiles"
        raise DataError(f"{message}; ask for a longer history: {_LEAST_OUTCOMES} are needed", reason="not-known")
