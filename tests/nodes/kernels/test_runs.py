"""Runs of equal keys say what grouping by the key says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.runs import before_in_run, begins_run, in_order, last_of_runs, next_in_run, running_maximum

KEY = ["symbol", "firm"]
ROWS = st.lists(
    st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["x", "y", None]), st.integers(-3, 3)), max_size=12
)


def ordered(rows: list[tuple[str | None, str | None, int]]) -> pl.DataFrame:
    schema = {"symbol": pl.String(), "firm": pl.String(), "value": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row").sort(KEY, maintain_order=True)


@given(ROWS)
def test_neighbours_in_a_run_are_those_of_the_group(rows: list[tuple[str | None, str | None, int]]) -> None:
    frame = ordered(rows)
    expected = frame.select(
        before=pl.col("value").shift(1).over(KEY),
        after=pl.col("value").shift(-1).over(KEY),
        most=pl.col("value").cum_max().over(KEY),
    )
    assert before_in_run(frame, KEY, "value").equals(expected["before"].alias("value"))
    assert next_in_run(frame, KEY, "value").equals(expected["after"].alias("value"))
    found = running_maximum(frame["value"].to_numpy(), begins_run(frame, KEY))
    assert found.tolist() == expected["most"].to_list()


@given(ROWS)
def test_the_last_of_each_run_is_the_last_of_each_group(rows: list[tuple[str | None, str | None, int]]) -> None:
    frame = ordered(rows)
    assert last_of_runs(frame, KEY).equals(frame.unique(KEY, keep="last", maintain_order=True))


@pytest.mark.parametrize(("names", "is_same"), [(["A", "A", "B"], True), (["B", "A"], False), (["A", "B", "A"], False)])
def test_a_frame_in_order_is_left_as_it_is(names: list[str], *, is_same: bool) -> None:
    frame = pl.DataFrame({"symbol": names})
    found = in_order(frame, ["symbol"])
    assert found["symbol"].to_list() == sorted(names)
    assert (found is frame) == is_same


def test_nothing_has_no_runs() -> None:
    assert running_maximum(np.array([], dtype=np.int64), np.array([], dtype=np.bool_)).tolist() == []
    assert begins_run(ordered([]), KEY).tolist() == []
