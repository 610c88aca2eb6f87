"""How sure is a Sharpe ratio? Its error, the chance that it beats a benchmark, and what the number of trials takes off.

Every ratio here is per period, never annualised: `per_period` and `annualised` convert. Kurtosis comes in two kinds
that differ by 3: raw (a normal law has 3) and excess (it has 0). Each has a constructor of its own, and a pair of
moments that no law can have is refused, which is what most mistaken kinds come to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from nodes.kernels.arrays import Array
from nodes.kernels.significance.checks import checked_series, require_between, require_variation
from nodes.vocabulary.errors import DataError

EULER_GAMMA = 0.5772156649015329
"""The Euler-Mascheroni constant. Source: OEIS A001620."""

_NORMAL_KURTOSIS = 3.0
LEAST_RETURNS = 4


@dataclass(frozen=True)
class SharpeMoments:
    """What the theory needs to know of a track record.

    Attributes:
        sharpe: Sharpe ratio per period, over the risk-free rate.
        n_periods: how many returns it was estimated from; they may be a plan.
        skewness: third standardised moment of the returns.
        kurtosis_raw: fourth standardised moment: 3 for a normal law.
    """

    sharpe: float
    n_periods: float
    skewness: float
    kurtosis_raw: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(part) for part in (self.sharpe, self.n_periods, self.skewness, self.kurtosis_raw)):
            message = f"the moments were {self}, expected finite numbers; give all four"
            raise DataError(message)
        if self.n_periods <= 1:
            message = f"n_periods was {self.n_periods}, expected over 1; give a longer track record"
            raise DataError(message)
        least = 1.0 + self.skewness**2
        if self.kurtosis_raw < least * (1.0 - 1e-9):
            message = (
                f"kurtosis_raw was {self.kurtosis_raw}, expected at least 1 + skewness^2 = {least:g}, as of every law; "
                "if it is excess kurtosis, give it as that"
            )
            raise DataError(message)


def moments_with_raw_kurtosis(sharpe: float, n_periods: float, skewness: float, kurtosis_raw: float) -> SharpeMoments:
    """Moments whose kurtosis is raw: 3 for a normal law."""
    return SharpeMoments(sharpe, n_periods, skewness, kurtosis_raw)


def moments_with_excess_kurtosis(
    sharpe: float, n_periods: float, skewness: float, kurtosis_excess: float
) -> SharpeMoments:
    """Moments whose kurtosis is in excess of the normal law's: 0 for a normal law."""
    return SharpeMoments(sharpe, n_periods, skewness, kurtosis_excess + _NORMAL_KURTOSIS)


def normal_moments(sharpe: float, n_periods: float) -> SharpeMoments:
    """Moments of normal returns."""
    return SharpeMoments(sharpe, n_periods, 0.0, _NORMAL_KURTOSIS)


def sharpe_ratio(returns: npt.ArrayLike, risk_free_frac: float = 0.0, ddof: int = 1) -> float:
    """Sharpe ratio per period.

    Formula: (mean - risk_free) / standard deviation with divisor n - ddof. Unit: per period.
    Missing: refused, as are returns that do not vary. Source: Sharpe (1994), J. Portfolio Management 21(1).
    """
    values = checked_series(returns, 2, "the returns")
    require_between(float(ddof), -1.0, len(values), "ddof", "give 0 or 1")
    mean, (variance, _, _) = central_moments(values)
    return (mean - risk_free_frac) / math.sqrt(variance * len(values) / (len(values) - ddof))


def moments_of_returns(returns: npt.ArrayLike, risk_free_frac: float = 0.0) -> SharpeMoments:
    """Moments of a track record: Sharpe ratio with divisor n - 1, skewness and raw kurtosis with divisor n.

    Missing: refused, as are fewer than 4 returns and returns that do not vary.
    Source: Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, J. Risk 15(2), section 3.
    """
    values = checked_series(returns, LEAST_RETURNS, "the returns")
    _, (second, third, fourth) = central_moments(values)
    kurtosis = fourth / second**2
    skewness = third / second**1.5
    # A sample of two values sits on the bound itself: rounding must not push it under.
    kurtosis = max(kurtosis, 1.0 + skewness**2)
    return SharpeMoments(sharpe_ratio(values, risk_free_frac), len(values), skewness, kurtosis)


def per_period(sharpe_annual: float, periods_per_year: float) -> float:
    """A Sharpe ratio per year as one per period, for returns without autocorrelation: divided by sqrt(periods)."""
    require_between(periods_per_year, 0.0, math.inf, "periods_per_year", "give e.g. 252 for sessions, 12 for months")
    return sharpe_annual / math.sqrt(periods_per_year)


