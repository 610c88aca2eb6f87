"""Do the tests keep their promise? Panels whose truth is known, and how often each test speaks of skill.

Without a lead every word is false: the share of panels in which a test speaks is its size. With one it is its power.
Panel `i` follows from the experiment's seed and `i` alone, so that any number of workers finds the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import bdtr, betaincinv

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.checks import require_between
from nodes.kernels.significance.reality_check import reality_check, superior_ability
from nodes.kernels.significance.sharpe import deflated_sharpe_of_trials, moments_of_returns, sharpe_ratio
from nodes.kernels.significance.step import step_m
from nodes.vocabulary.errors import DataError

Law: TypeAlias = Literal["normal", "heavy", "persistent", "clustered", "correlated", "poor"]
LAWS: tuple[Law, ...] = ("normal", "heavy", "persistent", "clustered", "correlated", "poor")
TESTS = ("spa lower", "spa consistent", "spa upper", "spa unstudentised", "reality check", "step-m", "deflated sharpe")
"""What each outcome tells of, in order."""

_WARM_UP = 50
_DEGREES = 5.0
_PERSISTENCE = 0.2
_COMMON = math.sqrt(0.5)
_POOR_LEAD = -0.3


@dataclass(frozen=True)
class Experiment:
    """Panels of one kind, and the tests that are put to them.

    Attributes:
        law: of the returns: independent normal; heavy tails (Student's with 5 degrees); persistent (autoregression of
            0.2); clustered (GARCH(1,1), 0.1 and 0.85); correlated (half of every variance is common); poor (half of the
            strategies lose 0.3 standard deviations a period).
        n_periods: of a panel.
        n_strategies: of a panel.
        lead: mean of the first strategy in its standard deviations a period; 0 for size.
        noise: how many times as noisy every other strategy is as the first one.
        level: at which the tests speak.
        block_periods: of the stationary bootstrap.
        n_resamples: of each test.
        seed: of panels and resamples.
    """

    law: Law
    n_periods: int
    n_strategies: int
    lead: float
    noise: float
    level: float
    block_periods: float
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class Share:
    """How often a test spoke.

    Attributes:
        n_spoken: in how many panels.
        n_panels: of how many.
        low: lower end of the 95 % interval of the true share.
        high: upper end of it.
    """

    n_spoken: int
    n_panels: int
    low: float
    high: float

    @property
    def frac(self) -> float:
        """The share."""
        return self.n_spoken / self.n_panels


def panel_of(experiment: Experiment, index: int) -> Array:
    """The returns of a panel, one row a period.

    Raises:
        DataError: the law is none of the list.
    """
    rng = np.random.default_rng([experiment.seed, index])
    shape = (experiment.n_periods + _WARM_UP, experiment.n_strategies)
    returns = _drawn(experiment.law, rng, shape)[_WARM_UP:]
    if experiment.law == "poor":
        returns[:, 1::2] += _POOR_LEAD
    returns[:, 0] += experiment.lead
    returns[:, 1:] *= experiment.noise
    return returns


def spoken(experiment: Experiment, index: int) -> tuple[bool, ...]:
    """Which of the tests speak of skill in a panel, in the order of `TESTS`.

    Raises:
        DataError: the experiment cannot be made.
    """
    require_between(experiment.level, 0.0, 1.0, "the level", "give a share such as 0.05")
    returns = panel_of(experiment, index)
    seed = int(np.random.default_rng([experiment.seed, index, 1]).integers(2**31))
    resampling = Resampling("stationary", experiment.block_periods, experiment.n_resamples, seed)
    studentised = superior_ability(returns, resampling)
    plain = superior_ability(returns, resampling, "none")
    p_values = (
        studentised.p_lower,
        studentised.p_consistent,
        studentised.p_upper,
        plain.p_consistent,
        reality_check(returns, resampling).p_value,
        float(np.min(step_m(returns, resampling, experiment.level).p_adjusted)),
        1.0 - _deflated(returns),
    )
    return tuple(p_value <= experiment.level for p_value in p_values)


def share_of(n_spoken: int, n_panels: int) -> Share:
    """A share with its exact 95 % interval. Source: Clopper and Pearson (1934), Biometrika 26(4)."""
    if not 0 <= n_spoken <= n_panels or not n_panels:
        message = f"{n_spoken} of {n_panels} panels is no share; count both again"
        raise DataError(message)
    low = float(betaincinv(n_spoken, n_panels - n_spoken + 1, 0.025)) if n_spoken else 0.0
    high = float(betaincinv(n_spoken + 1, n_panels - n_spoken, 0.975)) if n_spoken < n_panels else 1.0
    return Share(n_spoken, n_panels, low, high)


def nominal_range(n_panels: int, level: float) -> tuple[int, int]:
    """Between which counts a test of exactly this level speaks in 95 % of experiments: the binomial interval."""
    reached = bdtr(np.arange(n_panels + 1), n_panels, level)
    return int(np.searchsorted(reached, 0.025)), int(np.searchsorted(reached, 0.975))


def _deflated(returns: Array) -> float:
    """Deflated Sharpe ratio of the best of the panel's strategies, all of which were tried."""
    ratios = [sharpe_ratio(returns[:, place]) for place in range(returns.shape[1])]
    return deflated_sharpe_of_trials(moments_of_returns(returns[:, int(np.argmax(ratios))]), ratios)


def _drawn(law: Law, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Returns of mean 0 and about unit variance."""
    if law == "heavy":
        return rng.standard_t(_DEGREES, shape) / math.sqrt(_DEGREES / (_DEGREES - 2.0))
    shocks = rng.standard_normal(shape)
    if law == "persistent":
        for place in range(1, len(shocks)):
            shocks[place] += _PERSISTENCE * shocks[place - 1]
    elif law == "clustered":
        variance = np.ones(shape[1])
        for place in range(len(shocks)):
            shocks[place] *= np.sqrt(variance)
            variance = 0.05 + 0.1 * shocks[place] ** 2 + 0.85 * variance
    elif law == "correlated":
        shocks = _COMMON * (shocks + rng.standard_normal((shape[0], 1)))
    elif law not in LAWS:
        message = f"the law was {law!r}, expected one of {', '.join(LAWS)}; name one of them"
        raise DataError(message)
    return shocks
