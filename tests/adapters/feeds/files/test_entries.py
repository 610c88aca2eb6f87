"""Entries one at a time: what can be read is kept, the rest is set aside with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from adapters.feeds.files.entries import (
    day_of,
    json_object,
    number_of,
    optional_day_of,
    optional_number_of,
    optional_text_of,
    read_csv_entries,
    text_of,
    whole_of,
)
from nodes.vocabulary.errors import DataError

SCHEMA = {"symbol": pl.String(), "shares": pl.Float64()}


def read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"symbol": text_of(row, "symbol"), "shares": optional_number_of(row, "shares")}


def test_tickers_that_look_like_something_else_stay_text() -> None:
    found = read_csv_entries("t", b"symbol,shares\nNA,1\nTRUE,2\nNULL,3\nNaN,4\n", ["symbol"], read, SCHEMA)
    assert found.accepted["symbol"].to_list() == ["NA", "TRUE", "NULL", "NaN"]


def test_a_blank_and_a_lone_full_stop_are_missing_and_not_zero() -> None:
    found = read_csv_entries("t", b"symbol,shares\nA,\nB,.\nC, . \n", ["symbol"], read, SCHEMA)
    assert found.accepted["shares"].to_list() == [None, None, None]


def test_a_row_that_cannot_be_read_is_set_aside_with_its_line() -> None:
    found = read_csv_entries("t", b"symbol,shares\nA,1\nB,x\nC,2,3\nD,4\n", ["symbol", "shares"], read, SCHEMA)
    assert found.accepted["symbol"].to_list() == ["A", "D"]
    assert found.rejected["line"].to_list() == [3, 4]
    assert found.rejected["reason"][0] == "shares is 'x', expected a finite number; correct it at the source"


def test_a_file_without_a_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"t has no column \['shares'\], only \['symbol'\]"):
        read_csv_entries("t", b"symbol\nA\n", ["symbol", "shares"], read, SCHEMA)


@pytest.mark.parametrize("value", ["", "x", None, True, [], "inf", "nan", float("nan"), 10**400])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match="expected a finite number"):
        number_of({"n": value}, "n")


@pytest.mark.parametrize(("value", "number"), [("1,234.5", 1234.5), (7, 7.0), (" 8 ", 8.0), ("1e3", 1000.0)])
def test_numbers_are_read_from_text_too(value: Any, number: float) -> None:
    assert number_of({"n": value}, "n") == number


def test_a_part_of_a_whole_is_no_whole_number() -> None:
    with pytest.raises(DataError, match=r"n is '2.5', expected a whole number"):
        whole_of({"n": "2.5"}, "n")


@pytest.mark.parametrize("value", ["2019-02-29", "29.1.2019", "", None, 20190101])
def test_what_is_no_day_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match="expected a day like"):
        day_of({"d": value}, "d")


def test_optional_fields_may_be_blank_but_not_wrong() -> None:
    assert optional_day_of({"d": " "}, "d") is None
    assert optional_day_of({"d": "2019-01-02"}, "d") == date(2019, 1, 2)
    assert optional_text_of({"t": None}, "t") is None
    assert optional_text_of({"t": " a "}, "t") == "a"
    with pytest.raises(DataError, match="d is 'soon'"):
        optional_day_of({"d": "soon"}, "d")


def test_json_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="x is no JSON object"):
        json_object(b"[1]", "x")