def annualised(sharpe: float, periods_per_year: float) -> float:
    """A Sharpe ratio per period as one per year, for returns without autocorrelation: times sqrt(periods)."""
    require_between(periods_per_year, 0.0, math.inf, "periods_per_year", "give e.g. 252 for sessions, 12 for months")
    return sharpe * math.sqrt(periods_per_year)


def sharpe_standard_error(moments: SharpeMoments) -> float:
    """Standard error of a Sharpe ratio of independent returns of any law.

    Formula: sqrt((1 - skewness SR + (kurtosis_raw - 1) / 4 SR^2) / (n - 1)); normal: sqrt((1 + SR^2 / 2) / (n - 1)).
    Source: Mertens (2002), Comments on Variance of the IID estimator in Lo; Bailey and Lopez de Prado (2012), eq. 8.
    """
    return math.sqrt(_unit_variance(moments) / (moments.n_periods - 1.0))


def normal_standard_error(sharpe: float, n_periods: float) -> float:
    """Standard error of a Sharpe ratio of independent normal returns.

    Formula: sqrt((1 + SR^2 / 2) / n). Source: Lo (2002), The Statistics of Sharpe Ratios, FAJ 58(4), eq. 9.
    """
    require_between(n_periods, 1.0, math.inf, "n_periods", "give a longer track record")
    return math.sqrt((1.0 + sharpe * sharpe / 2.0) / n_periods)


def probabilistic_sharpe(moments: SharpeMoments, benchmark_sharpe: float) -> float:
    """Chance that the true Sharpe ratio is over a benchmark, both per period.

    Formula: Phi((SR - SR*) / standard error). Source: Bailey and Lopez de Prado (2012), J. Risk 15(2), eq. 11.
    """
    if not math.isfinite(benchmark_sharpe):
        message = f"the benchmark was {benchmark_sharpe}, expected a finite Sharpe ratio; give one per period"
        raise DataError(message)
    return float(ndtr((moments.sharpe - benchmark_sharpe) / sharpe_standard_error(moments)))


def expected_maximum(n_trials: float) -> float:
    """Expected largest of so many independent standard normal draws.

    Formula: (1 - g) z(1 - 1/N) + g z(1 - 1/(N e)), g Euler's constant, z the normal quantile; 0 for one trial.
    N may be a fraction: the effective number of correlated trials. Source: Bailey and Lopez de Prado (2014), The
    Deflated Sharpe Ratio, J. Portfolio Management 40(5), appendix A.1: the False Strategy theorem.
    """
    if not (math.isfinite(n_trials) and n_trials >= 1.0):
        message = f"n_trials was {n_trials}, expected 1 or more; count every configuration that was looked at"
        raise DataError(message)
    if n_trials == 1.0:
        return 0.0
    tail = 1.0 / n_trials
    # The upper tail by symmetry: 1 - 1/N loses all of a large N's digits.
    found = -(1.0 - EULER_GAMMA) * ndtri(tail) - EULER_GAMMA * ndtri(tail / math.e)
    return max(0.0, float(found))


def expected_maximum_sharpe(n_trials: float, sharpe_variance: float, mean_sharpe: float = 0.0) -> float:
    """Sharpe ratio per period to expect of the best of so many trials without skill.

    Formula: mean + sqrt(variance of the trials' ratios) x expected maximum. Source: as `expected_maximum`.
    """
    if not (math.isfinite(sharpe_variance) and sharpe_variance >= 0.0):
        message = (
            f"the variance of the trials' ratios was {sharpe_variance}, expected 0 or more; take it over all trials"
        )
        raise DataError(message)
    return mean_sharpe + math.sqrt(sharpe_variance) * expected_maximum(n_trials)


def deflated_sharpe(moments: SharpeMoments, n_trials: float, sharpe_variance: float) -> float:
    """Chance that the true Sharpe ratio is over what the best of so many trials without skill would show.

    Formula: probabilistic Sharpe ratio against the expected maximum; `sharpe_variance` is that of the trials' ratios
    per period. Source: Bailey and Lopez de Prado (2014), J. Portfolio Management 40(5), eq. 2.
    """
    return probabilistic_sharpe(moments, expected_maximum_sharpe(n_trials, sharpe_variance))


