"""Published numbers, recomputed: each case by its id, with its citation and its tolerance.

The inputs stand here, so that these tests need nothing else; where the shared file of reference cases is beside the
checkout, a second test compares what stands here with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from nodes.kernels.as_of import newest_first_prints, newest_known
from nodes.kernels.corporate_actions import adjusted_closes, event_ratio
from nodes.kernels.fees import commission_of_fills
from nodes.kernels.impact import AlmgrenModel, VolumeShareSlippage, square_root_impact_frac
from nodes.kernels.options.implied import implied_volatilities
from nodes.kernels.options.pricing import Contracts, greeks, prices
from nodes.kernels.portfolio.minimum_variance import minimum_variance_weights
from nodes.kernels.portfolio.risk_budgeting import erc_weights
from nodes.kernels.ranges import parkinson_volatility, yang_zhang_volatility
from nodes.kernels.risk import max_drawdown, portfolio_volatility, sharpe_ratio

SHARED_CASES = Path(__file__).resolve().parents[3] / "shared" / "reference_cases.yaml"

MRT_VOL = [0.1, 0.2, 0.3, 0.4]
MRT_CORR = [[1.0, 0.8, 0.0, 0.0], [0.8, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -0.5], [0.0, 0.0, -0.5, 1.0]]
MRT = {"vol": MRT_VOL, "corr": MRT_CORR}
MRT_PAPER = "Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4) 60-70, four-asset example"
TIGHT_ERC = [0.38361251, 0.19180625, 0.24261785, 0.18196339]


EIGHT_BARS = {
    "open": [100.0, 101.0, 99.5, 102.0, 101.5, 103.0, 102.0, 104.0],
    "high": [102.0, 101.8, 102.5, 103.0, 103.6, 103.9, 104.5, 105.0],
    "low": [99.0, 99.2, 99.0, 101.0, 100.9, 101.5, 101.6, 103.2],
    "close": [101.0, 99.8, 102.0, 101.2, 103.1, 102.2, 104.1, 103.5],
    "window": 5,
}


QUARTERS = {
    "facts": {
        "sym": ["A", "A", "A", "A"],
        "period": ["2023Q1", "2023Q2", "2023Q2", "2023Q3"],
        "avail": ["2023-05-01 16:05:00", "2023-08-01 16:05:00", "2023-09-15 09:00:00", "2023-11-01 16:05:00"],
        "eps": [1.0, 1.1, 0.95, 1.2],
        "rev": [0, 0, 1, 0],
    },
    "queries": [
        "2023-05-01 16:04",
        "2023-05-01 16:05",
        "2023-08-01 16:06",
        "2023-09-14 23:59",
        "2023-09-15 09:00",
        "2023-12-31 00:00",
    ],
}


@dataclass(frozen=True)
class Reference:
    """A published case.

    Attributes:
        inputs: as the shared file has them.
        expected: as published.
        tolerance: absolute.
        citation: where it is from.
        found: what our kernels make of the inputs.
    """

    inputs: dict[str, Any]
    expected: Any
    tolerance: float
    citation: str
    found: Callable[[dict[str, Any]], Any]


def covariance(inputs: dict[str, Any]) -> np.ndarray:
    vol = np.array(inputs["vol"])
    corr = np.array(inputs["corr"]) if "corr" in inputs else np.full((len(vol), len(vol)), inputs["corr_offdiag"])
    np.fill_diagonal(corr, 1.0)
    return corr * np.outer(vol, vol)


def erc(inputs: dict[str, Any]) -> list[float]:
    return [float(weight) for weight in erc_weights(covariance(inputs), 1.0, 1.0)]


def minimum_variance(inputs: dict[str, Any]) -> dict[str, Any]:
    weights = minimum_variance_weights(covariance(inputs), 1.0, 1.0)
    return {"w": weights.tolist(), "vol": portfolio_volatility(weights, covariance(inputs))}


def equal_weight(inputs: dict[str, Any]) -> float:
    return portfolio_volatility(np.full(4, 0.25), covariance(inputs))


def parkinson(inputs: dict[str, Any]) -> list[float]:
    high, low = np.array(inputs["high"]), np.array(inputs["low"])
    found = parkinson_volatility(high, low, np.array([0, len(high)]), inputs["window"])
    return [float(value) for value in found[inputs["window"] - 1 :]]


def yang_zhang(inputs: dict[str, Any]) -> list[float]:
    opening, high, low, close = (np.array(inputs[name]) for name in ("open", "high", "low", "close"))
    segments = np.array([0, len(close)])
    found = yang_zhang_volatility((opening, high, low, close), np.ones(len(close)), segments, inputs["window"])
    return [float(value) for value in found[inputs["window"] :]]


def call_and_put(inputs: dict[str, Any]) -> Contracts:
    numbers = (np.full(2, float(inputs[name])) for name in ("S", "K", "T", "r"))
    spot, strike, years, rate = numbers
    return Contracts(spot, strike, years, rate, np.zeros(2), np.array([True, False]))


def black_scholes(inputs: dict[str, Any]) -> dict[str, float]:
    call, put = prices(call_and_put(inputs).terms, np.full(2, inputs["sigma"]))
    return {"call": float(call), "put": float(put)}


def black_scholes_call(inputs: dict[str, Any]) -> float:
    return black_scholes(inputs)["call"]


def parity_gap(inputs: dict[str, Any]) -> float:
    both = black_scholes({**inputs, "sigma": 0.2})
    return both["call"] - both["put"]


def implied(inputs: dict[str, Any]) -> float:
    return float(implied_volatilities(np.full(2, inputs["call"]), call_and_put(inputs).terms).volatility_frac[0])


def hull_greeks(inputs: dict[str, Any]) -> dict[str, float]:
    contracts = call_and_put(inputs)
    found = greeks(contracts, np.full(2, inputs["sigma"]))
    return {
        "price": black_scholes_call(inputs),
        "delta": float(found.delta[0]),
        "gamma": float(found.gamma[0]),
        "theta_year": float(found.theta[0]),
        "vega": float(found.vega[0]),
        "rho": float(found.rho[0]),
    }


def square_root(inputs: dict[str, Any]) -> list[float]:
    return [square_root_impact_frac(inputs["Y"], inputs["sigma_daily"], part) for part in inputs["Q_over_V"]]


def almgren(inputs: dict[str, Any]) -> dict[str, Any]:
    model = AlmgrenModel(inputs["gamma"], inputs["eta"], inputs["beta"], inputs["delta"])
    sigma, part, turnover = inputs["sigma_daily"], inputs["X_over_V"], inputs["shares_out"] / inputs["V"]
    return {
        "perm_bp": model.permanent_frac(sigma, part, turnover) * 1e4,
        "temp_bp": [model.temporary_frac(sigma, part, days) * 1e4 for days in inputs["T_days"]],
        "realised_bp": [model.realised_frac(sigma, part, turnover, days) * 1e4 for days in inputs["T_days"]],
    }


def zipline_slippage(inputs: dict[str, Any]) -> list[list[float | int | None]]:
    model = VolumeShareSlippage(inputs["volume_limit"], inputs["price_impact"])
    close, volume = inputs["close"], inputs["bar_volume"]
    return [[model.fill_price(order, close, volume), model.filled_shares(order, volume)] for order in inputs["order"]]


def lean_slippage(inputs: dict[str, Any]) -> float:
    model = VolumeShareSlippage(inputs["volume_limit"], inputs["price_impact"])
    return float(model.fill_price(25, inputs["price"], 1000) or 0.0) - float(inputs["price"])


def drawdowns(inputs: dict[str, Any]) -> list[float]:
    paths = [[float("nan") if step is None else step / 100.0 for step in path] for path in inputs["returns_pct"]]
    return [-max_drawdown(np.array(path)) for path in paths]


def commissions(inputs: dict[str, Any]) -> list[list[float]]:
    least = [Decimal(str(cost or 0)) for cost in inputs["min_trade_cost"]]
    cost, fills = Decimal(str(inputs["cost"])), tuple(inputs["fills"])
    return [[float(added) for added in commission_of_fills(cost, minimum, fills)] for minimum in least]


def yahoo(inputs: dict[str, Any]) -> list[float]:
    close = np.array(list(inputs["close"].values()))
    ratio = np.array([1.0, 1.0, event_ratio(2.0, 0.0, 48.3), event_ratio(1.0, 0.08, 24.96)])
    return [float(level) for level in adjusted_closes(close, ratio)]


def sharpe(inputs: dict[str, Any]) -> float:
    return sharpe_ratio(np.array(inputs["returns"]), inputs["bench"])


def _facts(symbols: list[str], columns: dict[str, list[Any]]) -> pl.DataFrame:
    """Facts of earnings per share: periods as event instants, and when each number could be known."""
    frame = pl.DataFrame({"symbol": symbols, **columns}).with_row_index("sequence")
    quarter = pl.col("event_at").str.replace("Q1", "-03-31").str.replace("Q2", "-06-30").str.replace("Q3", "-09-30")
    dated = frame.with_columns(quarter.str.slice(0, 10).str.to_datetime(time_unit="ns", time_zone="UTC"))
    known = pl.col("known_at").str.slice(0, 16).str.to_datetime("%Y-%m-%d %H:%M", time_unit="ns", time_zone="UTC")
    return dated.with_columns(known)


def _answers(join: Callable[..., pl.DataFrame], facts: pl.DataFrame, queries: list[str], **how: bool) -> list[Any]:
    at = pl.Series("at", [f"{query} 00:00"[:16] for query in queries])
    asked = pl.DataFrame({"symbol": ["A"] * len(at), "at": at.str.to_datetime("%Y-%m-%d %H:%M", time_zone="UTC")})
    return join(facts, ["symbol"], asked, ["eps"], **how)["eps"].to_list()


def quarters(inputs: dict[str, Any]) -> pl.DataFrame:
    facts = inputs["facts"]
    return _facts(facts["sym"], {"event_at": facts["period"], "known_at": facts["avail"], "eps": facts["eps"]})


def latest_known(inputs: dict[str, Any]) -> list[Any]:
    return _answers(newest_known, quarters(inputs), inputs["queries"])


def first_print(inputs: dict[str, Any]) -> list[Any]:
    return _answers(newest_first_prints, quarters(inputs), inputs["queries"])


def strictly_before(inputs: dict[str, Any]) -> list[Any]:
    return _answers(newest_known, quarters(inputs), inputs["queries"], strictly_before=True)


def feast_leak(inputs: dict[str, Any]) -> dict[str, list[Any]]:
    """Ours, and what a join on the period's end gives, where every revision counts as known then."""
    events, created, eps = (list(part) for part in zip(*inputs["rows"], strict=True))
    leaky = _facts(["A"] * 3, {"event_at": events, "known_at": [f"{event} 00:00" for event in events], "eps": eps})
    facts = _facts(["A"] * 3, {"event_at": events, "known_at": created, "eps": eps})
    return {
        "feast_default": _answers(newest_known, leaky, inputs["queries"]),
        "filter_by_created_timestamp": _answers(newest_known, facts, inputs["queries"]),
    }


