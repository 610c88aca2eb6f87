"""Luck in one track record: Sharpe ratios with their errors, deflated by trials, and how long a record must be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import msgspec
import numpy as np

from api.use_cases.significance import Number, PeriodsPerYear, Question, Series, finite, ratio_per_period
from nodes.kernels.arrays import Array
from nodes.kernels.significance.sharpe import (
    SharpeMoments,
    deflated_sharpe,
    effective_trials,
    expected_maximum_sharpe,
    minimum_backtest_bound_years,
    minimum_backtest_years,
    minimum_track_record,
    moments_of_returns,
    moments_with_excess_kurtosis,
    moments_with_raw_kurtosis,
    probabilistic_sharpe,
    sharpe_standard_error,
)
from nodes.kernels.significance.sharpe_dependence import aggregation_factor, autocorrelations, robust_standard_error
from nodes.vocabulary.errors import DataError

Trials = Annotated[
    float, msgspec.Meta(ge=1, le=1e12, description="Every configuration that was looked at, or their effective number.")
]
Ratio = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]


class RecordAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A track record: its returns, or its moments.

    Attributes:
        returns: one a period; then none of the moments is given.
        risk_free: what is taken off every return.
        sharpe: the ratio, per year with periods_per_year, else per period.
        n_periods: how many returns it was estimated from.
        skewness: of the returns; 0 for a normal law.
        kurtosis_raw: of the returns, 3 for a normal law.
        kurtosis_excess: instead of the raw one, 0 for a normal law.
        periods_per_year: in which unit ratios are given.
    """

    returns: Series | None = None
    risk_free: Number = 0.0
    sharpe: Ratio | None = None
    n_periods: Annotated[float, msgspec.Meta(gt=1, le=1e9)] | None = None
    skewness: Ratio | None = None
    kurtosis_raw: Annotated[float, msgspec.Meta(ge=1, le=1e12)] | None = None
    kurtosis_excess: Annotated[float, msgspec.Meta(ge=-2, le=1e12)] | None = None
    periods_per_year: PeriodsPerYear | None = None