def deflated_sharpe_of_trials(
    moments: SharpeMoments, trial_sharpes: npt.ArrayLike, n_trials: float | None = None, ddof: int = 1
) -> float:
    """Deflated Sharpe ratio with the variance of the trials' own ratios per period.

    `n_trials` is their number unless an effective number is given. Source: as `deflated_sharpe`.
    """
    ratios = checked_series(trial_sharpes, 1 + ddof, "the trials' Sharpe ratios")
    away = ratios - np.sum(ratios) / len(ratios)
    variance = float(np.sum(away * away)) / (len(ratios) - ddof)
    return deflated_sharpe(moments, len(ratios) if n_trials is None else n_trials, variance)


def effective_trials(n_trials: float, mean_correlation: float) -> float:
    """How many independent trials correlated ones amount to.

    Formula: rho + (1 - rho) M. Source: Bailey and Lopez de Prado (2014), J. Portfolio Management 40(5), appendix A.3.
    """
    if not (0.0 <= mean_correlation <= 1.0 and n_trials >= 1.0 and math.isfinite(n_trials)):
        message = (
            f"n_trials was {n_trials} and their mean correlation {mean_correlation}, expected 1 or more and 0 to 1; "
            "count a negative mean correlation as 0"
        )
        raise DataError(message)
    return mean_correlation + (1.0 - mean_correlation) * n_trials


def minimum_track_record(moments: SharpeMoments, benchmark_sharpe: float, level_frac: float) -> float:
    """How many periods it takes to say at a level that the true Sharpe ratio is over a benchmark.

    Formula: 1 + (1 - skewness SR + (kurtosis_raw - 1) / 4 SR^2) (z(1 - level) / (SR - SR*))^2. Unit: periods; infinite
    where the ratio is not over the benchmark. The moments' own number of periods plays no part.
    Source: Bailey and Lopez de Prado (2012), J. Risk 15(2), eq. 13.
    """
    require_between(level_frac, 0.0, 0.5, "the level", "give a share such as 0.05")
    lead = moments.sharpe - benchmark_sharpe
    if not lead > 0.0:
        return math.inf
    errors = float(ndtri(level_frac)) / lead
    return 1.0 + _unit_variance(moments) * errors * errors


def minimum_backtest_years(n_trials: float, target_sharpe_annual: float) -> float:
    """Years of backtest under which the best of so many trials without skill is expected to show the target.

    Formula: (expected maximum / target)^2. Unit: years. Source: Bailey, Borwein, Lopez de Prado and Zhu (2014),
    Pseudo-Mathematics and Financial Charlatanism, Notices of the AMS 61(5), theorem 2.
    """
    require_between(target_sharpe_annual, 0.0, math.inf, "the target Sharpe ratio", "give a positive one, per year")
    return (expected_maximum(n_trials) / target_sharpe_annual) ** 2


def minimum_backtest_bound_years(n_trials: float, target_sharpe_annual: float) -> float:
    """The simple upper bound of the minimum backtest length.

    Formula: 2 ln N / target^2. Unit: years. Source: as `minimum_backtest_years`.
    """
    require_between(target_sharpe_annual, 0.0, math.inf, "the target Sharpe ratio", "give a positive one, per year")
    if not (math.isfinite(n_trials) and n_trials >= 1.0):
        message = f"n_trials was {n_trials}, expected 1 or more; count every configuration that was looked at"
        raise DataError(message)
    return 2.0 * math.log(n_trials) / target_sharpe_annual**2


def _unit_variance(moments: SharpeMoments) -> float:
    """Variance of sqrt(n) x the ratio. At least (1 - skewness SR / 2)^2, as kurtosis >= 1 + skewness^2."""
    sharpe = moments.sharpe
    found = 1.0 - moments.skewness * sharpe + (moments.kurtosis_raw - 1.0) / 4.0 * sharpe * sharpe
    if not found > 0.0:
        message = (
            f"{moments} has the variance {found:g}, expected over 0: such returns take two values only; "
            "give the moments of a real track record"
        )
        raise DataError(message)
    return found


def central_moments(values: Array) -> tuple[float, tuple[float, float, float]]:
    """The mean and the second to fourth central moments, divisor n; refused where the values do not vary."""
    shifted = values - values[0]
    offset = math.fsum(shifted.tolist()) / len(values)
    away = shifted - offset
    require_variation(np.array([np.ptp(away)]), np.array([np.max(np.abs(values))]), "the returns")
    second, third, fourth = (math.fsum((away**power).tolist()) / len(values) for power in (2, 3, 4))
    return float(values[0]) + offset, (second, third, fourth)
