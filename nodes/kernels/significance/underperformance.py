"""Whether live returns fall short of what was promised, looked at as often as one likes.

A test of fixed size that is repeated every session rejects every model in the end. This one may be looked at after each
session: over all of time together it rejects a model that keeps its promise with at most the probability it names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

_TUNING = 8.0
"""-W(-a^2 / e) - 1 at a = 0.05, W the lower branch of Lambert's: where the boundary of Howard et al. is tightest."""
_LEAST_RETURNS = 2


@dataclass(frozen=True, slots=True)
class Promise:
    """What a model was promoted for.

    Attributes:
        mean_return: the least mean return a session that still keeps the promise.
        deviation: standard deviation of a session's return in the evidence; the larger one of it and of the live
            returns so far is used.
        tuned_sessions: after how many sessions a shortfall is to be seen soonest; others are seen too, a little later.
    """

    mean_return: float
    deviation: float
    tuned_sessions: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean_return) and math.isfinite(self.deviation) and self.deviation > 0.0):
            message = (
                f"promise of mean {self.mean_return} and deviation {self.deviation}; give numbers, the latter over 0"
            )
            raise DataError(message)
        if self.tuned_sessions < 1:
            message = f"tuned_sessions was {self.tuned_sessions}, expected at least 1; give for example 120"
            raise DataError(message)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How live returns compare with the promise.

    Attributes:
        n_sessions: live sessions with a return.
        mean_return: their mean; NaN without any.
        p: least of all sessions' probabilities so far, valid at any time; NaN without any return.
    """

    n_sessions: int
    mean_return: float
    p: float


def shortfall(returns: Array, promise: Promise) -> Shortfall:
    """The evidence that the mean return lies under the promise, as a probability that holds at any stopping.

    Formula: E(n) = 2 / sqrt(1 + n r) exp(r S^2 / (2 (1 + n r))) Phi(-S sqrt(r) / sqrt(1 + n r)) with S the sum of
    (return - promise) / deviation so far and r = 8 / tuned_sessions; p = min over n of min(1, 1 / E(n)). E mixes the
    likelihood ratios of all lower means, half-normally weighted, and is a supermartingale where the promise is kept.
    Missing: sessions without a return are left out.
    Assumes: past returns say nothing of the next one's mean, and tails as thin as the normal ones at the deviation.
    Source: Robbins (1970), Annals of Mathematical Statistics 41(5); Howard, Ramdas, McAuliffe, Sekhon (2021), Annals of
    Statistics 49(2), proposition 6.
    """
    known = returns[np.isfinite(returns)]
    if not len(known):
        return Shortfall(0, math.nan, math.nan)
    scores = (known - promise.mean_return) / np.maximum(_deviations(known), promise.deviation)
    total, count = np.cumsum(scores), np.arange(1.0, len(scores) + 1.0)
    weight = _TUNING / promise.tuned_sessions
    spread = 1.0 + count * weight
    evidence = math.log(2.0) - 0.5 * np.log(spread) + weight * total**2 / (2.0 * spread)
    evidence += log_ndtr(-total * math.sqrt(weight) / np.sqrt(spread))
    return Shortfall(len(known), float(np.mean(known)), min(1.0, math.exp(-float(np.max(evidence)))))


def _deviations(returns: Array) -> Array:
    """Standard deviation of the returns before each one, divisor n - 1; 0 where fewer than two are before it.

    Only what came before: a deviation that knew the return itself would favour the model on its worst day.
    """
    count = np.arange(len(returns), dtype=np.float64)
    shifted = returns - returns[0]
    before, squares = (np.concatenate(([0.0], np.cumsum(part)[:-1])) for part in (shifted, shifted**2))
    enough = count >= _LEAST_RETURNS
    held = np.where(enough, count, float(_LEAST_RETURNS))
    variance = np.where(enough, (squares - before**2 / held) / (held - 1.0), 0.0)
    return np.sqrt(np.maximum(variance, 0.0))
