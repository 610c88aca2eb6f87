"""Panels of returns for the tests of significance: noise, with a lead for some strategies."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling

FEW = Resampling("stationary", 5.0, 300, 11)


def noise(n_periods: int, n_strategies: int, seed: int = 0, persistence: float = 0.0) -> Array:
    """Standard normal innovations, made persistent by a first-order autoregression."""
    shocks = np.random.default_rng(seed).standard_normal((n_periods, n_strategies))
    for place in range(1, n_periods):
        shocks[place] += persistence * shocks[place - 1]
    return shocks


def trap() -> Array:
    """One strategy with t = 5.4 among twenty that are twenty times as noisy."""
    state = np.random.RandomState(7)
    return np.column_stack([0.30 + state.randn(500), 20.0 * state.randn(500, 20)])
