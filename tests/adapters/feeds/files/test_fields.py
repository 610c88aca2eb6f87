from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed, utc
from adapters.feeds.files.tables import Layout, text_table


def read(text: str, *fields: Field) -> Typed:
    return typed(text_table("x.csv", text.encode(), Layout(tuple(field.name for field in fields))), fields)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.TEXT, "NA", "NA"),
        (Kind.NUMBER, "-37.63", -37.63),
        (Kind.INTEGER, "12", 12),
        (Kind.INTEGER, "12.0", 12),
        (Kind.DATE, "2014-06-09", date(2014, 6, 9)),
        (Kind.INSTANT, "2014-06-09T09:30:00", datetime(2014, 6, 9, 13, 30, tzinfo=UTC)),
        (Kind.FLAG, "Y", True),
        (Kind.FLAG, "0", False),
    ],
)
def test_a_cell_is_what_its_kind_says(kind: Kind, text: str, value: object) -> None:
    assert read(f"{text}\n", Field("x", kind)).rows["x"].to_list() == [value]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Kind.NUMBER, "inf", "a finite number"),
        (Kind.NUMBER, "nan", "a finite number"),
        (Kind.NUMBER, "1.2.3", "a finite number"),
        (Kind.INTEGER, "1.5", "a whole number"),
        (Kind.INTEGER, "1e300", "a whole number"),
        (Kind.DATE, "2014-02-30", "a date like"),
        (Kind.FLAG, "perhaps", "true or false"),
    ],
)
def test_a_cell_that_cannot_be_read_costs_its_row_and_says_why(kind: Kind, text: str, said: str) -> None:
    found = read(f"a,{text}\n", Field("name"), Field("x", kind))

    assert found.rows.is_empty()
    assert found.rejected.select("line", "column", "value").row(0) == (1, "x", text)
    assert said in found.rejected["reason"][0]


def test_an_empty_cell_is_null_never_zero_and_refused_only_where_it_is_required() -> None:
    """PIT: missing is never zero."""
    found = read("a,\n,1\n", Field("name"), Field("x", Kind.NUMBER, is_required=False))

    assert found.rows.select("name", "x").rows() == [("a", None)]
    assert found.rejected.select("line", "column").rows() == [(2, "name")]
    assert "is empty" in found.rejected["reason"][0]


def test_a_price_in_hundredths_of_a_cent_is_the_decimal_that_was_meant() -> None:
    rows = read("6455700\n5853300\n", Field("x", Kind.NUMBER, divisor=10_000.0)).rows

    assert rows["x"].to_list() == [645.57, 585.33]


@pytest.mark.parametrize("local", ["2014-03-09T02:30:00", "2014-11-02T01:30:00"])
def test_a_time_that_the_clock_change_skips_or_repeats_names_no_instant(local: str) -> None:
    found = read(f"{local}\n", Field("x", Kind.INSTANT))

    assert found.rows.is_empty()
    assert "exists once in America/New_York" in found.rejected["reason"][0]


@pytest.mark.parametrize(
    ("day", "hour"), [("2014-03-07", 14), ("2014-03-10", 13), ("2014-10-31", 13), ("2014-11-03", 14)]
)
def test_new_york_time_is_utc_with_daylight_saving_right(day: str, hour: int) -> None:
    at = pl.select(utc(pl.lit(f"{day} 09:30").str.to_datetime("%Y-%m-%d %H:%M"))).item()

    assert (at.hour, at.minute) == (hour, 30)


def test_rows_with_a_reason_join_those_that_could_not_be_read() -> None:
    kept = read("1\nx\n-1\n", Field("x", Kind.INTEGER))

    found = refused(
        kept, "x.csv", "x", pl.when(pl.col("x") < 0).then(pl.lit("is below zero; correct it")).otherwise(None)
    )

    assert found.rows["x"].to_list() == [1]
    assert found.rejected.select("line", "value").rows() == [(2, "x"), (3, "-1")]
