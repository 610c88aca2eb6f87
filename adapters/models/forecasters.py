"""Forecasters of a price path: each gives quantiles of the log return over some horizons, from the path alone.

The first three need nothing but arrays and serve requests. The boosted one is trained, and exported like any model; it
is measured beside them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from adapters.models.light_gbm import QuantileLightGbm
from nodes.kernels.arrays import Array
from nodes.kernels.forecasts import (
    VOLATILITY_SESSIONS,
    naive_quantiles,
    require_outcomes,
    scaled_quantiles,
    seasonal_quantiles,
    smoothed_volatility,
)

HORIZONS = {"1d": 1, "5d": 5, "21d": 21}
"""Named horizons, in sessions."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DECAY = 0.94
WEEK_SESSIONS = 5
_SLOW_DECAY = 0.99
_LOOKBACKS = (1, 5, 21)
_SETTINGS = {"n_trees": 40, "n_leaves": 4, "max_depth": 2, "learning_rate": 0.05, "min_leaf_samples": 50}


class Forecaster(Protocol):
    """A way to forecast."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """Quantiles of the log return from the last session on: one row a horizon, one column a level.

        Args:
            path: log prices, one a session, the last one known.
            horizons: in sessions.
            levels: shares of the outcomes below.
        """
        ...


@dataclass(frozen=True)
class Naive:
    """A random walk without drift."""

    name: str = "naive"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """As `naive_quantiles` has it."""
        return naive_quantiles(path, horizons, levels)


@dataclass(frozen=True)
class SeasonalNaive:
    """The value a week of sessions before."""

    name: str = "seasonal-naive"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """As `seasonal_quantiles` has it."""
        return seasonal_quantiles(path, horizons, levels, WEEK_SESSIONS)


@dataclass(frozen=True)
class ScaledEmpirical:
    """Past returns in units of their volatility, times the volatility of today: the forecast that is served."""

    name: str = "volatility-scaled"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """As `scaled_quantiles` has it."""
        return scaled_quantiles(path, horizons, levels, DECAY)


@dataclass(frozen=True)
class BoostedQuantiles:
    """LightGBM under the loss of each quantile, on returns in units of the volatility at their start."""

    seed: int = 0
    name: str = "boosted-quantiles"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """Quantiles that never cross: each row is sorted."""
        features, volatility = _features(path)
        found = np.empty((len(horizons), len(levels)))
        for row, horizon in enumerate(horizons):
            n_known = len(features) - horizon
            require_outcomes(n_known, horizon)
            scale = volatility * math.sqrt(horizon)
            first = len(path) - len(features)
            outcomes = path[first + horizon :] - path[first:-horizon]
            target, weights = outcomes / scale[:n_known], np.ones(n_known)
            for column, level in enumerate(levels):
                model = QuantileLightGbm(level).fitted(features[:n_known], target, weights, _SETTINGS, self.seed)
                found[row, column] = model.predicted(features[-1:])[0] * scale[-1]
        return np.sort(found, axis=1)


SERVED = ScaledEmpirical()
"""The forecast that requests are answered with."""
QUICK: tuple[Forecaster, ...] = (Naive(), SeasonalNaive(), SERVED)
"""What can be measured while a request waits."""


def _features(path: Array) -> tuple[Array, Array]:
    """What is known after each session that has a volatility, and that volatility; the last row is today."""
    returns = np.diff(path)
    fast, slow = smoothed_volatility(returns, DECAY), smoothed_volatility(returns, _SLOW_DECAY)
    rows = np.arange(VOLATILITY_SESSIONS - 1, len(returns))
    moved = rows[fast[rows] > 0.0]
    rows = moved if len(moved) == len(rows) else rows
    scale = np.maximum(fast[rows], np.finfo(np.float64).tiny)
    lagged = [(path[rows + 1] - path[rows + 1 - back]) / (scale * math.sqrt(back)) for back in _LOOKBACKS]
    return np.column_stack([np.log(scale / np.maximum(slow[rows], np.finfo(np.float64).tiny)), *lagged]), scale
