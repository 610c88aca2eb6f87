"""Is the best of many strategies better than the benchmark, or the luckiest? Reality Check and superior ability.

Both ask of differentials: by how much each strategy beat the benchmark, period by period. The null is that none of
them has a positive mean. p is the share of resamples whose maximum is at least the sample's own; so a sample in which
nothing beats the benchmark has p = 1, whatever the resamples say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.bootstrap import (
    Resampling,
    bootstrap_variances,
    kernel_variances,
    require_resampling,
    resampled_sums,
)
from nodes.kernels.significance.checks import checked_panel, checked_series, require_variation
from nodes.kernels.significance.exact_sums import Grid, exact_sums, on_grid
from nodes.vocabulary.errors import DataError

Sense: TypeAlias = Literal["gain", "loss"]
Studentisation: TypeAlias = Literal["kernel", "bootstrap", "none"]

LEAST_PERIODS = 10
"""Fewer periods say nothing in blocks, and log log n needs more than e."""
_WHAT = "the differentials"


@dataclass(frozen=True)
class RealityCheck:
    """White's Reality Check.

    Attributes:
        statistic: sqrt(n) x the largest mean differential.
        best: column of the strategy that has it; the first of equals.
        p_value: share of resamples whose maximum is at least as large.
        nulls: the maximum of every resample.
    """

    statistic: float
    best: int
    p_value: float
    nulls: Array


@dataclass(frozen=True)
class SuperiorAbility:
    """Hansen's test for superior predictive ability.

    Attributes:
        statistic: the largest of the t statistics, or 0 when none is positive.
        best: column of the strategy with the largest; the first of equals.
        p_lower: p when strategies worse than the benchmark are taken to be as bad as they look; too small if anything.
        p_consistent: p when only those significantly worse are: the p to quote.
        p_upper: p when all are taken to be as good as the benchmark; too large if anything.
        t_statistics: sqrt(n) mean / omega of every strategy.
        omega: standard deviation of sqrt(n) x the mean of every strategy; 1 without studentisation.
        n_significantly_worse: how many strategies the consistent p leaves where they are.
        nulls: the maximum of every resample, columns lower, consistent, upper.
    """

    statistic: float
    best: int
    p_lower: float
    p_consistent: float
    p_upper: float
    t_statistics: Array
    omega: Array
    n_significantly_worse: int
    nulls: Array


@dataclass(frozen=True)
class Standardised:
    """Differentials ready for resampling.

    Attributes:
        grid: the differentials on their grid.
        scale: what turns a sum of the grid's whole numbers into sqrt(n) mean / omega.
        t_statistics: sqrt(n) mean / omega of every strategy.
        omega: their divisors.
    """

    grid: Grid
    scale: Array
    t_statistics: Array
    omega: Array


def differentials(strategies: npt.ArrayLike, benchmark: npt.ArrayLike, sense: Sense) -> Array:
    """By how much each strategy beat the benchmark in each period.

    Formula: gain: strategy - benchmark; loss: benchmark - strategy. A benchmark of one number holds for every period.

    Raises:
        DataError: shapes that do not fit, a value that is not finite, or a sense that is neither.
    """
    panel = checked_panel(strategies, 1, 1, "the strategies")
    level = np.asarray(benchmark, dtype=np.float64)
    against = checked_series(np.atleast_1d(level), 1, "the benchmark")
    if level.ndim and len(against) != len(panel):
        message = f"the benchmark has {len(against)} periods, expected the {len(panel)} of the strategies; align them"
        raise DataError(message)
    if sense not in {"gain", "loss"}:
        message = f"the sense was {sense!r}, expected gain or loss; say which way is better"
        raise DataError(message)
    beaten = panel - against[:, None]
    return beaten if sense == "gain" else -beaten


def reality_check(beaten: npt.ArrayLike, resampling: Resampling) -> RealityCheck:
    """White's Reality Check of differentials, one row a period, one column a strategy.

    Formula: V = max over k of sqrt(n) mean(k); V* = max over k of sqrt(n) (mean*(k) - mean(k)); p = share of V* >= V.
    Missing: refused, as are fewer than 10 periods and differentials that do not vary.
    Source: White (2000), A Reality Check for Data Snooping, Econometrica 68(5), section 2.
    """
    ready = standardised(beaten, resampling, "none")
    best = int(np.argmax(ready.t_statistics))
    total = ready.t_statistics
    nulls = np.concatenate(
        [np.max(sums * ready.scale - total, axis=1) for sums in resampled_sums(ready.grid, resampling)]
    )
    statistic = float(total[best])
    return RealityCheck(statistic, best, share_at_least(nulls, statistic), nulls)


def superior_ability(
    beaten: npt.ArrayLike, resampling: Resampling, studentisation: Studentisation = "kernel"
) -> SuperiorAbility:
    """Hansen's test of differentials, one row a period, one column a strategy.

    Formula: T = max(0, max of sqrt(n) mean(k) / w(k)); T* = max(0, max of sqrt(n) (mean*(k) - g(k)) / w(k)), over k,
    with g = max(0, mean) lower, mean where sqrt(n) mean / w >= -sqrt(2 log log n) and else 0 consistent, mean upper;
    p = share of T* >= T. w is the scheme's own standard deviation ("kernel"), that of the resamples ("bootstrap"), or
    1 ("none", for comparison only: one noisy strategy then hides all others).
    Missing: refused, as are fewer than 10 periods and differentials that do not vary.
    Source: Hansen (2005), A Test for Superior Predictive Ability, JBES 23(4), sections 2 and 3.
    """
    ready = standardised(beaten, resampling, studentisation)
    own = ready.t_statistics
    best = int(np.argmax(own))
    is_worse = significantly_worse(ready)
    centres = np.stack([np.maximum(own, 0.0), np.where(is_worse, 0.0, own), own])
    nulls = np.concatenate([_maxima(sums * ready.scale, centres) for sums in resampled_sums(ready.grid, resampling)])
    statistic = max(0.0, float(own[best]))
    lower, consistent, upper = (share_at_least(nulls[:, each], statistic) for each in range(len(centres)))
    return SuperiorAbility(statistic, best, lower, consistent, upper, own, ready.omega, int(np.sum(is_worse)), nulls)


def standardised(beaten: npt.ArrayLike, resampling: Resampling, studentisation: Studentisation) -> Standardised:
    """Checked differentials on their grid, with their t statistics.

    Raises:
        DataError: as `superior_ability`.
    """
    panel = checked_panel(beaten, LEAST_PERIODS, 1, _WHAT)
    require_resampling(resampling, len(panel))
    require_variation(np.ptp(panel, axis=0), np.max(np.abs(panel), axis=0), _WHAT)
    grid = on_grid(panel, len(panel))
    omega = _omega(panel, resampling, studentisation)
    scale = grid.spacing / (math.sqrt(len(panel)) * omega)
    return Standardised(grid, scale, exact_sums(np.ones((1, len(panel))), grid.whole)[0] * scale, omega)


def _omega(panel: Array, resampling: Resampling, studentisation: Studentisation) -> Array:
    if studentisation == "none":
        return np.ones(panel.shape[1])
    if studentisation == "kernel":
        omega = np.sqrt(kernel_variances(panel, resampling))
    elif studentisation == "bootstrap":
        omega = np.sqrt(bootstrap_variances(panel, resampling))
    else:
        message = f"the studentisation was {studentisation!r}, expected kernel, bootstrap or none; name one of them"
        raise DataError(message)
    require_variation(omega, np.max(np.abs(panel), axis=0), "the block means")
    return omega


def significantly_worse(ready: Standardised) -> npt.NDArray[np.bool_]:
    """Which strategies lie under -sqrt(2 log log n) standard deviations. Source: Hansen (2005), section 2.2."""
    return ready.t_statistics < -math.sqrt(2.0 * math.log(math.log(len(ready.grid.whole))))


def share_at_least(nulls: Array, statistic: float) -> float:
    """The share of null values that are at least the statistic."""
    return int(np.count_nonzero(nulls >= statistic)) / len(nulls)


def _maxima(drawn: Array, centres: Array) -> Array:
    """The largest of every resample around each of the three centres, at least 0."""
    return np.stack([np.maximum(np.max(drawn - centre, axis=1), 0.0) for centre in centres], axis=1)


def ranking(statistics: Array) -> Index:
    """Places of the statistics from the largest down; equals keep their order."""
    return np.argsort(-statistics, kind="stable")
