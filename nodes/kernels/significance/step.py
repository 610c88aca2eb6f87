"""Which of many strategies are better than the benchmark? Stepwise multiple testing of the whole family.

The Reality Check says whether the best one is; here as many as possible are named while the chance of naming even one
falsely stays at the level. Each step compares those that remain with the maximum over those that remain only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.bootstrap import Resampling, resampled_sums
from nodes.kernels.significance.checks import require_between
from nodes.kernels.significance.reality_check import (
    Standardised,
    Studentisation,
    ranking,
    significantly_worse,
    standardised,
)

Centring: TypeAlias = Literal["upper", "consistent"]


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        critical_value: what a t statistic had to pass.
        rejected: columns of the strategies that passed it, strongest first; none in the last step.
    """

    critical_value: float
    rejected: tuple[int, ...]


@dataclass(frozen=True)
class StepM:
    """The outcome of stepwise testing.

    Attributes:
        superior: columns of the strategies that beat the benchmark, in ascending order.
        steps: what each step did; the last one rejects nothing, unless nothing remains.
        p_adjusted: of every strategy, the smallest level at which it is named.
        t_statistics: sqrt(n) mean / omega of every strategy.
    """

    superior: tuple[int, ...]
    steps: tuple[Step, ...]
    p_adjusted: Array
    t_statistics: Array


def step_m(
    beaten: npt.ArrayLike,
    resampling: Resampling,
    level_frac: float,
    studentisation: Studentisation = "kernel",
    centring: Centring = "upper",
) -> StepM:
    """Stepwise multiple testing of differentials, one row a period, one column a strategy.

    Formula: at each step c = the (1 - level) quantile of max over the remaining k of (z*(k) - z(k)), with z = sqrt(n)
    mean / w; every remaining k with z(k) > c is rejected; it ends when none is. Centring "consistent" takes 0 for z(k)
    of what is significantly worse, as Hansen's consistent p does, which finds more when many are poor.
    p adjusted, strongest first: the running maximum of the share of those maxima that are at least z(k).
    Missing: refused, as `superior_ability` refuses.
    Source: Romano and Wolf (2005), Econometrica 73(4), algorithms 3.1 and 4.1; Romano and Wolf (2016), Statistics and
    Probability Letters 113, for p; Hsu, Hsu and Kuan (2010), J. Empirical Finance 17(3), for "consistent".
    """
    require_between(level_frac, 0.0, 1.0, "the level", "give a share such as 0.05")
    ready = standardised(beaten, resampling, studentisation)
    order = ranking(ready.t_statistics)
    centre = _centre(ready, centring)
    steps = tuple(_steps(ready, centre, resampling, order, level_frac))
    superior = tuple(sorted(column for step in steps for column in step.rejected))
    p_adjusted = _p_adjusted(ready, centre, resampling, order)
    return StepM(superior, steps, p_adjusted, ready.t_statistics)


def _centre(ready: Standardised, centring: Centring) -> Array:
    own = ready.t_statistics
    return own if centring == "upper" else np.where(significantly_worse(ready), 0.0, own)


def _steps(
    ready: Standardised, centre: Array, resampling: Resampling, order: Index, level_frac: float
) -> Iterator[Step]:
    """One pass over the resamples a step: memory holds one maximum a resample."""
    remaining = order
    while len(remaining):
        nulls = _maxima_over(ready, centre, resampling, remaining)
        critical = _critical_value(nulls, level_frac)
        passed = ready.t_statistics[remaining] > critical
        yield Step(critical, tuple(remaining[passed].tolist()))
        if not passed.any():
            return
        remaining = remaining[~passed]


def _maxima_over(ready: Standardised, centre: Array, resampling: Resampling, remaining: Index) -> Array:
    scale, middle = ready.scale[remaining], centre[remaining]
    return np.concatenate(
        [np.max(sums[:, remaining] * scale - middle, axis=1) for sums in resampled_sums(ready.grid, resampling)]
    )


def _critical_value(nulls: Array, level_frac: float) -> float:
    """The value that at most a share `level_frac` of the nulls reach: p <= level exactly when a statistic passes it."""
    n_over = int(level_frac * len(nulls))
    return float(np.partition(nulls, len(nulls) - n_over - 1)[len(nulls) - n_over - 1])


def _p_adjusted(ready: Standardised, centre: Array, resampling: Resampling, order: Index) -> Array:
    """Strongest first: the share of maxima over itself and all weaker ones that reach it, never falling."""
    statistics, scale, middle = ready.t_statistics[order], ready.scale[order], centre[order]
    n_reached = np.zeros(len(order), dtype=np.int64)
    for sums in resampled_sums(ready.grid, resampling):
        drawn = (sums[:, order] * scale - middle)[:, ::-1]
        weaker = np.maximum.accumulate(drawn, axis=1)[:, ::-1]
        n_reached += np.sum(weaker >= statistics, axis=0)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate(n_reached / resampling.n_resamples)
    return adjusted
