"""Who may be held, and who is: what is unknown is neither chosen nor rejected."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.portfolio.selection import is_eligible, is_selected, return_covariance
from nodes.vocabulary.units import (
    Count,
    DateColumn,
    FlagRow,
    FracColumn,
    FracMatrix,
    ScoreRow,
    Segments,
    Sessions,
    SymbolRow,
)
from tests.nodes.bars import bars, panel, segments_of

SYMBOLS = SymbolRow(pl.Series(["A", "B", "C"]))


def test_covariance_is_over_the_last_sessions_and_nan_for_a_young_symbol() -> None:
    frame = panel(bars("A", 30, 1), bars("B", 30, 2), bars("C", 30, 3).slice(25))
    returns = FracColumn(frame["close_usd"] / 1000.0)
    found = return_covariance(returns, DateColumn(frame["session_on"]), Segments(segments_of(frame)), Sessions(10))
    wanted = np.cov([frame.filter(symbol=name)["close_usd"].to_numpy()[-10:] / 1000.0 for name in "AB"])
    np.testing.assert_allclose(found[:2, :2], wanted, rtol=1e-10)
    assert np.isnan(found[2]).all()


def test_eligible_needs_a_score_and_a_risk_above_zero() -> None:
    matrix = FracMatrix(np.diag([0.01, 0.0, np.nan]))
    scores = ScoreRow(pl.Series([0.5, 0.5, 0.5]))
    assert is_eligible(scores, matrix).to_list() == [True, False, False]
    assert is_eligible(ScoreRow(pl.Series([None, 1.0, 1.0])), FracMatrix(np.eye(3))).to_list() == [False, True, True]


@pytest.mark.parametrize(
    ("scores", "eligible", "count", "wanted"),
    [
        ([0.1, 0.9, 0.5], [True, True, True], 2, [False, True, True]),
        ([0.1, 0.9, 0.5], [True, False, True], 1, [False, None, True]),
        ([0.5, 0.5, 0.5], [True, True, True], 1, [True, False, False]),
        ([0.1, 0.9, 0.5], [False, False, False], 2, [None, None, None]),
        ([0.1, 0.9, 0.5], [True, True, True], 0, [False, False, False]),
    ],
)
def test_selected_are_the_best_of_the_eligible(
    scores: list[float], eligible: list[bool], count: int, wanted: list[bool | None]
) -> None:
    flags = FlagRow(pl.Series(eligible))
    assert is_selected(ScoreRow(pl.Series(scores)), flags, SYMBOLS, Count(count)).to_list() == wanted