CASES = {
    "pit.latest_known": Reference(
        QUARTERS,
        [None, 1.0, 1.1, 1.1, 0.95, 1.2],
        0.0,
        "as-of on availability time (not period end), inclusive",
        latest_known,
    ),
    "pit.first_print": Reference(
        QUARTERS, [None, 1.0, 1.1, 1.1, 1.1, 1.2], 0.0, "restatements (rev>0) excluded", first_print
    ),
    "pit.strictly_before": Reference(
        QUARTERS,
        [None, None, 1.1, 1.1, 1.1, 1.2],
        0.0,
        "allow_exact_matches=False: a fact stamped at the decision instant is not usable",
        strictly_before,
    ),
    "pit.feast_created_leak": Reference(
        {
            "rows": [
                ["2023-03-31", "2023-05-01 16:05", 1.0],
                ["2023-06-30", "2023-08-01 16:05", 1.1],
                ["2023-06-30", "2023-09-15 09:00", 0.95],
            ],
            "columns": ["event_timestamp", "created", "eps"],
            "queries": ["2023-04-15", "2023-07-15", "2023-08-15", "2023-09-20"],
        },
        {
            "feast_default": [1.0, 0.95, 0.95, 0.95],
            "filter_by_created_timestamp": [None, 1.0, 1.1, 0.95],
        },
        0.0,
        "feast-dev/feast issue #6615 / PR #6617; feast 0.67.0 run here on a file store",
        feast_leak,
    ),
    "erc.mrt2010.weights": Reference(MRT, [0.384, 0.192, 0.243, 0.182], 0.0005, MRT_PAPER, erc),
    "minvar.mrt2010": Reference(
        MRT, {"w": [0.745, 0, 0.152, 0.103], "vol": 0.086}, 0.0005, MRT_PAPER, minimum_variance
    ),
    "equalweight.mrt2010": Reference(MRT, 0.115, 0.0002, MRT_PAPER, equal_weight),
    "erc.constant_correlation": Reference(
        {"vol": MRT_VOL, "corr_offdiag": 0.5},
        [0.48, 0.24, 0.16, 0.12],
        1e-6,
        "MRT (2010): equal correlations => weights proportional to 1/vol",
        erc,
    ),
    "vol.parkinson": Reference(
        EIGHT_BARS,
        [0.01666377, 0.01589944, 0.01617537, 0.01400495],
        5e-9,
        "Parkinson (1980) J. Business 53: mean(ln(H/L)^2)/(4 ln2)",
        parkinson,
    ),
    "vol.yang_zhang_published": Reference(
        EIGHT_BARS,
        [0.0158981225, 0.015387056, 0.0142931782],
        1e-9,
        "Yang & Zhang (2000) J. Business 73: var(ln O/C-1)+k var(ln C/O)+(1-k) RS, k=.34/(1.34+(n+1)/(n-1)), (n-1) "
        "variances, RS divided by n",
        yang_zhang,
    ),
    "bs.hull_42_40": Reference(
        {"S": 42, "K": 40, "r": 0.1, "sigma": 0.2, "T": 0.5},
        {"call": 4.76, "put": 0.81},
        0.005,
        "Hull, Options Futures and Other Derivatives, BSM chapter example",
        black_scholes,
    ),
    "bs.haug_60_65": Reference(
        {"S": 60, "K": 65, "r": 0.08, "sigma": 0.3, "T": 0.25},
        2.1334,
        5e-5,
        "Haug, The Complete Guide to Option Pricing Formulas, BS example",
        black_scholes_call,
    ),
    "iv.hull_1875": Reference(
        {"S": 21, "K": 20, "r": 0.1, "T": 0.25, "call": 1.875},
        0.235,
        0.0005,
        "Hull, Options Futures and Other Derivatives, implied volatility section",
        implied,
    ),
    "greeks.hull_49_50": Reference(
        {"S": 49, "K": 50, "r": 0.05, "sigma": 0.2, "T": 0.3846},
        {"price": 2.4005, "delta": 0.5216, "gamma": 0.0655, "theta_year": -4.3054, "vega": 12.1052, "rho": 8.9066},
        5e-5,
        "Hull, Options Futures and Other Derivatives, Greeks chapter (0.522, 0.066, -4.31, 12.1, 8.91)",
        hull_greeks,
    ),
    "parity.put_call": Reference(
        {"S": 42, "K": 40, "r": 0.1, "T": 0.5},
        3.9508230199714376,
        1e-10,
        "identity",
        parity_gap,
    ),
    "impact.square_root": Reference(
        {"Y": 1.0, "sigma_daily": 0.02, "Q_over_V": [0.01, 0.04]},
        [0.002, 0.004],
        1e-12,
        "square-root law; Sato & Kanazawa arXiv 2411.13965",
        square_root,
    ),
    "impact.almgren_dri": Reference(
        {
            "V": 1929000.0,
            "shares_out": 168000000.0,
            "sigma_daily": 0.0226,
            "X_over_V": 0.1,
            "T_days": [0.1, 0.2, 0.5],
            "gamma": 0.314,
            "eta": 0.142,
            "beta": 0.6,
            "delta": 0.25,
        },
        {"perm_bp": 22, "temp_bp": [32, 21, 12], "realised_bp": [43, 32, 23]},
        0.55,
        "Almgren, Thum, Hauptmann, Li (2005), Direct Estimation of Equity Market Impact, Risk 18(7), example table",
        almgren,
    ),
    "slippage.zipline_volume_share": Reference(
        {"close": 3.5, "bar_volume": 2000, "order": [100, -100], "volume_limit": 0.025, "price_impact": 0.1},
        [[3.50021875, 50], [3.49978125, -50]],
        1e-12,
        "zipline-reloaded tests/finance/test_slippage.py::test_orders_limit",
        zipline_slippage,
    ),
    "slippage.lean_volume_share": Reference(
        {"price": 100, "volume_limit": 0.025, "price_impact": 0.1},
        0.00625,
        1e-12,
        "QuantConnect/Lean SlippageModelsTests.cs::VolumeShareSlippageModelInitializationTests",
        lean_slippage,
    ),
    "drawdown.max_empyrical": Reference(
        {"returns_pct": [[None, 1, 10, -4, 2, 3, 2, 1, -10], [0, -6, -7, -1, -9, -2, -6, -8, -5]]},
        [-0.1, -0.365907303498736],
        1e-12,
        "empyrical tests/test_stats.py mixed_returns/negative_returns",
        drawdowns,
    ),
    "commission.zipline_per_share": Reference(
        {"cost": 0.0075, "fills": [230, 170, 100], "min_trade_cost": [None, 18, 3]},
        [[1.725, 1.275, 0.75], [18, 0, 0], [3, 0, 0.75]],
        1e-9,
        "zipline-reloaded tests/finance/test_commissions.py (first list); PerShare run",
        commissions,
    ),
    "adjclose.yahoo_crsp": Reference(
        {
            "close": {"02-13": 46.99, "02-14": 48.3, "02-18": 24.96, "02-19": 24.53},
            "split": "2:1 on 02-18",
            "dividend": "0.08 ex 02-19",
        },
        [23.42, 24.07, 24.88, 24.53],
        0.005,
        "Yahoo Finance help SLN28256 / CRSP multipliers: 1-0.08/24.96=0.9968",
        yahoo,
    ),
    "sharpe.iid.pypbo": Reference(
        {
            "returns": [0.259, 0.198, 0.364, -0.081, 0.057, 0.055, 0.188, 0.317, 0.24, 0.184, -0.01, 0.526],
            "bench": 0.05,
            "ddof": 1,
        },
        0.834364,
        1e-6,
        "esvhd/pypbo pypbo/tests/test_metrics.py::test_sharpe_iid",
        sharpe,
    ),
}


