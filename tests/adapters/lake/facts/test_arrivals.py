"""Rows that are no facts are set aside with the value, the place and the mend; the rest is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.facts.arrivals import arrivals
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.facts.examples import ASSETS, NOW, day, fact, frame, store

RULED = replace(ASSETS, rules={"value is negative; correct its sign": pl.col("value") >= 0.0})
GOOD = frame(fact("a", 1, 1, 1.0))


def reasons(rows: pl.DataFrame) -> list[str]:
    return arrivals(RULED, rows, None, NOW).set_aside["reason"].to_list()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (fact(None, 1, 1, 1.0), "cik was missing; supply it"),
        (fact("a", 1, 1, float("inf")), "value was inf, expected a number or null; supply one"),
        (fact("a", 1, 1, -1.0), "value is negative; correct its sign"),
        (
            fact("a", 1, 9999, 1.0),
            "known_at was 2047-05-18T00:00:00Z, expected nothing later than 2026-01-01T00:00:00Z; correct its clock",
        ),
    ],
)
def test_row_that_is_no_fact_is_set_aside_with_its_reason(row: tuple[object, ...], reason: str) -> None:
    found = arrivals(RULED, pl.concat([GOOD, frame(row)]), None, NOW)
    assert found.set_aside["reason"].to_list() == [reason]
    assert found.facts.height == 1
    assert json.loads(found.set_aside["row"].item())["form"] == "10-K"


@pytest.mark.parametrize("value", [None, -1.0])
def test_a_retraction_needs_no_values(value: float | None) -> None:
    """One that named its fact by keys and event alone was set aside, and what it took back stayed."""
    needs_value = replace(
        ASSETS, rules={"value is missing or negative": (pl.col("value") >= 0.0).fill_null(value=False)}
    )
    found = arrivals(needs_value, frame(fact("1", 0, 1, value, retracted=True)), None, NOW)
    assert (found.facts.height, found.set_aside.height) == (1, 0)
    told = arrivals(needs_value, frame(fact("1", 0, 1, value)), None, NOW)
    assert (told.facts.height, told.set_aside.height) == (0, 1)


def test_missing_value_is_a_fact() -> None:
    assert arrivals(RULED, frame(fact("a", 1, 1, None)), None, NOW).facts["value"].to_list() == [None]


def test_value_of_another_type_is_taken_only_where_nothing_is_lost() -> None:
    texts = pl.concat([GOOD, GOOD]).with_columns(value=pl.Series(["2.0", "two"]))
    found = arrivals(RULED, texts, None, NOW)
    assert found.facts["value"].to_list() == [2.0]
    assert found.set_aside["reason"].to_list() == ["value was two (String), expected Float64; supply it in that type"]
    assert reasons(GOOD.with_columns(value=pl.lit(2**53 + 1)))[0].startswith("value was 9007199254740993 (Int64)")


def test_instant_without_a_zone_is_set_aside() -> None:
    naive = GOOD.with_columns(pl.col("known_at").dt.replace_time_zone(None))
    assert reasons(naive)[0].startswith("known_at was 2020-01-02 00:00:00")


@pytest.mark.parametrize("changed", [GOOD.drop("form"), GOOD.with_columns(extra=1)])
def test_table_of_other_columns_is_refused_whole(changed: pl.DataFrame) -> None:
    with pytest.raises(
        DataError, match=r"a batch for 'assets' lacks columns .* and has unknown columns .*; give exactly"
    ):
        arrivals(ASSETS, changed, None, NOW)


def test_rows_that_the_reader_set_aside_are_kept_with_their_place(tmp_path: Path) -> None:
    rejected = pl.DataFrame({"file": ["x.csv"], "line": [7], "value": ["1,5"], "reason": ["no number; write 1.5"]})
    done = store(tmp_path).ingested(ASSETS, GOOD, "test", rejected)
    kept = store(tmp_path).quarantine(ASSETS).collect()
    assert done.quarantined == 1
    assert json.loads(kept["row"].item()) == {"file": "x.csv", "line": 7, "value": "1,5"}
    assert (kept["reason"].item(), kept["source"].item()) == ("no number; write 1.5", "test")


def test_rejected_rows_without_a_reason_are_refused() -> None:
    with pytest.raises(DataError, match="none of them is 'reason'; say why each was"):
        arrivals(ASSETS, GOOD, pl.DataFrame({"line": [1]}), day(400))
