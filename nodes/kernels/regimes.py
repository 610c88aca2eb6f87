"""States of the market from an index and its volatility, from what had been seen by each session only.

Nothing is fitted on the whole history: a state compares the last value with the window that ends with it.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_mean, window_rank

CALM, USUAL, TURBULENT = 0.0, 1.0, 2.0
DOWN, SIDEWAYS, UP = -1.0, 0.0, 1.0


def volatility_tercile(volatility: Array, segments: Index, window: int) -> Array:
    """In which third of its last `window` values the volatility lies: 0 calm, 1 usual, 2 turbulent.

    The third is that of its rank among the values before it, ties counted half.
    """
    return ranked_third(window_rank(volatility, segments, window))


def ranked_third(rank: Array) -> Array:
    """The third that a rank between 0 and 1 lies in: up to a third 0, over two thirds 2, between them 1."""
    with np.errstate(invalid="ignore"):
        third = np.where(rank > 2.0 / 3.0, TURBULENT, np.where(rank <= 1.0 / 3.0, CALM, USUAL))
    return np.where(np.isnan(rank), np.nan, third)


def trend_state(level: Array, segments: Index, fast: int, slow: int) -> Array:
    """1 while level and fast average stand over the slow average, -1 while both stand under it, 0 else.

    The averages are simple ones over the last `fast` and `slow` levels, which stand on one basis (an index).
    Source: Faber (2007), J. Wealth Management 9(4), 69-79 (level against a ten-month average); the fast average
    confirms it.
    """
    quick, calm = window_mean(level, segments, fast), window_mean(level, segments, slow)
    with np.errstate(invalid="ignore"):
        state = 1.0 * ((level > calm) & (quick > calm)) - 1.0 * ((level < calm) & (quick < calm))
    return np.where(np.isnan(quick) | np.isnan(calm), np.nan, state)


def held_state(state: Array, segments: Index, sessions: int) -> Array:
    """The newest state that lasted `sessions` rows in a row within the last 2 `sessions` rows; NaN where none did.

    A state that flickers for less does not count. The look back is finite, so that a window alone gives the same.
    """
    held = np.full(len(state), np.nan)
    before = [lagged(state, segments, back) for back in range(2 * sessions)]
    for back in range(sessions, -1, -1):
        run = before[back]
        lasted = ~np.isnan(run)
        for further in range(1, sessions):
            lasted &= before[back + further] == run
        held = np.where(lasted, run, held)
    return held


def variance_by_state(values: Array, state: Array, states: tuple[float, ...]) -> Array:
    """Sample variance of the values in each state, one a state; NaN where a state has fewer than two.

    Formula: sum((x - mean)^2) / (n - 1) over the rows of the state
    Unit: squared unit of the values. Missing: rows without value or state count for none.
    """
    found = np.full(len(states), np.nan)
    for place, wanted in enumerate(states):
        part = values[(state == wanted) & ~np.isnan(values)]
        if len(part) > 1:
            found[place] = np.sum((part - np.sum(part) / len(part)) ** 2) / (len(part) - 1)
    return found
