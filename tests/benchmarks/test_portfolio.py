"""The lines on portfolios: few assets, one turn, answers that agree or no line at all."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.arrays import Array
from tests.benchmarks import portfolio

LITTLE = portfolio.Work(n_assets=8, n_periods=120, n_turns=1)


def test_every_portfolio_has_a_line_beside_each_peer() -> None:
    found = portfolio.rows(LITTLE)
    assert [row.what.split()[0] for row in found] == [
        "erc",
        "erc",
        "erc:",
        "minimum-variance",
        "minimum-variance",
        "hrp",
        "allocation",
    ]
    assert found[2].is_met
    assert all(row.measured for row in found)


def test_times_of_different_answers_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(covariance: Array, _kind: str) -> Array:
        return np.full(len(covariance), 1.0 / len(covariance))

    monkeypatch.setattr(portfolio, "by_cvxpy", other)
    with pytest.raises(RuntimeError, match="erc: cvxpy and we find different things"):
        portfolio.rows(LITTLE)
