"""What breaks a contract while a plan runs becomes unknown, with the reason. PIT-01."""

from __future__ import annotations

from typing import Any

import polars as pl

from dataflows.engine.evaluation import guarded
from dataflows.engine.guards import Breach
from nodes.vocabulary.absent import Absent
from tests.dataflows.engine.contracted import SHEET, Snapshot, plan, snapshot

CLOSES = [10.0, 11.0, 12.0, 13.0]


def run(given: Snapshot, sheet: str = SHEET) -> tuple[dict[str, Any], tuple[Breach, ...]]:
    return guarded(plan(sheet), given)


def test_values_that_hold_their_contract_stand() -> None:
    values, breaches = run(snapshot(CLOSES))
    assert values["price_usd"].to_list() == [None, 10.0, 11.0, 12.0]
    assert breaches == ()


def test_a_value_out_of_range_is_unknown_and_the_rest_stands() -> None:
    values, breaches = run(snapshot([10.0, 500.0, 12.0, 13.0]))
    assert values["price_usd"].to_list() == [None, 10.0, None, 12.0]
    assert [(item.feature, item.n_rows) for item in breaches] == [("price_usd", 1)]
    assert "was 500.0, outside [1.0, 100.0]" in breaches[0].reason


def test_a_source_staler_than_its_maximum_makes_the_row_unknown() -> None:
    """At each row's own close, so that the same row says the same inside a longer history."""
    values, breaches = run(snapshot([10.0] * 4, rated_day=-28))
    assert values["mood_score"].to_list() == [0.5, 0.5, 0.5, None]
    assert {item.feature for item in breaches} == {"mood_score", "raters_count"}


def test_a_panel_that_is_too_old_makes_the_feature_absent() -> None:
    late = snapshot(CLOSES)
    late = Snapshot(late.panel.head(1), late.ratings, late.session_on.replace(day=20))  # type: ignore[arg-type]
    values, _ = run(late)
    assert isinstance(values["price_usd"], Absent)
    assert "the newest bar is of 2020-01-01" in values["price_usd"].reason


def test_a_fact_known_sooner_than_it_can_be_makes_the_feature_absent() -> None:
    values, _ = run(snapshot(CLOSES, lag_h=2))
    assert isinstance(values["mood_score"], Absent)
    assert "was known 7200 s after its event, its contract says 32400 s" in values["mood_score"].reason


def test_a_type_that_the_contract_does_not_say_makes_the_feature_absent() -> None:
    other = SHEET.replace("dtype: int64", "dtype: int32")
    values, _ = run(snapshot(CLOSES), other)
    assert str(values["raters_count"]) == "absent: is Int64, its contract says int32 (at raters_count)"


def test_a_gap_where_there_is_never_one_makes_the_feature_absent() -> None:
    values, _ = run(snapshot(CLOSES, rated_day=-28))
    assert isinstance(values["raters_count"], Absent)
    assert "misses 1 of 4 values, its contract says never" in values["raters_count"].reason


def test_bounds_that_are_open_let_anything_pass() -> None:
    values, _ = run(snapshot([10.0, 500.0, 12.0, 13.0]), SHEET.replace("[1.0, 100.0]", "[1.0, null]"))
    assert isinstance(values["price_usd"], pl.Series)
    assert values["price_usd"].null_count() == 1
