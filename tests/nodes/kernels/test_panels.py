"""Rows of symbols: where they are, and what a panel in disorder is told."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from nodes.kernels.panels import (
    block_starts,
    lagged,
    last_values,
    on_dates,
    rectangle,
    row_in_block,
    sessions_after,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import bars, panel, segments_of, weekdays


def days(*of_month: int) -> pl.Series:
    return pl.Series([date(2010, 1, day) for day in of_month], dtype=pl.Date)


def test_block_starts_end_with_the_height() -> None:
    starts = block_starts(pl.Series(["A", "A", "B", "C"]), days(4, 5, 4, 4))
    assert starts.tolist() == [0, 2, 3, 4]
    assert starts.dtype == np.int64


def test_block_starts_of_an_empty_panel_hold_no_block() -> None:
    assert block_starts(pl.Series([], dtype=pl.String), days()).tolist() == [0]


@pytest.mark.parametrize(
    ("symbols", "of_month", "complaint"),
    [
        (["A", "A"], (5, 4), "bar of A on 2010-01-04 follows its bar on 2010-01-05; sort the panel"),
        (["A", "A"], (4, 4), "bar of A on 2010-01-04 follows its bar on 2010-01-04"),
        (["B", "A"], (4, 4), "symbols come in the order B, A; sort the panel"),
        (["A", "B", "A"], (4, 4, 5), "symbols come in the order A, B, A"),
        (["A", None], (4, 5), "panel has 1 rows without symbol"),
    ],
)
def test_block_starts_refuse_disorder(symbols: list[str], of_month: tuple[int, ...], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        block_starts(pl.Series(symbols), days(*of_month))


def test_row_in_block_counts_from_each_symbols_first_bar() -> None:
    assert row_in_block(np.array([0, 2, 5])).tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize("lag", [0, 1, 3, 9])
def test_lagged_is_the_shift_within_each_symbol(lag: int) -> None:
    frame = panel(bars("A", 6, 1), bars("B", 4, 2))
    wanted = frame.select(pl.col("close_usd").shift(lag).over("symbol"))["close_usd"].to_list()
    found = lagged(frame["close_usd"].to_numpy(), segments_of(frame), lag)
    assert [None if np.isnan(value) else value for value in found.tolist()] == wanted


def test_last_values_take_one_row_a_symbol() -> None:
    frame = panel(bars("A", 6, 1), bars("B", 4, 2))
    wanted = [frame.filter(symbol=name)["close_usd"].to_list()[-1] for name in "AB"]
    assert last_values(frame["close_usd"], segments_of(frame)).to_list() == wanted


def test_on_dates_finds_values_by_day_and_nothing_where_there_is_none() -> None:
    found = on_dates(np.array([1.0, 2.0]), days(4, 6), days(6, 5, 4, 7))
    assert found.tolist()[::2] == [2.0, 1.0]
    assert np.isnan(found[[1, 3]]).all()


def test_on_dates_of_an_empty_index_finds_nothing() -> None:
    assert np.isnan(on_dates(np.empty(0), days(), days(4))).all()


def test_on_dates_refuse_an_index_out_of_order() -> None:
    with pytest.raises(DataError, match="the 2 sessions of the index are not sorted"):
        on_dates(np.array([1.0, 2.0]), days(6, 4), days(4))


def test_sessions_after_count_the_calendar_not_the_days() -> None:
    calendar = days(4, 5, 6, 7, 8, 11)
    found = sessions_after(calendar, days(11, 8, 4, 1, 12), date(2010, 1, 11))
    assert found.tolist() == [0, 1, 5, 6, 0]


def test_sessions_after_leave_the_future_out() -> None:
    assert sessions_after(days(4, 5, 6, 7), days(4), date(2010, 1, 5)).tolist() == [1]


def test_rectangle_lines_symbols_up_by_session() -> None:
    frame = panel(bars("A", 6, 1), bars("B", 6, 2).slice(1)).filter(pl.col("session_on") != weekdays(6)[4])
    table = rectangle(frame["close_usd"].to_numpy(), frame["session_on"], segments_of(frame), 4)
    wide = frame.pivot("symbol", index="session_on", values="close_usd").sort("session_on").tail(4).drop("session_on")
    np.testing.assert_array_equal(table, wide.to_numpy())


def test_rectangle_leaves_nan_where_a_symbol_has_no_bar() -> None:
    frame = panel(bars("A", 6, 1), bars("B", 6, 2).slice(0, 5))
    table = rectangle(frame["close_usd"].to_numpy(), frame["session_on"], segments_of(frame), 2)
    assert np.isnan(table).tolist() == [[False, False], [False, True]]


def test_rectangle_of_a_short_panel_is_empty_of_values() -> None:
    frame = bars("A", 3, 1)
    assert np.isnan(rectangle(frame["close_usd"].to_numpy(), frame["session_on"], segments_of(frame), 4)).all()
