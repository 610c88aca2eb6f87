"""A mean with an interval that dependence between neighbouring periods is allowed for.

Two ways: the variance by Newey and West's weights, and resampled blocks. A period without a value keeps its place, so
that lags count sessions, and takes no part in the sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling, resampled_sums
from nodes.kernels.significance.exact_sums import on_grid
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and where it may lie.

    Attributes:
        value: the mean; NaN without a value.
        error: its standard error; NaN with fewer than two values.
        low: lower end of the interval.
        high: upper end of it.
        n_periods: periods that have a value.
    """

    value: float
    error: float
    low: float
    high: float
    n_periods: int


def automatic_lags(n_periods: int) -> int:
    """Lags that grow with the sample: floor(4 (n/100)^(2/9)). Source: Newey and West (1994), RES 61(4)."""
    return math.floor(4.0 * math.pow(n_periods / 100.0, 2.0 / 9.0))


def hac_error(values: Array, n_lags: int) -> float:
    """Standard error of the mean: sqrt(g0 + 2 sum over lags l of (1 - l/(L+1)) g_l) / n, g_l summed products of gaps.

    Missing: a period without a value adds nothing to any product; NaN with fewer than two values.
    Source: Newey and West (1987), Econometrica 55(3).
    """
    known = np.isfinite(values)
    count = int(np.count_nonzero(known))
    if count < 2:  # noqa: PLR2004  # one value has no spread
        return math.nan
    gaps = np.where(known, values - np.mean(values[known]), 0.0)
    total = float(np.sum(gaps**2))
    for lag in range(1, min(n_lags, len(gaps) - 1) + 1):
        total += 2.0 * (1.0 - lag / (n_lags + 1.0)) * float(np.sum(gaps[lag:] * gaps[:-lag]))
    return math.sqrt(max(total, 0.0)) / count


def hac_mean(values: Array, n_lags: int, confidence_frac: float) -> Estimate:
    """The mean with an interval of the normal distribution around it, by `hac_error`."""
    _require_confidence(confidence_frac)
    known = values[np.isfinite(values)]
    mean = float(np.mean(known)) if len(known) else math.nan
    error = hac_error(values, n_lags)
    reach = float(ndtri(0.5 + confidence_frac / 2.0)) * error
    return Estimate(mean, error, mean - reach, mean + reach, len(known))


def block_mean(values: Array, resampling: Resampling, confidence_frac: float) -> Estimate:
    """The mean with the interval between the quantiles of the means of resampled blocks.

    A resample's mean is its sum by the number of its periods that have a value; resamples without any are left out.
    Source: Kunsch (1989), Annals of Statistics 17(3); Politis and Romano (1994), JASA 89(428).
    """
    _require_confidence(confidence_frac)
    known = np.isfinite(values)
    count = int(np.count_nonzero(known))
    if not count:
        return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    grid = on_grid(np.column_stack((np.where(known, values, 0.0), known.astype(np.float64))), len(values))
    sums = np.concatenate(list(resampled_sums(grid, resampling))) * grid.spacing
    drawn = sums[sums[:, 1] > 0.0]
    means = np.sort(drawn[:, 0] / drawn[:, 1])
    low, high = np.quantile(means, [0.5 - confidence_frac / 2.0, 0.5 + confidence_frac / 2.0]).tolist()
    return Estimate(float(np.mean(values[known])), float(np.std(means)), low, high, count)


def _require_confidence(confidence_frac: float) -> None:
    if not 0.0 < confidence_frac < 1.0:
        message = f"confidence_frac was {confidence_frac}, expected between 0 and 1; give for example 0.95"
        raise DataError(message)