def near(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether all numbers of two like structures differ by at most the tolerance."""
    if isinstance(expected, dict):
        return set(found) == set(expected) and all(near(found[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            near(one, other, tolerance) for one, other in zip(found, expected, strict=True)
        )
    if expected is None:
        return found is None
    return bool(abs(found - expected) <= tolerance)


@pytest.mark.parametrize("case_id", CASES)
def test_published_numbers_come_out(case_id: str) -> None:
    case = CASES[case_id]
    found = case.found(case.inputs)
    assert near(found, case.expected, case.tolerance), (found, case.citation)


def test_the_weights_of_the_paper_come_out_to_a_millionth() -> None:
    assert near(erc(MRT), TIGHT_ERC, 1e-6)


def test_hulls_option_comes_out_to_the_last_digits_of_its_tight_reference() -> None:
    tight = {"call": 4.759422392871536, "put": 0.808599372900094}
    assert near(black_scholes({"S": 42, "K": 40, "r": 0.1, "sigma": 0.2, "T": 0.5}), tight, 1e-12)
    assert near(implied({"S": 21, "K": 20, "r": 0.1, "T": 0.25, "call": 1.875}), 0.234512913998, 1e-11)


@pytest.mark.shared_data
@pytest.mark.parametrize("case_id", CASES)
def test_these_cases_are_those_of_the_shared_file(case_id: str) -> None:
    if not SHARED_CASES.is_file():
        pytest.skip("no shared data beside this checkout: the shared reference cases are not there")
    shared = {case["id"]: case for case in yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    case = CASES[case_id]
    assert (case.inputs, case.expected, case.tolerance) == (shared["inputs"], shared["expected"], shared["tolerance"])