class PsrAsked(RecordAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for the probabilistic Sharpe ratio.

    Attributes:
        benchmark_sharpe: what the true ratio is to exceed.
    """

    benchmark_sharpe: Ratio = 0.0


class DsrAsked(RecordAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for the deflated Sharpe ratio. Of the trials, give their ratios, or their number and variance.

    Attributes:
        n_trials: how many configurations were looked at.
        trial_sharpe_variance: of the trials' ratios, in the square of their unit.
        trial_sharpes: the trials' ratios themselves.
        mean_correlation: of the trials' returns; they then count for fewer.
        family: model family whose ledger counts the trials; n_trials is then not given.
    """

    family: Annotated[str, msgspec.Meta(max_length=64, pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$")] | None = None
    n_trials: Trials | None = None
    trial_sharpe_variance: Annotated[float, msgspec.Meta(ge=0, le=1e12)] | None = None
    trial_sharpes: Series | None = None
    mean_correlation: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None


class TrackRecordAsked(PsrAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for the minimum track record length.

    Attributes:
        level: chance to be wrong that is accepted.
    """

    level: Annotated[float, msgspec.Meta(gt=0, lt=0.5)] = 0.05


class BacktestAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for the minimum backtest length.

    Attributes:
        n_trials: how many configurations were looked at.
        target_sharpe_annual: what the best of them shows, per year.
    """

    n_trials: Trials
    target_sharpe_annual: Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)] = 1.0


class SharpeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for a Sharpe ratio with its errors.

    Attributes:
        returns: one a period.
        risk_free: what is taken off every return.
        periods_per_year: how many make a year.
        n_lags: of the autocorrelation; without, 4 (n / 100)^(2/9).
    """

    returns: Series
    risk_free: Number = 0.0
    periods_per_year: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 252
    n_lags: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None


class PsrView(msgspec.Struct, frozen=True):
    """The answer for one ratio against a benchmark.

    Attributes:
        verdict: in words.
        psr: chance that the true ratio is over the benchmark.
        sharpe: the ratio, per period.
        standard_error: of it, for independent returns of these moments.
        benchmark_sharpe: per period.
        n_periods: how many returns.
        skewness: of them.
        kurtosis_raw: of them, 3 for a normal law.
    """

    verdict: str
    psr: float
    sharpe: float
    standard_error: float
    benchmark_sharpe: float
    n_periods: float
    skewness: float
    kurtosis_raw: float


class DsrView(msgspec.Struct, frozen=True):
    """The answer for the best of many.

    Attributes:
        verdict: in words.
        dsr: chance that the true ratio is over what luck alone would show.
        expected_maximum_sharpe: what luck alone would show, per period.
        n_trials: how many trials count.
        counted_by: who counted them: a family's ledger, or whoever asked.
        trial_sharpe_variance: of their ratios, per period.
        psr: chance that the true ratio is over 0, as if there had been one trial.
        sharpe: the ratio, per period.
        n_periods: how many returns.
        skewness: of them.
        kurtosis_raw: of them, 3 for a normal law.
    """

    verdict: str
    dsr: float
    expected_maximum_sharpe: float
    n_trials: float
    counted_by: str
    trial_sharpe_variance: float
    psr: float
    sharpe: float
    n_periods: float
    skewness: float
    kurtosis_raw: float


class TrackRecordView(msgspec.Struct, frozen=True):
    """How long a track record must be.

    Attributes:
        verdict: in words.
        min_periods: how many periods; null where no length is enough.
        min_years: the same in years; null without periods_per_year.
        sharpe: the ratio, per period.
        benchmark_sharpe: per period.
    """

    verdict: str
    min_periods: float | None
    min_years: float | None
    sharpe: float
    benchmark_sharpe: float


class BacktestView(msgspec.Struct, frozen=True):
    """How long a backtest must be.

    Attributes:
        verdict: in words.
        min_years: under it the best of the trials is expected to show the target without skill.
        bound_years: the simple upper bound of it.
        expected_maximum_sharpe_of_a_year: what the best of them shows over one year.
    """

    verdict: str
    min_years: float
    bound_years: float
    expected_maximum_sharpe_of_a_year: float


class SharpeView(msgspec.Struct, frozen=True):
    """A Sharpe ratio with its errors.

    Attributes:
        verdict: in words.
        sharpe: the ratio, per period.
        sharpe_annual: per year, with the autocorrelation that the returns have; null where no series can have it.
        sharpe_annual_independent: per year, as if they had none.
        standard_error: per period, for independent returns of any law.
        robust_standard_error: per period, for dependent ones.
        n_lags: of the autocorrelation.
        skewness: of the returns.
        kurtosis_raw: of the returns, 3 for a normal law.
        n_periods: how many returns.
    """

    verdict: str
    sharpe: float
    sharpe_annual: float | None
    sharpe_annual_independent: float
    standard_error: float
    robust_standard_error: float
    n_lags: int
    skewness: float
    kurtosis_raw: float
    n_periods: int


def psr(asked: PsrAsked) -> PsrView:
    """How sure is it that the true Sharpe ratio is over a benchmark?

    The probabilistic Sharpe ratio of Bailey and Lopez de Prado, from returns or from their moments.
    """
    moments = _moments(asked)
    benchmark = ratio_per_period(asked.benchmark_sharpe, asked.periods_per_year)
    found = probabilistic_sharpe(moments, benchmark)
    return PsrView(
        verdict=f"The true ratio is over the benchmark with probability {found:.4f}, if there was one trial only.",
        psr=found,
        sharpe=moments.sharpe,
        standard_error=sharpe_standard_error(moments),
        benchmark_sharpe=benchmark,
        n_periods=moments.n_periods,
        skewness=moments.skewness,
        kurtosis_raw=moments.kurtosis_raw,
    )


def dsr(asked: DsrAsked) -> DsrView:
    """How sure is it that the best of many trials has skill?

    The deflated Sharpe ratio of Bailey and Lopez de Prado: the benchmark is what the best of so many trials without
    skill is expected to show.
    """
    moments = _moments(asked)
    n_trials, variance = _trials(asked)
    found = deflated_sharpe(moments, n_trials, variance)
    benchmark = expected_maximum_sharpe(n_trials, variance)
    return DsrView(
        verdict=f"The best of {n_trials:g} trials would show {benchmark:.4f} a period by luck alone; the true ratio is "
        f"over that with probability {found:.4f}.",
        dsr=found,
        expected_maximum_sharpe=benchmark,
        n_trials=n_trials,
        counted_by="whoever asked" if asked.family is None else f"ledger of {asked.family}",
        trial_sharpe_variance=variance,
        psr=probabilistic_sharpe(moments, 0.0),
        sharpe=moments.sharpe,
        n_periods=moments.n_periods,
        skewness=moments.skewness,
        kurtosis_raw=moments.kurtosis_raw,
    )


def counted(asked: DsrAsked, ledger: Callable[[str], int]) -> DsrAsked:
    """The question with its trials counted by a family's ledger; as it is where it names no family.

    Raises:
        DataError: the number is typed as well, the ledger is empty, or more ratios are given than it holds trials.
    """
    if asked.family is None:
        return asked
    if asked.n_trials is not None:
        message = f"n_trials {asked.n_trials:g} is typed, and the ledger of {asked.family} counts; leave one out"
        raise DataError(message)
    found = ledger(asked.family)
    if found < max(1, len(asked.trial_sharpes or ())):
        message = f"ledger of {asked.family} holds {found} trials, given are {len(asked.trial_sharpes or ())} ratios"
        raise DataError(f"{message}; record each trial before it is fitted")
    return msgspec.structs.replace(asked, n_trials=float(found))


def min_track_record(asked: TrackRecordAsked) -> TrackRecordView:
    """How long must a track record be to show its Sharpe ratio over a benchmark?

    The minimum track record length of Bailey and Lopez de Prado. Of moments, n_periods may be left out.
    """
    moments = _moments(asked, needs_length=False)
    benchmark = ratio_per_period(asked.benchmark_sharpe, asked.periods_per_year)
    found = finite(minimum_track_record(moments, benchmark, asked.level))
    years = None if found is None or asked.periods_per_year is None else found / asked.periods_per_year
    said = "no length is enough: the ratio is not over the benchmark" if found is None else f"{found:,.1f} periods"
    return TrackRecordView(f"To be sure at {asked.level:g}: {said}.", found, years, moments.sharpe, benchmark)


def min_backtest_length(asked: BacktestAsked) -> BacktestView:
    """How long must a backtest be to bear so many trials?

    Under the minimum backtest length of Bailey, Borwein, Lopez de Prado and Zhu, luck is expected to show the target.
    """
    years = minimum_backtest_years(asked.n_trials, asked.target_sharpe_annual)
    bound = minimum_backtest_bound_years(asked.n_trials, asked.target_sharpe_annual)
    said = f"{asked.n_trials:g} trials without skill are expected to show {asked.target_sharpe_annual:g} a year"
    return BacktestView(
        verdict=f"{said} in any backtest shorter than {years:.2f} years.",
        min_years=years,
        bound_years=bound,
        expected_maximum_sharpe_of_a_year=expected_maximum_sharpe(asked.n_trials, 1.0),
    )


def sharpe(asked: SharpeAsked) -> SharpeView:
    """What is the Sharpe ratio of these returns, and how wrong may it be?

    Errors for independent and for dependent returns, and a year's ratio with the autocorrelation, after Lo.
    """
    moments = moments_of_returns(asked.returns, asked.risk_free)
    count = len(asked.returns)
    wanted = int(4.0 * (count / 100.0) ** (2.0 / 9.0)) if asked.n_lags is None else asked.n_lags
    n_lags = min(wanted, count - 2) if asked.n_lags is None else wanted
    robust = robust_standard_error(asked.returns, n_lags, asked.risk_free)
    correlations = autocorrelations(asked.returns, n_lags) if n_lags else np.empty(0)
    annual = _annual(moments.sharpe, correlations, asked.periods_per_year)
    return SharpeView(
        verdict=f"{moments.sharpe:.4f} a period, give or take {robust:.4f}; "
        + ("no sum of a year varies so little." if annual is None else f"{annual:.3f} a year."),
        sharpe=moments.sharpe,
        sharpe_annual=annual,
        sharpe_annual_independent=moments.sharpe * math.sqrt(asked.periods_per_year),
        standard_error=sharpe_standard_error(moments),
        robust_standard_error=robust,
        n_lags=n_lags,
        skewness=moments.skewness,
        kurtosis_raw=moments.kurtosis_raw,
        n_periods=count,
    )


def _moments(asked: RecordAsked, *, needs_length: bool = True) -> SharpeMoments:
    """The moments of a record, per period.

    Raises:
        DataError: both returns and moments are given, or too little of either.
    """
    given = {
        name: value
        for name in ("sharpe", "n_periods", "skewness", "kurtosis_raw", "kurtosis_excess")
        if (value := getattr(asked, name)) is not None
    }
    if asked.returns is not None:
        if given:
            message = f"returns are given, and {', '.join(given)} too; give one or the other"
            raise DataError(message)
        return moments_of_returns(asked.returns, asked.risk_free)
    kurtosis = {"kurtosis_raw", "kurtosis_excess"} & given.keys()
    lacking = [name for name in ("sharpe", "n_periods", "skewness") if name not in given]
    lacking = [name for name in lacking if needs_length or name != "n_periods"]
    if lacking or len(kurtosis) != 1:
        message = (
            f"of the moments {', '.join(given) or 'none'} are given; give returns, or sharpe, n_periods, skewness and "
            "one of kurtosis_raw (3 for a normal law) and kurtosis_excess (0 for it)"
        )
        raise DataError(message)
    ratio = ratio_per_period(given["sharpe"], asked.periods_per_year)
    made = moments_with_raw_kurtosis if "kurtosis_raw" in given else moments_with_excess_kurtosis
    return made(ratio, given.get("n_periods", 2.0), given["skewness"], given[kurtosis.pop()])


def _trials(asked: DsrAsked) -> tuple[float, float]:
    """How many trials count, and the variance of their ratios per period."""
    if asked.family is not None and asked.n_trials is None:
        message = f"the ledger of {asked.family} is not at hand; ask where the log is, or give n_trials"
        raise DataError(message)
    unit = 1.0 if asked.periods_per_year is None else asked.periods_per_year
    if asked.trial_sharpes is not None and asked.trial_sharpe_variance is None:
        if len(asked.trial_sharpes) == 1:
            message = (
                "trial_sharpes has one ratio, expected two or more; give all of them, or their number and variance"
            )
            raise DataError(message)
        variance = float(np.var(asked.trial_sharpes, ddof=1))
        n_ratios = len(asked.trial_sharpes)
        n_trials = float(n_ratios) if asked.n_trials is None else asked.n_trials
        if n_trials < n_ratios:
            message = f"n_trials was {n_trials:g}, expected at least the {n_ratios} whose ratios are given"
            raise DataError(f"{message}; count every trial, and give mean_correlation where they are alike")
    elif asked.trial_sharpe_variance is not None and asked.n_trials is not None and asked.trial_sharpes is None:
        variance, n_trials = asked.trial_sharpe_variance, asked.n_trials
    else:
        message = "the trials are not told; give trial_sharpes, or n_trials and trial_sharpe_variance"
        raise DataError(message)
    if asked.mean_correlation is not None:
        n_trials = effective_trials(n_trials, asked.mean_correlation)
    return n_trials, variance / unit


def _annual(ratio: float, correlations: Array, periods_per_year: int) -> float | None:
    """A year's ratio; None where a short sample's autocorrelations are such as no long series has."""
    try:
        return ratio * aggregation_factor(correlations, periods_per_year)
    except DataError:
        return None


QUESTIONS = (
    Question("sharpe", SharpeAsked, sharpe),
    Question("psr", PsrAsked, psr),
    Question("dsr", DsrAsked, dsr, counted),
    Question("min-track-record", TrackRecordAsked, min_track_record),
    Question("min-backtest-length", BacktestAsked, min_backtest_length),
)
