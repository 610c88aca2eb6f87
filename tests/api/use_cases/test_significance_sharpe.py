"""Track records: published numbers from moments and returns, in units of a year and of a period."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from api.use_cases.significance_sharpe import (
    BacktestAsked,
    DsrAsked,
    PsrAsked,
    SharpeAsked,
    TrackRecordAsked,
    counted,
    dsr,
    min_backtest_length,
    min_track_record,
    psr,
    sharpe,
)
from nodes.vocabulary.errors import DataError
from tests.api.luck import ASKED, SERIES


def asked(name: str, kind: type[Any], **changes: Any) -> Any:
    said = {field: value for field, value in (ASKED[name] | changes).items() if value is not None}
    return msgspec.convert(said, kind, strict=False)


def test_deflated_sharpe_of_the_paper_is_told_in_either_kurtosis() -> None:
    """SIG-02: Bailey and Lopez de Prado (2014)."""
    told = dsr(asked("dsr", DsrAsked))
    assert told.dsr == pytest.approx(0.9004, abs=5e-5)
    assert told.expected_maximum_sharpe == pytest.approx(0.1132, abs=5e-5)
    assert dsr(asked("dsr", DsrAsked, kurtosis_excess=None, kurtosis_raw=10)) == told
    with pytest.raises(DataError, match="if it is excess kurtosis, give it as that"):
        dsr(asked("dsr", DsrAsked, kurtosis_excess=None, kurtosis_raw=7))


def test_trials_are_told_by_their_ratios_or_by_number_and_variance() -> None:
    ratios = [0.1, 0.05, 0.2, -0.1]
    own = dsr(DsrAsked(returns=SERIES, trial_sharpes=ratios))
    told = dsr(DsrAsked(returns=SERIES, n_trials=4, trial_sharpe_variance=float(np.var(ratios, ddof=1))))
    assert own.dsr == pytest.approx(told.dsr)
    fewer = dsr(DsrAsked(returns=SERIES, trial_sharpes=ratios, mean_correlation=0.9))
    assert fewer.n_trials == pytest.approx(1.3)
    assert own.dsr < fewer.dsr < own.psr


def test_probabilistic_sharpe_of_the_hedge_fund_is_told() -> None:
    assert psr(asked("psr", PsrAsked)).psr == pytest.approx(0.913, abs=5e-4)


def test_returns_stand_for_their_moments() -> None:
    told = psr(PsrAsked(returns=SERIES))
    moments: dict[str, Any] = {
        "sharpe": told.sharpe,
        "n_periods": 60,
        "skewness": told.skewness,
        "kurtosis_raw": told.kurtosis_raw,
    }
    assert psr(PsrAsked(**moments)).psr == pytest.approx(told.psr)
    assert psr(PsrAsked(returns=SERIES, risk_free=0.01)).psr < told.psr


def test_minimum_lengths_are_those_published() -> None:
    told = min_track_record(asked("min-track-record", TrackRecordAsked))
    assert told.min_years == pytest.approx(4.99, abs=0.005)
    assert min_track_record(asked("min-track-record", TrackRecordAsked, periods_per_year=None)).min_years is None
    backtest = min_backtest_length(BacktestAsked(n_trials=45))
    assert backtest.min_years == pytest.approx(5.0, abs=0.005)
    assert backtest.min_years < backtest.bound_years


def test_sharpe_ratio_is_told_with_its_errors() -> None:
    told = sharpe(SharpeAsked(returns=SERIES))
    assert told.sharpe == pytest.approx(np.mean(SERIES) / np.std(SERIES, ddof=1))
    assert told.n_lags == 3
    assert sharpe(SharpeAsked(returns=SERIES, n_lags=0)).sharpe_annual == pytest.approx(told.sharpe_annual_independent)


def test_autocorrelations_that_no_series_has_give_no_years_ratio() -> None:
    told = sharpe(SharpeAsked(returns=[0.1, -0.1, 0.12, -0.09]))
    assert told.n_lags == 1
    assert told.sharpe_annual is None
    assert "no sum of a year varies so little" in told.verdict


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"returns": SERIES, "sharpe": 0.1}, "returns are given, and sharpe too; give one or the other"),
        ({}, "of the moments none are given; give returns, or sharpe"),
        ({"sharpe": 0.1, "n_periods": 9, "skewness": 0.0}, "of the moments sharpe, n_periods, skewness are given"),
        (
            {"sharpe": 0.1, "n_periods": 9, "skewness": 0.0, "kurtosis_raw": 3, "kurtosis_excess": 0},
            "one of kurtosis_raw .3 for a normal law. and kurtosis_excess",
        ),
    ],
)
def test_record_that_is_told_twice_or_in_part_is_refused(told: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        psr(PsrAsked(**told))


def test_trials_that_are_told_twice_or_in_part_are_refused() -> None:
    with pytest.raises(DataError, match="trial_sharpes has one ratio, expected two or more; give all of them"):
        dsr(DsrAsked(returns=SERIES, trial_sharpes=[0.1]))
    with pytest.raises(DataError, match="the trials are not told; give trial_sharpes, or n_trials"):
        dsr(DsrAsked(returns=SERIES, n_trials=5))


def test_trials_are_counted_by_the_ledger_of_a_family_and_not_typed() -> None:
    """SIG-02: the trial count is read from the registry."""
    typed = asked("dsr", DsrAsked)
    named = asked("dsr", DsrAsked, n_trials=None, family="momentum")
    found = counted(named, {"momentum": 100}.__getitem__)
    assert found.n_trials == 100.0
    assert dsr(found).counted_by == "ledger of momentum"
    assert dsr(found).dsr == dsr(asked("dsr", DsrAsked, n_trials=100)).dsr
    assert counted(typed, lambda _: 0) is typed
    assert dsr(typed).counted_by == "whoever asked"


@pytest.mark.parametrize(
    ("changes", "held", "message"),
    [
        ({"n_trials": 3}, 100, "n_trials 3 is typed, and the ledger of momentum counts; leave one out"),
        ({"n_trials": None}, 0, "ledger of momentum holds 0 trials"),
        (
            {"n_trials": None, "trial_sharpe_variance": None, "trial_sharpes": [0.1, 0.2, 0.3]},
            2,
            "ledger of momentum holds 2 trials, given are 3 ratios; record each trial before it is fitted",
        ),
    ],
)
def test_a_count_that_cannot_be_true_is_refused(changes: dict[str, Any], held: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        counted(asked("dsr", DsrAsked, family="momentum", **changes), lambda _: held)


def test_a_family_without_its_ledger_is_refused() -> None:
    with pytest.raises(DataError, match="the ledger of momentum is not at hand"):
        dsr(asked("dsr", DsrAsked, n_trials=None, family="momentum"))


def test_fewer_trials_than_ratios_are_refused() -> None:
    """Typing a smaller number than was shown would make luck look like skill."""
    with pytest.raises(DataError, match="n_trials was 1, expected at least the 3 whose ratios are given"):
        dsr(asked("dsr", DsrAsked, n_trials=1, trial_sharpe_variance=None, trial_sharpes=[0.1, 0.2, 0.3]))
