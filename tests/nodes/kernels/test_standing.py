"""What stands at an instant: spells, their totals, and the earliest ahead."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.standing import AMOUNT, FROM, UNTIL, at_rows, days_until, spells, totals, whole

INSTANT = pl.Datetime("ns", "UTC")


def on(day: int) -> datetime:
    return datetime(2020, 1, day, tzinfo=UTC)


def stated(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    """What sources say of A: source, day, amount."""
    frame = pl.DataFrame(
        {
            "symbol": ["A"] * len(rows),
            "source": [row[0] for row in rows],
            "known_at": [on(row[1]) for row in rows],
            "sequence": list(range(len(rows))),
            AMOUNT: [row[2] for row in rows],
        }
    )
    return frame.with_columns(pl.col("known_at").cast(INSTANT))


def at(steps: pl.DataFrame, *days: int) -> pl.DataFrame:
    """The step in force on each of some days."""
    return at_rows(steps, {"symbol": pl.Series(["A"] * len(days))}, pl.Series([on(day) for day in days], dtype=INSTANT))


STATED = stated([("x", 2, 5), ("y", 3, 7), ("x", 6, 1), ("x", 6, 2)])


def test_a_statement_stands_until_the_next_of_its_source() -> None:
    found = spells(STATED, ["symbol"], ["source"]).select(FROM, UNTIL, AMOUNT)
    assert found.rows() == [(on(2), on(6), 5), (on(6), None, 2), (on(3), None, 7)]


def test_totals_count_each_source_once() -> None:
    found = at(totals(spells(STATED, ["symbol"], ["source"]), ["symbol"]), 1, 2, 3, 5, 6, 9)
    assert found.rows() == [(None, None), (1, 5), (2, 12), (2, 12), (2, 9), (2, 9)]


def test_a_statement_lapses() -> None:
    found = at(totals(spells(STATED, ["symbol"], ["source"], 2), ["symbol"]), 3, 4, 5, 7, 8)
    assert found.rows() == [(2, 12), (1, 7), (0, 0), (1, 2), (0, 0)]


def test_what_is_too_large_or_missing_is_not_added_up() -> None:
    frame = pl.DataFrame({"v": [1.25, 1e300, None, float("nan")]})
    assert frame.select(whole(pl.col("v"), 100.0))["v"].to_list() == [125, None, None, None]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 28), st.integers(-9, 9)), min_size=1, max_size=12))
def test_totals_are_those_of_counting_by_hand(rows: list[tuple[str, int, int]]) -> None:
    steps = totals(spells(stated(rows), ["symbol"], ["source"]), ["symbol"])
    for day in (1, 10, 28):
        by_day = sorted(rows, key=lambda row: row[1])
        newest = {source: amount for source, known, amount in by_day if known <= day}
        wanted = (len(newest), sum(newest.values())) if newest else (None, None)
        assert at(steps, day).row(0) == wanted


def scheduled(*rows: tuple[int, int, int, bool]) -> pl.DataFrame:
    """Statements about when a quarter is due: quarter, known day, due day, retracted."""
    frame = pl.DataFrame(
        {
            "symbol": ["A"] * len(rows),
            "fiscal_year": [2020] * len(rows),
            "fiscal_quarter": [row[0] for row in rows],
            "known_at": [on(row[1]) for row in rows],
            "sequence": list(range(len(rows))),
            "due_at": [on(row[2]) for row in rows],
            "is_retracted": [row[3] for row in rows],
        }
    )
    return frame.with_columns(pl.col("known_at", "due_at").cast(INSTANT))


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([(1, 2, 10, False)], [None, 8, 1, None]),
        ([(1, 2, 10, False), (1, 5, 12, False)], [None, 8, 3, 2]),
        ([(1, 2, 10, False), (2, 3, 9, False)], [None, 8, 1, None]),
        ([(1, 2, 10, False), (1, 5, 10, True)], [None, 8, None, None]),
        ([(1, 12, 10, False)], [None, None, None, None]),
    ],
)
def test_the_earliest_ahead_follows_the_calendar(
    rows: list[tuple[int, int, int, bool]], wanted: list[int | None]
) -> None:
    asked = pl.Series([on(1), on(2), on(9), on(10)], dtype=INSTANT)
    found = days_until(scheduled(*rows), "due_at", pl.Series(["A"] * 4), asked)
    assert found.to_list() == wanted


EVENTS = STATED.with_columns(
    event_at=pl.Series([on(1), on(1), on(2), on(1)], dtype=INSTANT), is_retracted=pl.Series([False] * 4)
)


def test_a_late_revision_of_an_older_event_changes_nothing() -> None:
    """The newest revision of the newest event stands, of spells as of as-of joins; here y's day is older than x's."""
    late = pl.concat(
        [EVENTS, EVENTS[:1].with_columns(known_at=pl.lit(on(8)).cast(INSTANT), sequence=pl.lit(9, pl.Int64))]
    )
    found = spells(late, ["symbol"], ["source"]).select(FROM, UNTIL, AMOUNT)
    assert found.rows() == [(on(2), on(6), 5), (on(6), None, 1), (on(3), None, 7)]


def test_nothing_stands_once_the_newest_event_is_taken_back() -> None:
    """A retracted estimate, rating or form was counted like any other."""
    gone = EVENTS[2:3].with_columns(
        known_at=pl.lit(on(8)).cast(INSTANT), sequence=pl.lit(9, pl.Int64), is_retracted=True
    )
    found = spells(pl.concat([EVENTS, gone]), ["symbol"], ["source"]).select(FROM, UNTIL, AMOUNT)
    assert found.rows() == [(on(2), on(6), 5), (on(6), on(8), 1), (on(3), None, 7)]
