"""A question for each test of significance: what examples are recorded of, and what each way in is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from api.http.routes.significance import PREFIX, QUESTIONS, operation_id

_RETURNS = np.random.default_rng(3).normal(0.0, 0.01, (60, 4)).round(4)
_RETURNS[:, 2] += 0.002
ROWS: list[list[float]] = _RETURNS.round(4).tolist()
SERIES: list[float] = _RETURNS[:, 2].round(4).tolist()
NAMES = ["momentum", "value", "carry", "size"]
ASKED: Mapping[str, dict[str, Any]] = {
    "spa": {"returns": ROWS, "names": NAMES, "n_resamples": 500, "seed": 1},
    "reality-check": {"returns": ROWS, "names": NAMES, "n_resamples": 500, "seed": 1},
    "step-m": {"returns": ROWS, "names": NAMES, "n_resamples": 500, "seed": 1, "level": 0.05},
    "pbo": {"returns": ROWS, "names": NAMES, "n_blocks": 6},
    "sharpe": {"returns": SERIES, "periods_per_year": 252},
    "psr": {"sharpe": 0.458, "n_periods": 24, "skewness": -2.448, "kurtosis_raw": 10.164},
    "dsr": {
        "sharpe": 2.5,
        "n_periods": 1250,
        "skewness": -3,
        "kurtosis_excess": 7,
        "periods_per_year": 250,
        "n_trials": 100,
        "trial_sharpe_variance": 0.5,
    },
    "min-track-record": {
        "sharpe": 2,
        "skewness": -0.72,
        "kurtosis_raw": 5.78,
        "benchmark_sharpe": 1,
        "periods_per_year": 12,
    },
    "min-backtest-length": {"n_trials": 45, "target_sharpe_annual": 1},
    "multiple-testing": {"p_values": [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06], "level": 0.05},
    "haircut": {"sharpe": 0.75, "n_periods": 240, "periods_per_year": 12, "n_tests": 200, "n_draws": 100},
    "car": {
        "returns": ROWS,
        "market": [0.004 * (-1) ** place for place in range(60)],
        "events": [{"session": 45, "share": 0}, {"session": 50, "share": 2}, {"session": 55, "share": 3}],
        "estimation": [-40, -6],
        "window": [-1, 1],
        "min_sessions": 20,
    },
    "exceedances": {"level": 0.01, "n_exceedances": 9, "n_sessions": 250},
    "decay": {"scores": ROWS, "returns": ROWS, "horizons": [1, 5], "delays": [0, 1], "min_shares": 3},
}
CALLS: list[tuple[str, str, str, Any, dict[str, str]]] = [
    (operation_id(question), "POST", PREFIX + question.name, ASKED[question.name], {}) for question in QUESTIONS
]
"""As `tests.api.http.recording` makes them."""
