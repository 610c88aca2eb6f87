"""Bad bars are refused or set aside, each with a clear reason, and good neighbours stay."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from adapters.lake.calendar import xnys_calendar
from adapters.lake.checks import CheckedBars, checked_bars, checked_index, without_unexplained_splits
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.frames import bars, weekday

CALENDAR = xnys_calendar(date(2005, 1, 1), date(2005, 3, 31))
UNIVERSE = frozenset({"AAA", "BBB"})


def _checked(table: pl.DataFrame) -> CheckedBars:
    return checked_bars(table, UNIVERSE, CALENDAR)


def test_clean_bars_pass_whole_sorted_by_symbol() -> None:
    checked = _checked(pl.concat([bars(9.0, 9.5, symbol="BBB"), bars(10.0, 10.5)]))
    assert checked.bars["symbol"].to_list() == ["AAA", "AAA", "BBB", "BBB"]
    assert checked.quarantined.is_empty()
    assert checked.noted.is_empty()


def test_unsorted_rows_are_refused() -> None:
    with pytest.raises(DataError, match="AAA 2005-01-04: row is older than the one before it; sort the file"):
        _checked(bars(10.0, 11.0, 12.0)[[0, 2, 1]])


def test_a_session_that_occurs_twice_is_refused() -> None:
    with pytest.raises(DataError, match="AAA 2005-01-04, AAA 2005-01-04: session occurs twice; keep one row"):
        _checked(bars(10.0, 11.0, session_on={0: weekday(1)}))


def test_a_symbol_unknown_to_the_universe_is_refused() -> None:
    with pytest.raises(DataError, match=r"ZZZ 2005-01-03: symbol is unknown to the universe \['AAA', 'BBB'\]"):
        _checked(bars(10.0, symbol="ZZZ"))


def test_a_day_that_is_no_session_is_refused() -> None:
    with pytest.raises(DataError, match="AAA 2005-01-17: day is no XNYS session"):
        _checked(bars(10.0, session_on={0: date(2005, 1, 17)}))


def test_a_row_without_a_date_is_refused() -> None:
    with pytest.raises(DataError, match="AAA None: row has no date"):
        _checked(bars(10.0, session_on={0: None}))


def test_all_faults_of_a_table_are_named_at_once_and_long_lists_are_cut() -> None:
    table = pl.concat([bars(*[10.0] * 7, symbol="ZZZ"), bars(10.0, session_on={0: date(2005, 1, 15)})])
    with pytest.raises(DataError, match=r"(?s)ZZZ 2005-01-07 and 2 more: symbol.*AAA 2005-01-15: day is no"):
        _checked(table)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"close_usd": None}, "a price is missing or not finite"),
        ({"open_usd": float("nan")}, "a price is missing or not finite"),
        ({"high_usd": float("inf")}, "a price is missing or not finite"),
        ({"low_usd": 0.0}, "a price is zero or negative"),
        ({"close_usd": -10.0}, "a price is zero or negative"),
        ({"high_usd": 8.0}, "the high is under the low"),
        ({"close_usd": 12.5}, "open or close lies outside low to high"),
        ({"open_usd": 7.0}, "open or close lies outside low to high"),
        ({"volume_shares": -1}, "volume is missing or negative"),
        ({"volume_shares": None}, "volume is missing or negative"),
    ],
)
def test_a_row_that_cannot_be_true_is_set_aside_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    cells: dict[str, Any] = {column: {1: value} for column, value in changes.items()}
    checked = _checked(bars(10.0, 10.0, 10.0, **cells))
    assert checked.quarantined.rows() == [("AAA", weekday(1), reason)]
    assert checked.bars["session_on"].to_list() == [weekday(0), weekday(2)]


def test_a_session_without_a_bar_is_noted() -> None:
    checked = _checked(bars(10.0, 10.0, 10.0)[[0, 2]])
    assert checked.noted.rows() == [("AAA", weekday(1), "the session has no bar")]


def test_a_quarantined_row_leaves_a_noted_gap() -> None:
    checked = _checked(bars(10.0, 10.0, 10.0, low_usd={1: 0.0}))
    assert checked.noted.rows() == [("AAA", weekday(1), "the session has no bar")]


def test_a_bar_without_volume_stays_and_is_noted() -> None:
    checked = _checked(bars(10.0, 10.0, volume_shares={1: 0}))
    assert checked.bars.height == 2
    assert checked.noted.rows() == [("AAA", weekday(1), "nothing was traded")]


def _with_ratio(table: pl.DataFrame, *ratios: float) -> CheckedBars:
    checked = _checked(table)
    return CheckedBars(
        checked.bars.with_columns(adjustment_ratio=pl.Series(ratios)), checked.quarantined, checked.noted
    )


@pytest.mark.parametrize("split", [2.0, 3.0, 7.0, 0.5, 0.1])
def test_a_split_without_a_ratio_cuts_the_symbol_from_there_on(split: float) -> None:
    found = without_unexplained_splits(_with_ratio(bars(90.0, 90.0 / split, 90.0 / split), 1.0, 1.0, 1.0))
    assert found.bars["session_on"].to_list() == [weekday(0)]
    assert found.quarantined["reason"].to_list() == [
        "opens like a split but has no ratio; supply its adjusted close",
        "follows a price break without a ratio",
    ]


def test_a_split_with_its_ratio_stays() -> None:
    found = without_unexplained_splits(_with_ratio(bars(90.0, 45.0, 46.0), 1.0, 2.0, 1.0))
    assert found.bars.height == 3


def test_a_crash_that_does_not_open_like_a_split_stays() -> None:
    """AAPL opened at 28.19 after 53.50 on 2000-09-29, and no split happened."""
    found = without_unexplained_splits(_with_ratio(bars(53.5, 28.19), 1.0, 1.0))
    assert found.bars.height == 2


def test_an_index_level_that_is_missing_is_refused() -> None:
    index = pl.DataFrame({"session_on": [weekday(0), weekday(1)], "close_usd": [1200.0, None]})
    with pytest.raises(DataError, match="index 2005-01-04: has no positive level"):
        checked_index(index, CALENDAR)


def test_an_index_in_disorder_is_refused() -> None:
    index = pl.DataFrame({"session_on": [weekday(1), weekday(0)], "close_usd": [1200.0, 1201.0]})
    with pytest.raises(DataError, match="index 2005-01-03: row is older"):
        checked_index(index, CALENDAR)
