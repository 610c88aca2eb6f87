"""What many tests do to one p-value, and what is then left of a Sharpe ratio: adjustments after Harvey and Liu.

Bonferroni, Sidak and Holm bound the chance of even one false discovery; BH, BY and BHY the share of false ones among
the discoveries. "bhy" is Harvey and Liu's form of BY: the largest p-value stands as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from nodes.kernels.arrays import Array
from nodes.kernels.significance.checks import checked_series, require_between
from nodes.vocabulary.errors import DataError

Adjustment: TypeAlias = Literal["bonferroni", "sidak", "holm", "bh", "by", "bhy"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("bonferroni", "sidak", "holm", "bh", "by", "bhy")

_POPULATION = np.array(
    [
        [0.0, 0.39660, 0.0054995],
        [0.2, 0.44589, 0.0055508],
        [0.4, 0.48604, 0.0055413],
        [0.6, 0.59902, 0.0055512],
        [0.8, 0.83901, 0.0055956],
    ]
)
"""Mean correlation, share of strategies without an edge, mean monthly return of the others.

Source: Harvey, Liu and Zhu (2016), ... and the Cross-Section of Expected Returns, RFS 29(1), table 5.
"""
_POPULATION_ERROR = 0.15 / math.sqrt(12.0) / math.sqrt(240.0)
"""Standard error of a mean monthly return there: 15 % a year over 240 months. Source: as the population."""

_CHUNK = 100


@dataclass(frozen=True)
class Haircut:
    """What is left of a Sharpe ratio after an adjustment.

    Attributes:
        p_value: two-sided, of the ratio alone.
        p_adjusted: after the adjustment.
        sharpe_adjusted: the ratio, per period, that alone would have the adjusted p.
        haircut_frac: the share that is taken off.
    """

    p_value: float
    p_adjusted: float
    sharpe_adjusted: float
    haircut_frac: float


def adjusted_p_values(p_values: npt.ArrayLike, adjustment: Adjustment) -> Array:
    """p-values adjusted for their number, in the order given.

    Formula, p(1) <= ... <= p(M), c = 1 + 1/2 + ... + 1/M: bonferroni M p; sidak 1 - (1 - p)^M; holm the running maximum
    of (M - i + 1) p(i); bh the running minimum from above of M p(i) / i; by the same of c M p(i) / i; bhy the same, but
    p(M) stands as it is. None exceeds 1. Missing: refused, as is a p outside of 0 to 1.
    Source: Holm (1979), Scand. J. Statistics 6(2); Benjamini and Yekutieli (2001), Annals of Statistics 29(4), theorem
    1.3; Harvey and Liu (2015), Backtesting, J. Portfolio Management 42(1), appendix A.
    """
    values = checked_series(p_values, 1, "the p-values")
    outside = np.flatnonzero((values < 0.0) | (values > 1.0))
    if len(outside):
        message = f"p-value {outside[0]} was {values[outside[0]]}, expected 0 to 1; give probabilities"
        raise DataError(message)
    if adjustment not in ADJUSTMENTS:
        message = f"the adjustment was {adjustment!r}, expected one of {', '.join(ADJUSTMENTS)}; name one of them"
        raise DataError(message)
    order = np.argsort(values, kind="stable")
    found: Array = np.empty(len(values))
    found[order] = _adjusted(values[order][None, :], adjustment)[0]
    return found


def n_discoveries(p_values: npt.ArrayLike, adjustment: Adjustment, level_frac: float) -> int:
    """How many tests an adjustment lets stand at a level."""
    return int(np.count_nonzero(adjusted_p_values(p_values, adjustment) <= level_frac))


def sharpe_p_value(sharpe: float, n_periods: int) -> float:
    """Two-sided p of a Sharpe ratio per period: Student's law with n - 1 degrees at sharpe sqrt(n).

    Source: Harvey and Liu (2015), J. Portfolio Management 42(1), eq. 2 to 4.
    """
    require_between(float(n_periods), 1.0, math.inf, "n_periods", "give a longer track record")
    if not math.isfinite(sharpe):
        message = f"the Sharpe ratio was {sharpe}, expected a finite number; give one per period"
        raise DataError(message)
    return float(2.0 * stdtr(n_periods - 1, -abs(sharpe) * math.sqrt(n_periods)))


def haircut_of_count(sharpe: float, n_periods: int, n_tests: int, adjustment: Adjustment = "bonferroni") -> Haircut:
    """Haircut where only the number of tests is known: by "bonferroni" or "sidak".

    Source: Harvey and Liu (2015), J. Portfolio Management 42(1), section "Bonferroni".
    """
    _require_tests(n_tests)
    p_value = _p_of_positive(sharpe, n_periods)
    if adjustment == "bonferroni":
        return _haircut(sharpe, n_periods, p_value, min(1.0, n_tests * p_value))
    if adjustment == "sidak":
        return _haircut(sharpe, n_periods, p_value, -math.expm1(n_tests * math.log1p(-p_value)))
    message = f"the adjustment was {adjustment!r}; bonferroni and sidak need a count only, for others give all p-values"
    raise DataError(message)


def haircut_in_family(sharpe: float, n_periods: int, other_p_values: npt.ArrayLike, adjustment: Adjustment) -> Haircut:
    """Haircut where the p-values of all other tests are known: the family is theirs and this one.

    Source: Harvey and Liu (2015), J. Portfolio Management 42(1).
    """
    p_value = _p_of_positive(sharpe, n_periods)
    family = np.append(checked_series(other_p_values, 0, "the other p-values"), p_value)
    return _haircut(sharpe, n_periods, p_value, float(adjusted_p_values(family, adjustment)[-1]))


@dataclass(frozen=True)
class Population:
    """Strategies that are not seen: how many others were tried, and how alike they are.

    Attributes:
        n_tests: how many others.
        mean_correlation: of their returns, from 0 to 0.8 as estimated; over that, as at 0.8.
        n_draws: how often the others are drawn.
        seed: of the draws.
    """

    n_tests: int
    mean_correlation: float
    n_draws: int
    seed: int


def haircut_in_population(sharpe: float, n_periods: int, population: Population, adjustment: Adjustment) -> Haircut:
    """Haircut where others were tried and not told: drawn from the population of published strategies.

    Formula: the others' |t| = |edge + noise| / error; the edge is 0 with probability p0 and else exponential, the noise
    normal with the mean correlation; the adjusted p of this strategy among them, median over the draws. Bonferroni
    counts the others only, as its authors do. `sharpe` is per month where the population's months should fit.
    Source: Harvey and Liu (2015), J. Portfolio Management 42(1), section "Holm and BHY", and its published program.
    """
    _require_tests(population.n_tests)
    if adjustment in {"bonferroni", "sidak"}:
        return haircut_of_count(sharpe, n_periods, population.n_tests, adjustment)
    p_value = _p_of_positive(sharpe, n_periods)
    drawn = []
    for begun in range(0, population.n_draws, _CHUNK):
        others = _population_p_values(population, begun // _CHUNK)
        family = np.column_stack((others, np.full(len(others), p_value)))
        order = np.argsort(family, axis=1, kind="stable")
        adjusted = np.empty_like(family)
        np.put_along_axis(adjusted, order, _adjusted(np.take_along_axis(family, order, axis=1), adjustment), axis=1)
        drawn.append(adjusted[:, -1])
    return _haircut(sharpe, n_periods, p_value, float(np.median(np.concatenate(drawn)[: population.n_draws])))


def profit_hurdle(volatility_frac: float, n_periods: int, level_frac: float, n_tests: int) -> float:
    """Mean return per period that a strategy must show to stand at a level after so many tests, by Bonferroni.

    Formula: z(1 - level / (2 n_tests)) volatility / sqrt(n). Unit: as the volatility, per period.
    Source: Harvey and Liu (2015), J. Portfolio Management 42(1), section "Minimum profitability".
    """
    _require_tests(n_tests)
    require_between(volatility_frac, 0.0, math.inf, "the volatility", "give that of one period")
    require_between(level_frac, 0.0, 1.0, "the level", "give a share such as 0.05")
    require_between(float(n_periods), 1.0, math.inf, "n_periods", "give a longer track record")
    return -float(ndtri(level_frac / (2.0 * n_tests))) * volatility_frac / math.sqrt(n_periods)


def _adjusted(ascending: Array, adjustment: Adjustment) -> Array:
    """Adjusted p-values of families in ascending order, one row a family."""
    count = ascending.shape[1]
    place = np.arange(1, count + 1)
    if adjustment == "bonferroni":
        return np.asarray(np.minimum(ascending * count, 1.0))
    if adjustment == "sidak":
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(count * np.log1p(-ascending)))
    if adjustment == "holm":
        return np.minimum(np.maximum.accumulate((count - place + 1) * ascending, axis=1), 1.0)
    harmonic = 1.0 if adjustment == "bh" else float(np.sum(1.0 / place))
    scaled = ascending * (harmonic * count) / place
    if adjustment == "bhy":
        scaled[:, -1] = ascending[:, -1]
    return np.minimum(np.minimum.accumulate(scaled[:, ::-1], axis=1)[:, ::-1], 1.0)


def _population_p_values(population: Population, chunk: int) -> Array:
    """Two-sided normal p-values of the others in a chunk of draws."""
    rho = population.mean_correlation
    if not 0.0 <= rho < 1.0:
        message = f"mean_correlation was {rho}, expected 0 to under 1; count a negative one as 0"
        raise DataError(message)
    idle_frac, mean_edge = (np.interp(rho, _POPULATION[:, 0], _POPULATION[:, each]) for each in (1, 2))
    rng = np.random.default_rng([population.seed, chunk])
    shape = (_CHUNK, population.n_tests)
    common, own = rng.standard_normal((_CHUNK, 1)), rng.standard_normal(shape)
    edge = np.where(rng.random(shape) > idle_frac, rng.exponential(mean_edge, shape), 0.0)
    noise = math.sqrt(rho) * common + math.sqrt(1.0 - rho) * own
    return np.asarray(2.0 * ndtr(-np.abs(edge / _POPULATION_ERROR + noise)))


def _p_of_positive(sharpe: float, n_periods: int) -> float:
    if not sharpe > 0.0:
        message = f"the Sharpe ratio was {sharpe}, expected over 0; there is nothing to take off a strategy that lost"
        raise DataError(message)
    return sharpe_p_value(sharpe, n_periods)


def _haircut(sharpe: float, n_periods: int, p_value: float, p_adjusted: float) -> Haircut:
    left = -float(stdtrit(n_periods - 1, p_adjusted / 2.0)) / math.sqrt(n_periods)
    left = min(max(left, 0.0), sharpe)
    return Haircut(p_value, p_adjusted, left, 1.0 - left / sharpe)


def _require_tests(n_tests: int) -> None:
    if n_tests < 1:
        message = f"n_tests was {n_tests}, expected 1 or more; count every strategy that was tried"
        raise DataError(message)
