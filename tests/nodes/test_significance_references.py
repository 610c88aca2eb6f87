"""Published numbers on luck and skill, recomputed from moments; see `test_reference_cases` for how.

Cases that want a panel of returns (`spa.*`) or a regression (`cluster.grunfeld_stata`) are with the tests of their
kernels. `cluster.petersen2009` is not recomputed: its data cannot be had here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import yaml

from nodes.kernels.significance.event_study import clustering_factor, mackinlay_test
from nodes.kernels.significance.exceedances import (
    Transitions,
    basel_zone,
    cumulative_probability,
    independence_test,
    kupiec_test,
)
from nodes.kernels.significance.haircuts import Adjustment, n_discoveries
from nodes.kernels.significance.overfitting import backtest_overfitting, n_splits
from nodes.kernels.significance.sharpe import (
    SharpeMoments,
    deflated_sharpe,
    deflated_sharpe_of_trials,
    expected_maximum,
    expected_maximum_sharpe,
    minimum_backtest_years,
    minimum_track_record,
    moments_with_excess_kurtosis,
    moments_with_raw_kurtosis,
    normal_moments,
    per_period,
    probabilistic_sharpe,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.test_reference_cases import SHARED_CASES, Reference, near

BLP_2014 = {
    "sr_annual": 2.5,
    "obs_per_year": 250,
    "T": 1250,
    "n_trials": 100,
    "var_sr_annual": 0.5,
    "skew": -3,
    "kurtosis_nonexcess": 10,
}
BLP_2014_PAPER = "Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, J. Portfolio Management 40(5)"
CSCV_PAPER = "Bailey, Borwein, Lopez de Prado, Zhu (2017), The Probability of Backtest Overfitting"
DOMINANT = [[0.03, 0.01, -0.01], [0.01, -0.01, -0.03]] * 4
FLIPPED = [[0.04, -0.019999999999999997], [0.019999999999999997, -0.04]] * 2 + [
    [-0.019999999999999997, 0.04],
    [-0.04, 0.019999999999999997],
] * 2


def moments(inputs: dict[str, Any]) -> SharpeMoments:
    sharpe = per_period(inputs["sr_annual"], inputs["obs_per_year"])
    return moments_with_raw_kurtosis(sharpe, inputs["T"], inputs["skew"], inputs["kurtosis_nonexcess"])


def variance(inputs: dict[str, Any]) -> float:
    return float(inputs["var_sr_annual"]) / float(inputs["obs_per_year"])


def deflated(inputs: dict[str, Any]) -> float:
    return deflated_sharpe(moments(inputs), inputs["n_trials"], variance(inputs))


def trap(inputs: dict[str, Any]) -> dict[str, float]:
    """Excess kurtosis where raw is meant is refused; given as what it is, it gives the right figure."""
    right = moments(inputs)
    with pytest.raises(DataError, match="if it is excess kurtosis, give it as that"):
        moments_with_raw_kurtosis(right.sharpe, right.n_periods, inputs["skew"], 7)
    excess = moments_with_excess_kurtosis(right.sharpe, right.n_periods, inputs["skew"], 7)
    return {"correct": deflated_sharpe(excess, inputs["n_trials"], variance(inputs))}


def listed(inputs: dict[str, Any]) -> float:
    found = moments_with_raw_kurtosis(inputs["sr"], inputs["T"], inputs["skew"], inputs["kurt"])
    return deflated_sharpe_of_trials(found, inputs["sr_estimates"], ddof=inputs["std_ddof"])


def hedge_fund(inputs: dict[str, Any]) -> dict[str, float]:
    fund = moments_with_raw_kurtosis(inputs["sr_monthly"], inputs["T"], inputs["skew"], inputs["kurt"])
    normal = normal_moments(inputs["sr_monthly"], inputs["T"])
    return {
        "psr": probabilistic_sharpe(fund, inputs["benchmark"]),
        "psr_if_normal": probabilistic_sharpe(normal, inputs["benchmark"]),
    }


def track_record(inputs: dict[str, Any]) -> float:
    found = moments_with_raw_kurtosis(inputs["sr"], 250, inputs["skew"], inputs["kurt"])
    return minimum_track_record(found, inputs["benchmark"], inputs["alpha"])


def track_record_years(inputs: dict[str, Any]) -> float:
    months = float(inputs["obs_per_year"])
    sharpe, benchmark = per_period(inputs["sr_annual"], months), per_period(inputs["benchmark_annual"], months)
    found = moments_with_raw_kurtosis(sharpe, months, inputs["skew"], inputs["kurt"])
    return minimum_track_record(found, benchmark, inputs["alpha"]) / months


def overfitting(inputs: dict[str, Any]) -> dict[str, float]:
    found = backtest_overfitting(np.array(inputs["returns_T_by_N"]), inputs["S"])
    assert np.ptp(found.logits) < 1e-9
    return {"pbo": found.pbo, "every_logit": float(found.logits[0])}


def discoveries(inputs: dict[str, Any]) -> dict[str, int]:
    adjustments: tuple[Adjustment, ...] = ("bonferroni", "holm", "bhy")
    told = {str(name): n_discoveries(inputs["pvalues"], name, inputs["alpha"]) for name in adjustments}
    return {**told, "independent": sum(value <= inputs["alpha"] for value in inputs["pvalues"])}


def mackinlay(inputs: dict[str, Any]) -> list[float]:
    pairs = [(inputs[f"{kind}_news_ar"], inputs[f"{kind}_se"]) for kind in ("good", "bad")]
    return [mackinlay_test(np.array([mean]), np.array([error * error])).statistic for mean, error in pairs]


def kolari(inputs: dict[str, Any]) -> dict[str, float]:
    factor = clustering_factor(inputs["n"], inputs["mean_residual_corr"], spread=True)
    return {"factor": factor, "t_adj": factor * inputs["t_bmp"]}


def jorion(inputs: dict[str, Any]) -> dict[str, float]:
    chain = Transitions(inputs["n00"], inputs["n01"], inputs["n10"], inputs["n11"])
    unconditional = kupiec_test(inputs["x"], inputs["T"], inputs["p"])
    return {"lr_uc": unconditional.statistic, "lr_ind": independence_test(chain).statistic}


def basel(inputs: dict[str, Any]) -> dict[str, Any]:
    sessions, level = inputs["T"], inputs["p"]
    assert [basel_zone(n, sessions, level).value for n in inputs["exceptions"]] == ["green", "yellow", "yellow", "red"]
    return {f"cum_le{n}": cumulative_probability(n, sessions, level) for n in (4, 9)}


CASES = {
    "dsr.blp2014.benchmark": Reference(
        BLP_2014,
        0.1132,
        5e-5,
        BLP_2014_PAPER,
        lambda inputs: expected_maximum_sharpe(inputs["n_trials"], variance(inputs)),
    ),
    "dsr.blp2014.value": Reference(BLP_2014, 0.9004, 5e-5, BLP_2014_PAPER, deflated),
    "dsr.blp2014.normal_n88": Reference(
        {**BLP_2014, "n_trials": 88, "skew": 0, "kurtosis_nonexcess": 3}, 0.9505, 5e-5, BLP_2014_PAPER, deflated
    ),
    "dsr.excess_kurtosis_trap": Reference(
        {**BLP_2014, "kurtosis_passed": "excess (7) by mistake"}, {"correct": 0.9004}, 5e-5, BLP_2014_PAPER, trap
    ),
    "dsr.mlfinlab.list": Reference(
        {"sr": 1.14, "sr_estimates": [3.5, 1.01, 1.02], "T": 250, "skew": 0, "kurt": 3, "std_ddof": 0},
        0.95836,
        1e-4,
        "mlfinlab 87c6efd5, deflated Sharpe ratio",
        listed,
    ),
    "mintrl.mlfinlab": Reference(
        {"sr": 1.14, "benchmark": 1, "skew": 0, "kurt": 3, "alpha": 0.05},
        228.73497,
        1e-4,
        "mlfinlab 87c6efd5, minimum track record",
        track_record,
    ),
    "psr.blp2012.hedge_fund": Reference(
        {"sr_monthly": 0.458, "benchmark": 0, "T": 24, "skew": -2.448, "kurt": 10.164},
        {"psr": 0.913, "psr_if_normal": 0.982},
        5e-4,
        "Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, J. Risk 15(2)",
        hedge_fund,
    ),
    "mintrl.blp2012.hfr": Reference(
        {"sr_annual": 2, "benchmark_annual": 1, "alpha": 0.05, "skew": -0.72, "kurt": 5.78, "obs_per_year": 12},
        4.99,
        5e-3,
        "Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, minimum track record",
        track_record_years,
    ),
    "minbtl.n45": Reference(
        {"n_trials": 45, "target_sr_annual": 1},
        5.0,
        5e-3,
        "Bailey, Borwein, Lopez de Prado, Zhu (2014), Pseudo-Mathematics, Notices of the AMS 61(5)",
        lambda inputs: minimum_backtest_years(inputs["n_trials"], inputs["target_sr_annual"]),
    ),
    "expected_max_sr.n10": Reference(
        {"n_trials": 10, "sr_true": 0, "years": 1},
        1.57,
        5e-3,
        "Bailey, Borwein, Lopez de Prado, Zhu (2014), Pseudo-Mathematics, Notices of the AMS 61(5)",
        lambda inputs: inputs["sr_true"] + expected_maximum(inputs["n_trials"]) / math.sqrt(inputs["years"]),
    ),
    "pbo.dominant_strategy": Reference(
        {"returns_T_by_N": DOMINANT, "S": 4, "metric": "sharpe"},
        {"pbo": 0.0, "every_logit": 1.0986122887},
        1e-9,
        CSCV_PAPER,
        overfitting,
    ),
    "pbo.regime_flip": Reference(
        {"returns_T_by_N": FLIPPED, "S": 2, "metric": "sharpe"},
        {"pbo": 1.0, "every_logit": -0.6931471806},
        1e-9,
        CSCV_PAPER,
        overfitting,
    ),
    "cscv.combination_count": Reference({"S": 16}, 12870, 0, CSCV_PAPER, lambda inputs: n_splits(inputs["S"])),
    "multtest.harvey_liu": Reference(
        {"pvalues": [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06], "alpha": 0.05},
        {"bonferroni": 1, "holm": 2, "bhy": 4, "independent": 5},
        0,
        "Harvey and Liu (2014), Evaluating Trading Strategies, J. Portfolio Management 40(5)",
        discoveries,
    ),
    "event.mackinlay1997": Reference(
        {"good_news_ar": 0.00965, "good_se": 0.00104, "bad_news_ar": -0.00679, "bad_se": 0.00098},
        [9.28, -6.93],
        5e-3,
        "MacKinlay (1997), Event Studies in Economics and Finance, J. Economic Literature 35",
        mackinlay,
    ),
    "event.kolari_pynnonen_factor": Reference(
        {"n": 50, "mean_residual_corr": 0.02, "t_bmp": 2.5},
        {"factor": 0.70353, "t_adj": 1.75882},
        5e-5,
        "Kolari and Pynnonen (2010), Review of Financial Studies 23(11)",
        kolari,
    ),
    "var.kupiec_jpm1998": Reference(
        {"x": 20, "T": 252, "p": 0.05},
        3.91,
        5e-3,
        "Jorion, Value at Risk, chapter on backtesting",
        lambda inputs: kupiec_test(inputs["x"], inputs["T"], inputs["p"]).statistic,
    ),
    "var.jorion_q10": Reference(
        {"x": 6, "T": 252, "p": 0.01, "n00": 244, "n01": 2, "n10": 2, "n11": 4},
        {"lr_uc": 3.4988, "lr_ind": 25.837},
        1e-3,
        "Jorion, Value at Risk, chapter 6, question 10",
        jorion,
    ),
    "var.basel_traffic_light": Reference(
        {"T": 250, "p": 0.01, "exceptions": [4, 5, 9, 10]},
        {"cum_le4": 0.8922, "cum_le9": 0.9997},
        5e-5,
        "Basel Committee (1996), supervisory framework for backtesting",
        basel,
    ),
}
ELSEWHERE = {"wrong_with_excess", "zones"}
"""Keys of the shared file that are held inside `trap` and `basel`."""


@pytest.mark.parametrize("case_id", CASES)
def test_published_numbers_of_significance_come_out(case_id: str) -> None:
    case = CASES[case_id]
    found = case.found(case.inputs)
    assert near(found, case.expected, case.tolerance), found


@pytest.mark.shared_data
@pytest.mark.parametrize("case_id", CASES)
def test_these_cases_of_significance_are_those_of_the_shared_file(case_id: str) -> None:
    if not SHARED_CASES.is_file():
        pytest.skip("no shared data beside this checkout: the shared reference cases are not there")
    shared = {case["id"]: case for case in yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    case, expected = CASES[case_id], shared["expected"]
    if isinstance(expected, dict):
        expected = {key: value for key, value in expected.items() if key not in ELSEWHERE}
    assert (case.inputs, case.expected, case.tolerance) == (shared["inputs"], expected, shared["tolerance"])
