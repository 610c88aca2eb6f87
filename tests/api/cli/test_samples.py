"""Samples from files and from the command line: columns that count rows are left aside, absences stay absences."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from api.cli.samples import benchmark_of, column_of, panel_of, series_of
from nodes.vocabulary.errors import DataError, EdgeError

FRAME = pl.DataFrame(
    {
        "day": ["2013-01-02", "2013-01-03", "2013-01-04", "2013-01-07"],
        "row": [0, 1, 2, 3],
        "one": [0.1, None, -0.2, 0.3],
        "two": [1, 2, 1, 3],
    }
)


@pytest.fixture(params=["csv", "parquet"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    place = tmp_path / f"panel.{request.param}"
    FRAME.write_parquet(place) if request.param == "parquet" else FRAME.write_csv(place)
    return place


def test_panel_has_the_columns_of_numbers_but_not_those_that_count_rows(file: Path) -> None:
    panel = panel_of(file)
    assert panel.names == ("one", "two")
    assert panel.rows == [[0.1, 1.0], [None, 2.0], [-0.2, 1.0], [0.3, 3.0]]
    assert panel_of(file, leaving_out="two").names == ("one",)


def test_series_are_numbers_or_columns(file: Path) -> None:
    assert series_of("0.5") == [0.5]
    assert series_of("0.5,-1e-3") == [0.5, -0.001]
    assert series_of(f"{file}:two") == [1.0, 2.0, 1.0, 3.0]
    alone = file.with_name("alone.csv")
    alone.write_text("p\n0.1\n0.2\n", encoding="utf-8")
    assert series_of(str(alone)) == [0.1, 0.2]


def test_benchmark_is_a_number_a_column_or_a_series(file: Path) -> None:
    assert benchmark_of("0.25", file) == 0.25
    assert benchmark_of("two", file) == benchmark_of(f"{file}:two", file) == [1.0, 2.0, 1.0, 3.0]


def test_what_is_not_there_is_named_with_what_is(file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column of numbers 'day'; name one of row, one, two"):
        series_of(f"{file}:day")
    with pytest.raises(DataError, match=r"has 3 columns of numbers \(row, one, two\); name one as .*:COLUMN"):
        series_of(str(file))
    with pytest.raises(DataError, match="has no column of numbers 'x'; name one of none"):
        column_of(FRAME.select("day"), "x", "here")
    FRAME.select("day").write_csv(tmp_path / "days.csv")
    with pytest.raises(DataError, match=r"days.csv has no numbers in its columns day; give a column a strategy"):
        panel_of(tmp_path / "days.csv")
    with pytest.raises(EdgeError, match=r"cannot read none.csv: .*; give a CSV or Parquet file"):
        series_of("none.csv")
