"""Whether alpha fades otherwise than it did, and what trading late would have cost.

The rate at which information fades is ln 2 by the half-life; nothing fades at a rate of 0. What two stretches of time
say of it is compared by drawing the sessions of each again, in blocks, all delays of a session together.

Source: Grinold and Kahn (2000), Active Portfolio Management, chapter 13, for half-lives; Politis and Romano (1994),
JASA 89(428), for blocks; Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13, for intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling, resample_indices
from nodes.kernels.significance.decay import fitted_half_life
from nodes.kernels.significance.hac import Estimate, automatic_lags, hac_mean
from nodes.vocabulary.errors import DataError

_LEAST_TOLD = 0.5


class Finding(StrEnum):
    """Whether something changed: it did, it may be luck, or too little is known to say."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """A quantity in two stretches of time.

    Attributes:
        before: in the older one; NaN where it cannot be told.
        recent: in the newest.
        low: lower end of the interval of recent less before.
        high: upper end.
        finding: changed where the interval does not hold zero.
    """

    before: float
    recent: float
    low: float
    high: float
    finding: Finding


def fading_rate(delays: Array, coefficients: Array) -> float:
    """How fast information fades, a session.

    Formula: ln 2 / fitted half-life, see `fitted_half_life`; 0 where that is infinite.
    Missing: NaN where no half-life can be fitted.
    """
    half_life = fitted_half_life(delays, coefficients)
    return 0.0 if math.isinf(half_life) else math.log(2.0) / half_life


def rate_change(series: Array, delays: Array, n_recent: int, resampling: Resampling, confidence_frac: float) -> Change:
    """Whether the newest sessions fade at another rate than those before.

    Args:
        series: information coefficients, sessions by delays; NaN where a session has none.
        delays: sessions, increasing.
        n_recent: how many rows are the newest.
        resampling: how sessions are drawn again.
        confidence_frac: of the interval.
    """
    return _change(series, n_recent, resampling, confidence_frac, lambda means: fading_rate(delays, means))


def level_change(series: Array, n_recent: int, resampling: Resampling, confidence_frac: float) -> Change:
    """Whether the newest sessions know more or less at the first delay than those before."""
    return _change(series[:, :1], n_recent, resampling, confidence_frac, lambda means: float(means[0]))


def late_gains(
    exposures: Array, returns: Array, delays: tuple[int, ...], confidence_frac: float
) -> tuple[Estimate, ...]:
    """What a book held some sessions later makes less than one held at once, a session, for each delay.

    Formula: mean of sum over shares of (x_t - x_(t - delay)) r_t.
    Unit: that of exposures. Missing: a return that is not known counts where nothing is held, and leaves its session
        unknown elsewhere.
    """
    found = []
    for delay in delays:
        later = np.zeros(exposures.shape)
        later[delay:] = exposures[: max(len(exposures) - delay, 0)]
        moved = exposures - later
        made = np.where(moved == 0.0, 0.0, moved * returns)
        made[:delay] = np.nan
        series = np.add.accumulate(made, axis=1)[:, -1] if made.shape[1] else np.zeros(len(made))
        found.append(hac_mean(series, automatic_lags(len(series)), confidence_frac))
    return tuple(found)


def _change(
    series: Array, n_recent: int, resampling: Resampling, confidence_frac: float, told: Callable[[Array], float]
) -> Change:
    if not 1 < n_recent < len(series) - 1:
        message = f"{n_recent} of {len(series)} sessions are the newest"
        raise DataError(f"{message}; leave two or more on either side")
    parts = series[: len(series) - n_recent], series[len(series) - n_recent :]
    before, recent = (told(_means(part)) for part in parts)
    others = replace(resampling, seed=resampling.seed + 1)
    gaps = _draws(parts[1], others, told) - _draws(parts[0], resampling, told)
    known = gaps[np.isfinite(gaps)]
    if math.isnan(before) or math.isnan(recent) or len(known) < _LEAST_TOLD * len(gaps):
        return Change(before, recent, math.nan, math.nan, Finding.UNKNOWN)
    tail = (1.0 - confidence_frac) / 2.0
    low, high = (float(each) for each in np.quantile(known, [tail, 1.0 - tail]))
    finding = Finding.CHANGED if low > 0.0 or high < 0.0 else Finding.UNCHANGED
    return Change(before, recent, low, high, finding)


def _draws(series: Array, resampling: Resampling, told: Callable[[Array], float]) -> Array:
    """The quantity in each resample of the sessions."""
    return np.array([told(_means(series[rows])) for rows in resample_indices(resampling, len(series))])


def _means(series: Array) -> Array:
    """The mean of each column over the rows that have one; NaN without any."""
    known = np.isfinite(series)
    counts = known.sum(axis=0)
    sums = np.add.accumulate(np.where(known, series, 0.0), axis=0)[-1]
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
