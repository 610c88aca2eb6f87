"""What an arriving fact adds, against a reading of it one fact at a time."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from adapters.lake.facts.revisions import first, newest, novelties
from tests.adapters.lake.facts.examples import ASSETS, fact, frame

ROWS = st.lists(
    st.builds(
        fact,
        st.sampled_from(["a", "b"]),
        st.integers(0, 1),
        st.integers(0, 4),
        st.sampled_from([1.0, 2.0, None]),
        retracted=st.booleans(),
    ),
    max_size=8,
)


def numbered(rows: pl.DataFrame, start: int = 1) -> pl.DataFrame:
    return rows.with_columns(sequence=pl.int_range(pl.len()) + start)


def told(rows: pl.DataFrame) -> list[list[Any]]:
    """What is said at each instant of knowledge of each fact."""
    facts = numbered(rows).lazy()
    seen = [newest(ASSETS, facts.filter(pl.col("known_at").dt.day() <= day)) for day in range(1, 6)]
    return [part.select("cik", "event_at", "value").sort("cik", "event_at").collect().rows() for part in seen]


@given(ROWS)
def test_leaving_out_what_adds_nothing_changes_no_answer(rows: list[Any]) -> None:
    """Of contradictions at one instant of knowledge the first statement of a repeat counts, so repeats are left out."""
    once = frame(*dict.fromkeys(rows))
    added = novelties(ASSETS, numbered(once).clear(), once)
    assert told(added) == told(once)


@given(ROWS, ROWS)
def test_what_is_stored_adds_nothing_again(stored: list[Any], rows: list[Any]) -> None:
    old = numbered(novelties(ASSETS, numbered(frame()), frame(*stored)))
    new = numbered(novelties(ASSETS, old, frame(*rows)), old.height + 1)
    both = pl.concat([old, new], how="diagonal")
    assert novelties(ASSETS, both, frame(*rows)).is_empty()


def test_retraction_of_what_was_retracted_adds_nothing() -> None:
    taken_back = frame(
        fact("a", 1, 1, 1.0), fact("a", 1, 2, None, retracted=True), fact("a", 1, 3, None, retracted=True)
    )
    assert novelties(ASSETS, numbered(frame()), taken_back).height == 2


def test_equal_knowledge_is_decided_by_the_sequence() -> None:
    rows = numbered(frame(fact("a", 1, 1, 1.0), fact("a", 1, 1, 2.0))).lazy()
    assert newest(ASSETS, rows).collect()["value"].to_list() == [2.0]
    assert first(ASSETS, rows).collect()["value"].to_list() == [1.0]
