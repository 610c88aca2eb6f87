"""Facts beside the rows of a panel."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from nodes.kernels.known import days_since_known, known_rows, known_values

INSTANT = pl.Datetime("ns", "UTC")


def at(month: int, day: int = 1) -> datetime:
    return datetime(2023, month, day, tzinfo=UTC)


FACTS = pl.DataFrame(
    {
        "symbol": ["A", "A", "A", "B"],
        "event_at": [at(3), at(6), at(3), at(3)],
        "known_at": [at(5), at(8), at(9), at(5)],
        "sequence": [0, 1, 2, 3],
        "value": [1.0, 1.1, 9.9, 2.0],
    }
).with_columns(pl.col("event_at", "known_at").cast(INSTANT))
SYMBOL = pl.Series(["A", "A", "A", "A", "B", "C"])
ASKED = pl.Series([at(4), at(5), at(8, 2), at(10), at(12), at(12)], dtype=INSTANT)


def test_the_newest_event_stands_and_an_old_ones_late_revision_does_not() -> None:
    assert known_values(FACTS, SYMBOL, ASKED).to_list() == [None, 1.0, 1.1, 1.1, 2.0, None]


def test_several_columns_come_from_one_fact() -> None:
    found = known_rows(FACTS, SYMBOL, ASKED, ["value", "sequence"])
    assert found.rows() == [(None, None), (1.0, 0), (1.1, 1), (1.1, 1), (2.0, 3), (None, None)]


def test_days_count_from_when_it_was_known() -> None:
    assert days_since_known(FACTS, SYMBOL, ASKED).to_list() == [None, 0, 1, 61, 214, None]
