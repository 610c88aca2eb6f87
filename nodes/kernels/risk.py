"""Covariance, risk contributions and what a path of returns or levels says afterwards.

All sums run in a fixed order, so that the same values give the same bits on every call.
"""

from __future__ import annotations

import math

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError


def covariance(returns: Array) -> Array:
    """Sample covariance of the columns, rows added oldest first, divisor rows - 1.

    A column with a missing value has no covariance: its row and column are NaN.
    """
    rows = len(returns)
    if rows < 2:  # noqa: PLR2004  # a deviation needs two values
        message = f"covariance of {rows} sessions is undefined; give at least 2"
        raise DataError(message)
    mean = returns[0].copy()
    for row in returns[1:]:
        mean += row
    mean /= rows
    total = np.zeros((returns.shape[1], returns.shape[1]))
    for row in returns - mean:
        total += row[:, None] * row[None, :]
    total /= rows - 1
    return total


def risk_contributions(weights: Array, matrix: Array) -> Array:
    """Each weight times its marginal variance; they add up to the portfolio's variance."""
    return weights * products(matrix, weights)


def portfolio_volatility(weights: Array, matrix: Array) -> float:
    """Standard deviation of the weighted sum: sqrt(w' C w)."""
    variance = 0.0
    for contribution in risk_contributions(weights, matrix).tolist():
        variance += contribution
    return math.sqrt(max(variance, 0.0))


def products(matrix: Array, weights: Array) -> Array:
    """The matrix times the weights, columns added left to right."""
    total = np.zeros(len(matrix))
    for place, weight in enumerate(weights.tolist()):
        total = total + matrix[:, place] * weight
    return total


def max_drawdown(returns: Array) -> float:
    """Largest loss from a peak of the compounded path to a later level: 0 when it never falls, 1 when all is lost.

    A missing return is skipped: it moved nothing. The start of the path counts as a peak.
    """
    level = peak = 1.0
    worst = 0.0
    for step in returns[np.isfinite(returns)].tolist():
        level *= 1.0 + step
        if level <= 0.0:
            return 1.0
        peak = max(peak, level)
        worst = max(worst, 1.0 - level / peak)
    return worst


def sharpe_ratio(returns: Array, benchmark: float) -> float:
    """Mean excess over the benchmark by its sample standard deviation, per period; NaN when it does not vary.

    Source: Sharpe (1994), J. Portfolio Management 21(1), ex post ratio.
    """
    excess = (returns - benchmark)[:, None]
    mean = 0.0
    for value in excess[:, 0].tolist():
        mean += value / len(excess)
    deviation = math.sqrt(float(covariance(excess)[0, 0]))
    return mean / deviation if deviation > 0.0 else math.nan
