"""Value at risk and expected shortfall of a sample of returns: how much is lost in the worst of cases, and then.

Both are losses as positive numbers, a fraction of what is at risk, for one period ahead. Four ways lead to them, from
what happened, from a law that is fitted to it, or from what happened scaled to how turbulent it is now. A missing
return is left out; a sample too small to say anything has NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, ndtri, stdtrit

from nodes.kernels.arrays import Array
from nodes.kernels.variance_filters import ewma_variances, fitted_garch, garch_variances
from nodes.vocabulary.errors import DataError

Method: TypeAlias = Literal["historical", "normal", "student", "filtered-ewma", "filtered-garch"]
METHODS: tuple[Method, ...] = ("historical", "normal", "student", "filtered-ewma", "filtered-garch")
MIN_RETURNS = 30
"""A sample with fewer has no tail to speak of."""
_DEGREES = (2.1, 200.0)


@dataclass(frozen=True, slots=True)
class TailRisk:
    """How much may be lost in one period.

    Attributes:
        value_at_risk: the loss that is exceeded with the probability of the level.
        expected_shortfall: the mean loss in the worst cases that together have that probability.
    """

    value_at_risk: float
    expected_shortfall: float


_UNKNOWN = TailRisk(math.nan, math.nan)


def tail_risk(returns: Array, level_frac: float, method: Method, decay: float = 0.94) -> TailRisk:
    """Value at risk and expected shortfall of the next period by one of the methods.

    Args:
        returns: one a period, oldest first.
        level_frac: probability of a larger loss, e.g. 0.01.
        method: historical, normal, student, filtered-ewma or filtered-garch.
        decay: weight of yesterday's variance in the exponential filter; RiskMetrics (1996) takes 0.94 of daily returns.

    Raises:
        DataError: the level or the decay is no probability, or the method is unknown.
    """
    require_level(level_frac)
    known = returns[np.isfinite(returns)]
    if len(known) < MIN_RETURNS:
        return _UNKNOWN
    match method:
        case "historical":
            return historical_risk(known, level_frac)
        case "normal":
            return normal_risk(*_moments(known), level_frac)
        case "student":
            return student_risk(*_moments(known), fitted_degrees(known), level_frac)
        case "filtered-ewma":
            return filtered_risk(known, ewma_variances(known, decay), level_frac)
        case "filtered-garch":
            return filtered_risk(known, garch_variances(known, fitted_garch(known)), level_frac)
        case _:
            message = f"method {method!r} of value at risk is unknown; take one of {', '.join(METHODS)}"
            raise DataError(message)


def require_level(level_frac: float) -> None:
    """Raises DataError for a level that is no probability of a loss."""
    if not 0.0 < level_frac < 0.5:  # noqa: PLR2004  # from a half on it is no tail
        message = f"a level of {level_frac} is no tail; give a probability above 0 and under 0.5, e.g. 0.01"
        raise DataError(message)


def historical_risk(returns: Array, level_frac: float) -> TailRisk:
    """What happened, as it happened.

    Formula: with k = floor(n p) and returns x ascending, VaR = -x[k];
    ES = -(x[0] + ... + x[k-1] + (n p - k) x[k]) / (n p)
    Unit: fraction. Missing: returns hold no NaN.
    Source: Acerbi and Tasche (2002), On the coherence of expected shortfall, J. Banking and Finance 26, definitions 2.1
    and 2.6: the mean of the worst fraction p exactly, also where n p is not whole.
    """
    ordered = np.sort(returns)
    exact = len(ordered) * level_frac
    whole = math.floor(exact + 1e-9)
    sum_of_worst = math.fsum(ordered[:whole].tolist()) + (exact - whole) * float(ordered[whole])
    return TailRisk(-float(ordered[whole]), -sum_of_worst / exact)


def normal_risk(mean: float, deviation: float, level_frac: float) -> TailRisk:
    """A normal law.

    Formula: VaR = -(mean + s z), ES = -mean + s phi(z) / p, z the p-quantile of the standard normal law
    Unit: fraction. Source: McNeil, Frey, Embrechts (2015), Quantitative Risk Management, examples 2.11 and 2.14.
    """
    quantile = float(ndtri(level_frac))
    density = math.exp(-quantile * quantile / 2.0) / math.sqrt(2.0 * math.pi)
    return TailRisk(-(mean + deviation * quantile), -mean + deviation * density / level_frac)


def student_risk(mean: float, deviation: float, degrees: float, level_frac: float) -> TailRisk:
    """Student's law with the sample's mean and deviation.

    Formula: with c = sqrt((v - 2) / v) and t the p-quantile with v degrees, VaR = -(mean + s c t),
    ES = -mean + s c g(t) / p (v + t^2) / (v - 1), g the density
    Unit: fraction. Source: McNeil, Frey, Embrechts (2015), Quantitative Risk Management, examples 2.11 and 2.15.
    """
    quantile, scale = float(stdtrit(degrees, level_frac)), deviation * math.sqrt((degrees - 2.0) / degrees)
    log_norm = float(gammaln((degrees + 1.0) / 2.0) - gammaln(degrees / 2.0)) - 0.5 * math.log(degrees * math.pi)
    density = math.exp(log_norm - (degrees + 1.0) / 2.0 * math.log1p(quantile * quantile / degrees))
    mean_beyond = density / level_frac * (degrees + quantile * quantile) / (degrees - 1.0)
    return TailRisk(-(mean + scale * quantile), -mean + scale * mean_beyond)


def filtered_risk(returns: Array, variances: Array, level_frac: float) -> TailRisk:
    """What happened, each return by the volatility of its day and times that of tomorrow.

    Formula: z = returns / sqrt(variances of their days); the historical risk of z, times sqrt(the next variance)
    Unit: fraction. Missing: variances has one more than returns, the last of the next period.
    Source: Hull and White (1998), J. Risk 1(1); Barone-Adesi, Giannopoulos, Vosper (1999), J. Futures Markets 19(5).
    """
    deviations = np.sqrt(variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = returns / deviations[:-1]
    known = scaled[np.isfinite(scaled)]
    if len(known) < MIN_RETURNS:
        return _UNKNOWN
    found, next_one = historical_risk(known, level_frac), float(deviations[-1])
    return TailRisk(found.value_at_risk * next_one, found.expected_shortfall * next_one)


def fitted_degrees(returns: Array) -> float:
    """Degrees of freedom of the Student law with the sample's mean and deviation that make the sample likeliest.

    Searched between 2.1 and 200: beyond, the law is normal for every purpose. 200 where nothing varies.
    """
    mean, deviation = _moments(returns)
    if deviation == 0.0:
        return _DEGREES[1]
    squares = ((returns - mean) / deviation) ** 2

    def loss(degrees: float) -> float:
        norm = float(gammaln((degrees + 1.0) / 2.0) - gammaln(degrees / 2.0)) - 0.5 * math.log(
            math.pi * (degrees - 2.0)
        )
        return -norm + (degrees + 1.0) / 2.0 * float(np.mean(np.log1p(squares / (degrees - 2.0))))

    found = minimize_scalar(loss, bounds=_DEGREES, method="bounded", options={"xatol": 1e-6})
    return float(found.x)


def rolling_risk(returns: Array, level_frac: float, method: Method, window: int, decay: float = 0.94) -> list[TailRisk]:
    """The risk of each period as the `window` periods before it told it; NaN where there were fewer."""
    return [
        _UNKNOWN if place < window else tail_risk(returns[place - window : place], level_frac, method, decay)
        for place in range(len(returns))
    ]


def shortfall_shares(gains: Array, level_frac: float) -> Array:
    """What each column contributes to the historical expected shortfall of their sum: shares that add up to it.

    Formula: -(mean of the column over the worst fraction p of the sums), the last case counted in part
    Unit: as the gains. Missing: a row with a NaN is left out; NaN where too few are left.
    Source: Tasche (2002), Expected shortfall and beyond, J. Banking and Finance 26(7), Euler contributions.
    """
    require_level(level_frac)
    known = gains[np.isfinite(gains).all(axis=1)]
    if len(known) < MIN_RETURNS:
        return np.full(gains.shape[1], math.nan)
    totals = np.array([math.fsum(row) for row in known.tolist()])
    exact = len(known) * level_frac
    whole = math.floor(exact + 1e-9)
    worst = np.argsort(totals, kind="stable")[: whole + 1]
    weights = np.array([*([1.0] * whole), exact - whole]) / exact
    return np.array([-math.fsum((known[worst, column] * weights).tolist()) for column in range(known.shape[1])])


def _moments(returns: Array) -> tuple[float, float]:
    """Mean and sample deviation, sums exact."""
    values = returns.tolist()
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
