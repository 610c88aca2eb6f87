"""How long a score keeps what it knows: its information coefficient by horizon and by delay, and its half-life.

The information coefficient of a session is the correlation, over shares, of the scores of that session with what the
shares earned afterwards. Row t of the scores is known at the close of session t, row t of the returns is earned from
the close before to the close of session t: a delay of 0 trades at the close that made the score.
Source: Grinold and Kahn (1999), Active Portfolio Management, chapters 6 and 13.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.hac import Estimate, automatic_lags, block_mean, hac_mean
from nodes.vocabulary.errors import DataError

_LEAST_SHARES = 3


class Correlation(StrEnum):
    """What is correlated: ranks (Spearman), ties sharing their mean rank, or the values themselves (Pearson)."""

    RANK = "rank"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Reading:
    """How information coefficients are taken.

    Attributes:
        correlation: rank or linear.
        min_shares: a session with fewer shares that have both score and return has no coefficient; 3 or more.
        confidence_frac: of the intervals.
        resampling: blocks that the intervals are resampled in; None takes them from Newey and West's variance.
    """

    correlation: Correlation
    min_shares: int
    confidence_frac: float
    resampling: Resampling | None = None

    def __post_init__(self) -> None:
        if self.min_shares < _LEAST_SHARES:
            message = (
                f"min_shares was {self.min_shares}, expected at least {_LEAST_SHARES}; two shares always correlate"
            )
            raise DataError(message)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """The mean information coefficient at one horizon and delay.

    Attributes:
        horizon_sessions: how long the return is earned.
        delay_sessions: sessions between the score and the start of the return.
        estimate: mean over sessions, with its interval.
    """

    horizon_sessions: int
    delay_sessions: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Decay:
    """How a score's information fades.

    Attributes:
        by_horizon: at no delay, for each horizon.
        by_delay: at the shortest horizon, for each delay.
        half_life_sessions: first delay at which half is left, between delays by a straight line; see `half_life`.
        fitted_half_life_sessions: of an exponential through the delays; see `fitted_half_life`.
    """

    by_horizon: tuple[Coefficient, ...]
    by_delay: tuple[Coefficient, ...]
    half_life_sessions: float
    fitted_half_life_sessions: float


def decay(scores: Array, returns: Array, horizons: tuple[int, ...], delays: tuple[int, ...], reading: Reading) -> Decay:
    """The information coefficients of scores at each horizon and each delay.

    Args:
        scores: sessions by shares; NaN where a share has none.
        returns: simple returns of the same sessions and shares.
        horizons: sessions, increasing from 1 on.
        delays: sessions, increasing from 0 on.
        reading: how.
    """
    shortest = horizons[0] if horizons else 1
    by_horizon = tuple(coefficient(scores, returns, horizon, 0, reading) for horizon in horizons)
    if any(later <= earlier for earlier, later in pairwise(delays)):
        message = f"delays are {', '.join(map(str, delays))}; give each once, increasing"
        raise DataError(message)
    by_delay = tuple(coefficient(scores, returns, shortest, delay, reading) for delay in delays)
    at = np.array(delays, dtype=np.float64)
    values = np.array([each.estimate.value for each in by_delay])
    return Decay(by_horizon, by_delay, half_life(at, values), fitted_half_life(at, values))


def coefficient(scores: Array, returns: Array, horizon: int, delay: int, reading: Reading) -> Coefficient:
    """The mean information coefficient at a horizon and delay, its interval wide enough for overlapping horizons."""
    series = session_coefficients(scores, forward_returns(returns, horizon, delay), reading)
    if reading.resampling is None:
        lags = max(horizon - 1, automatic_lags(len(series)))
        return Coefficient(horizon, delay, hac_mean(series, lags, reading.confidence_frac))
    return Coefficient(horizon, delay, block_mean(series, reading.resampling, reading.confidence_frac))


def session_coefficients(scores: Array, outcomes: Array, reading: Reading) -> Array:
    """The information coefficient of each session.

    Missing: NaN where fewer than `min_shares` have both, or where scores or outcomes do not differ.
    """
    if scores.shape != outcomes.shape:
        message = f"scores are {scores.shape} and returns {outcomes.shape}; give both for the same sessions and shares"
        raise DataError(message)
    found = [_correlation(one, other, reading) for one, other in zip(scores, outcomes, strict=True)]
    return np.array(found, dtype=np.float64)


def forward_returns(returns: Array, horizon: int, delay: int) -> Array:
    """What each share earns over `horizon` sessions that begin `delay` sessions after each row.

    Formula: product of (1 + r) over rows t + delay + 1 to t + delay + horizon, less 1.
    Missing: NaN where one of the sessions has no return or lies beyond the end.
    """
    if horizon < 1 or delay < 0:
        message = f"a horizon of {horizon} after {delay} sessions is none; give at least 1 and at least 0"
        raise DataError(message)
    growth = np.ones_like(returns)
    for step in range(delay + 1, delay + horizon + 1):
        ahead = np.full_like(returns, np.nan)
        ahead[: max(len(returns) - step, 0)] = returns[step:]
        growth = growth * (1.0 + ahead)
    return growth - 1.0


def half_life(delays: Array, coefficients: Array) -> float:
    """The delay at which half of the first coefficient is left, by straight lines between delays.

    Counted from the first delay. Infinite where more than half is left at all delays; NaN where there is no first
    coefficient, where it is nothing, or where one before the crossing is missing.
    """
    if not len(coefficients) or not math.isfinite(coefficients[0]) or coefficients[0] == 0.0:
        return math.nan
    left = coefficients / coefficients[0]
    for place in range(1, len(left)):
        if math.isnan(left[place]):
            return math.nan
        if left[place] <= 0.5:  # noqa: PLR2004  # half, which the name says
            before, after = float(left[place - 1]), float(left[place])
            part = (before - 0.5) / (before - after)
            return float(delays[place - 1] + part * (delays[place] - delays[place - 1]) - delays[0])
    return math.inf


def fitted_half_life(delays: Array, coefficients: Array) -> float:
    """Half-life h of c 2^(-delay / h), by least squares of the logarithms up to the first that changed its sign.

    Infinite where the fit does not fall; NaN with fewer than two coefficients before that.
    """
    if not len(coefficients):
        return math.nan
    left = coefficients * np.sign(coefficients[0])
    stops = np.flatnonzero(~(left > 0.0))
    count = int(stops[0]) if len(stops) else len(left)
    if count < 2:  # noqa: PLR2004  # a line needs two points
        return math.nan
    gaps = delays[:count] - np.mean(delays[:count])
    slope = float(np.sum(gaps * np.log(left[:count])) / np.sum(gaps**2))
    return math.log(2.0) / -slope if slope < 0.0 else math.inf


def _correlation(scores: Array, outcomes: Array, reading: Reading) -> float:
    """One session's correlation over the shares that have both."""
    known = np.isfinite(scores) & np.isfinite(outcomes)
    if np.count_nonzero(known) < reading.min_shares:
        return math.nan
    pair = (scores[known], outcomes[known])
    if reading.correlation is Correlation.RANK:
        pair = (_ranks(pair[0]), _ranks(pair[1]))
    if any(float(np.min(part)) == float(np.max(part)) for part in pair):
        return math.nan
    one, other = (part - np.mean(part) for part in pair)
    return float(np.sum(one * other)) / math.sqrt(float(np.sum(one**2)) * float(np.sum(other**2)))


def _ranks(values: Array) -> Array:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[places], dtype=np.float64)
