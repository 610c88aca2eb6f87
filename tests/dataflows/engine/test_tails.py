"""Last rows of columns: what was put in comes out, of shares of any age, as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from dataflows.engine.tails import Tail, Tails
from nodes.kernels.arrays import Index

COLUMNS = {
    "price": pl.Series([1.0, None, 3.0, 4.0, 5.0, 6.0]),
    "count": pl.Series([1, 2, None, 4, 5, 6], dtype=pl.Int64),
    "session_on": pl.Series([date(2020, 1, day) for day in range(1, 7)]),
    "closed_at": pl.Series(
        [datetime(2020, 1, day, 21, tzinfo=UTC) for day in range(1, 7)], dtype=pl.Datetime("ns", "UTC")
    ),
}
SIZES = np.array([1, 3, 2])
EVERY = np.arange(3)


def tails(depth: int) -> Tails:
    depths = dict.fromkeys(COLUMNS, depth)
    return Tails(["A", "B", "C"], SIZES, depths, {name: (item, SIZES) for name, item in COLUMNS.items()}, "symbol")


def column(kept: Tails, name: str, which: Index, n_rows: int) -> pl.Series:
    return kept.column(name, which, n_rows, *kept.layout(which, n_rows))


@pytest.mark.parametrize("name", COLUMNS)
def test_rows_come_out_as_they_were_put_in(name: str) -> None:
    found = column(tails(3), name, EVERY, 3)
    assert found.dtype == COLUMNS[name].dtype
    assert found.to_list() == COLUMNS[name].to_list()


@pytest.mark.parametrize("name", COLUMNS)
def test_a_share_with_fewer_rows_than_asked_gives_those_it_has(name: str) -> None:
    values = COLUMNS[name].to_list()
    assert column(tails(3), name, np.array([0, 2]), 2).to_list() == [values[0], values[4], values[5]]


def test_a_new_row_drives_out_the_oldest_of_its_share_alone() -> None:
    kept = tails(2)
    kept.grown(np.array([1]))
    kept.appended("price", pl.Series([9.0]), np.array([1]))
    assert column(kept, "price", EVERY, 2).to_list() == [1.0, 4.0, 9.0, 5.0, 6.0]


def test_a_value_that_is_not_known_stays_so() -> None:
    kept = tails(2)
    kept.grown(EVERY)
    kept.appended("count", pl.Series([None, 7, None], dtype=pl.Int64), EVERY)
    assert column(kept, "count", EVERY, 1).to_list() == [None, 7, None]
    assert column(kept, "count", EVERY, 2).to_list() == [1, None, 4, 7, 6, None]


def test_a_new_share_gets_a_line_in_the_order_of_the_names() -> None:
    kept = tails(2)
    which = kept.places(["AA", "C"])
    kept.grown(which)
    kept.appended("price", pl.Series([7.0, 8.0]), which)
    assert kept.symbols == ["A", "AA", "B", "C"]
    assert which.tolist() == [1, 3]
    assert column(kept, "price", np.arange(4), 2).to_list() == [1.0, 7.0, 3.0, 4.0, 6.0, 8.0]
    assert column(kept, "symbol", np.arange(4), 2).to_list() == ["A", "AA", "B", "B", "C", "C"]


def test_columns_without_rows_are_not_there() -> None:
    assert "price" in tails(1)
    assert "symbol" in tails(1)
    assert "volume" not in tails(1)


@pytest.mark.parametrize("seed", range(5))
def test_rows_taken_in_one_by_one_are_those_of_the_whole_column(seed: int) -> None:
    """PIT-03: what windows read online is what they read of the whole history."""
    random = np.random.default_rng(seed)
    rows = [random.normal(size=20).tolist() for _ in range(3)]
    tail = Tail(pl.Series([rows[0][0], rows[1][0], rows[2][0]]), np.ones(3, dtype=np.int64), 6)
    for place in range(1, 20):
        tail.appended(pl.Series([row[place] for row in rows]), np.arange(3))
    assert tail.column(np.arange(3), 6, None).to_list() == [value for row in rows for value in row[-6:]]


def test_marked_rows_are_the_first_the_last_and_those_that_differ_from_one() -> None:
    ratio = pl.Series([1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    sizes = np.array([5, 2])
    kept = Tails(["A", "B"], sizes, {"ratio": 4}, {"ratio": (ratio, sizes)}, "symbol")
    assert kept.marked("ratio", np.arange(2), 4).tolist() == [[True, True, False, True], [False, False, True, True]]
