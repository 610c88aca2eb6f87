"""SGN-04: reasons of the picks, ranked, and how well they bear them."""

from __future__ import annotations

import polars as pl
import pytest

from nodes.picks.evidence import weighed_evidence
from nodes.picks.reasons import fitness_frac, pick_reasons, pick_side
from nodes.vocabulary.units import Count, FracRow, Panel, Score, ScoreRow
from tests.nodes.picks.tables import EVIDENCE_WEIGHTS, WEIGHTS, plan_features, plan_rows

FORECAST = FracRow(pl.Series([0.02, -0.01, 0.0, None]))
SILENT = ScoreRow(pl.Series([None] * 4, dtype=pl.Float64))


def reasons(rows: Panel) -> Panel:
    weighed = weighed_evidence(plan_features(), WEIGHTS, Score(3.0), FORECAST, SILENT, EVIDENCE_WEIGHTS)
    return pick_reasons(
        weighed, plan_features(), WEIGHTS, Score(3.0), FORECAST, SILENT, EVIDENCE_WEIGHTS, pick_side(rows)
    )


def test_a_pick_owns_leaves_or_lets_be() -> None:
    assert pick_side(plan_rows()).to_list() == [1.0, -1.0, 0.0, None]
    assert pick_side(plan_rows(target_shares=[-5, None, 0, 0])).to_list() == [-1.0, None, 0.0, 0.0]


def test_reasons_are_told_of_shares_that_something_is_done_with() -> None:
    found = reasons(plan_rows())
    assert found["symbol"].unique().sort().to_list() == ["AAA", "BBB"]
    assert set(found["reason"]) == {*WEIGHTS, "forecast_return_frac"}


def test_what_a_reason_claims_is_what_is_left_out_without_it() -> None:
    found = reasons(plan_rows())
    assert found["observed_score"].to_list() == pytest.approx(found["claimed_score"].to_list(), abs=1e-9)


def test_fitness_is_of_the_cited_reasons_that_speak_for_the_pick() -> None:
    found = reasons(plan_rows())
    claims = found.filter(pl.col("symbol") == "AAA")["claimed_score"]
    speaking = claims.filter(claims > 0).sort(descending=True)
    fitness = fitness_frac(found, plan_rows(), pick_side(plan_rows()), Count(2)).to_list()
    assert fitness[0] == pytest.approx(sum(speaking.to_list()[:2]) / sum(abs(each) for each in claims.to_list()))
    assert 0.0 < fitness[1] <= 1.0
    assert fitness[2:] == [None, None]


def test_a_pick_that_everything_speaks_against_has_no_fitness() -> None:
    found = reasons(plan_rows())
    wrong_way = ScoreRow(pl.Series([-1.0, 1.0, 0.0, None]))
    right = fitness_frac(found, plan_rows(), pick_side(plan_rows()), Count(9)).to_list()
    wrong = fitness_frac(found, plan_rows(), wrong_way, Count(9)).to_list()
    assert [one + other for one, other in zip(right[:2], wrong[:2], strict=True)] == pytest.approx([1.0, 1.0])
