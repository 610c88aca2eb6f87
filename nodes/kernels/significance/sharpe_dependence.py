"""Sharpe ratios of dependent returns: what autocorrelation does to their error and to a year's ratio."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array
from nodes.kernels.significance.checks import checked_series, require_between
from nodes.kernels.significance.sharpe import LEAST_RETURNS, central_moments
from nodes.vocabulary.errors import DataError


def robust_standard_error(returns: npt.ArrayLike, n_lags: int, risk_free_frac: float = 0.0) -> float:
    """Standard error of a Sharpe ratio of dependent returns of any law.

    Formula: sqrt(V / n), V = s(0) + 2 sum over lags j = 1..L of (1 - j / (L + 1)) s(j), s(j) the autocovariance with
    divisor n of u = z - SR (z^2 - 1) / 2, z = (r - mean) / sigma with divisor n. No lags: Mertens' with divisor n.
    Missing: refused. Source: Lo (2002), FAJ 58(4), eq. 17 and appendix A; Newey and West (1987), Econometrica 55(3).
    """
    values = checked_series(returns, LEAST_RETURNS, "the returns")
    if not 0 <= n_lags < len(values):
        message = f"n_lags was {n_lags}, expected 0 to {len(values) - 1}; give fewer lags or a longer sample"
        raise DataError(message)
    mean, (variance, _, _) = central_moments(values)
    z = (values - mean) / math.sqrt(variance)
    pull = z - (mean - risk_free_frac) / math.sqrt(variance) * (z * z - 1.0) / 2.0
    long_run = _autocovariance(pull, 0)
    for lag in range(1, n_lags + 1):
        long_run += 2.0 * (1.0 - lag / (n_lags + 1)) * _autocovariance(pull, lag)
    return math.sqrt(max(long_run, 0.0) / len(values))


def autocorrelations(returns: npt.ArrayLike, n_lags: int) -> Array:
    """Autocorrelations of lags 1 to `n_lags`: autocovariance with divisor n by variance with divisor n."""
    values = checked_series(returns, n_lags + 2, "the returns")
    mean, (variance, _, _) = central_moments(values)
    away = values - mean
    return np.array([_autocovariance(away, lag) / variance for lag in range(1, n_lags + 1)])


def aggregation_factor(correlations: npt.ArrayLike, n_periods: int) -> float:
    """By what a Sharpe ratio per period is multiplied to become one over `n_periods` of dependent returns.

    Formula: q / sqrt(q + 2 sum over k = 1..q-1 of (q - k) rho(k)); sqrt(q) without autocorrelation. Lags that are not
    given count as 0. Source: Lo (2002), FAJ 58(4), eq. 20.
    """
    rho = checked_series(correlations, 0, "the autocorrelations")[: max(n_periods - 1, 0)]
    require_between(float(n_periods), 0.0, math.inf, "n_periods", "give e.g. 12 for a year of months")
    spread = n_periods + 2.0 * float(np.sum((n_periods - np.arange(1, len(rho) + 1)) * rho))
    if not spread > 0.0:
        message = f"the variance over {n_periods} periods was {spread:g}; give autocorrelations that a series can have"
        raise DataError(message)
    return n_periods / math.sqrt(spread)


def first_order_aggregation_factor(correlation: float, n_periods: int) -> float:
    """The aggregation factor where autocorrelations fall as rho^k, as in a first-order autoregression.

    Source: Lo (2002), FAJ 58(4), eq. 21 and the table under it.
    """
    require_between(correlation, -1.0, 1.0, "the autocorrelation", "give one that a series can have")
    return aggregation_factor(correlation ** np.arange(1.0, max(n_periods, 1)), n_periods)


def _autocovariance(values: Array, lag: int) -> float:
    centred = values - math.fsum(values.tolist()) / len(values)
    return math.fsum((centred[: len(centred) - lag] * centred[lag:]).tolist()) / len(centred)
