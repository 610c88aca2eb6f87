from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.kernels.reason_tables import (
    bad_cases_of,
    cited_reasons,
    evidence_of,
    fitness_column,
    forecasts_of,
    reason_table,
    reasons_by_symbol,
    weighed_table,
)
from nodes.kernels.reasons import Evidence
from tests.nodes.picks.tables import EVIDENCE_WEIGHTS, SYMBOLS, WEIGHTS, forecasts, plan_features


def evidence() -> Evidence:
    return evidence_of(plan_features(), WEIGHTS, 3.0, (None, None), EVIDENCE_WEIGHTS)


def test_evidence_has_an_array_for_each_feature_and_nothing_of_what_is_not_there() -> None:
    found = evidence()
    assert set(found.features) == set(WEIGHTS)
    assert np.isnan(found.forecast).all()
    assert (found.score_weight, found.forecast_weight, found.tone_weight) == (0.7, 0.2, 0.1)


def test_forecasts_are_told_in_the_order_of_the_symbols() -> None:
    symbols = pl.Series(["CCC", "AAA", "ZZZ"])
    assert forecasts_of(forecasts(), symbols, 21).to_list() == [0.0, 0.02, None]
    assert bad_cases_of(forecasts(), symbols, 21, 0.05).to_list() == [-0.09, -0.08, None]


def test_reasons_are_a_row_a_reason_of_each_share_with_a_side() -> None:
    weighed = weighed_table(SYMBOLS, evidence())
    found = reason_table(weighed, evidence(), np.array([1.0, 0.0, np.nan, 1.0]))
    assert found["symbol"].to_list() == ["AAA"] * 3
    (rows,) = reasons_by_symbol(found).values()
    assert cited_reasons(rows, 1, 9) == tuple(
        name for _, name in sorted((-row["claimed_score"], row["reason"]) for row in rows if row["claimed_score"] > 0)
    )


def test_fitness_is_null_where_there_are_no_reasons() -> None:
    weighed = weighed_table(SYMBOLS, evidence())
    sides = np.array([1.0, 0.0, np.nan, 1.0])
    found = fitness_column(SYMBOLS, reason_table(weighed, evidence(), sides), sides, 3).to_list()
    assert found[0] == pytest.approx(found[0])
    assert found[1:] == [None, None, None]
