"""Amounts a share, brought back from the shares that a vendor divided them by."""

from __future__ import annotations

from datetime import date

import polars as pl

from adapters.feeds.files.splits import Embedded, rescaled

DAYS = [date(2013, 1, 2), date(2014, 6, 6), date(2014, 6, 9), date(2014, 6, 10)]
SPLITS = pl.DataFrame({"symbol": ["AAPL", "AAPL"], "ex_on": [date(2014, 6, 9), date(2020, 8, 31)], "ratio": [7.0, 4.0]})


def told(embedded: Embedded | None, *, is_per_share: bool = True) -> pl.DataFrame:
    """One dollar said on each of four days."""
    rows = pl.DataFrame({"symbol": ["AAPL"] * len(DAYS), "day": DAYS, "value": [1.0] * len(DAYS)})
    return rescaled(rows, ["value"], pl.col("day"), pl.lit(is_per_share), embedded)


def test_what_was_said_before_a_split_is_multiplied_back() -> None:
    found = told(Embedded(SPLITS, {"AAPL"}, date(2019, 7, 11)))
    assert found["value"].to_list() == [7.0, 7.0, 1.0, 1.0]
    assert found["basis"].to_list() == ["rescaled", "rescaled", "as-announced", "as-announced"]


def test_a_file_of_a_later_day_embeds_later_splits_too() -> None:
    assert told(Embedded(SPLITS, {"AAPL"}, date(2021, 5, 1)))["split_factor"].to_list() == [28.0, 28.0, 4.0, 4.0]


def test_a_file_of_the_day_before_the_split_embeds_nothing() -> None:
    assert told(Embedded(SPLITS, {"AAPL"}, date(2014, 6, 8)))["split_factor"].to_list() == [1.0] * 4


def test_where_the_splits_are_unknown_the_number_stands_but_is_marked() -> None:
    for embedded in (None, Embedded(SPLITS, {"MSFT"}, date(2019, 7, 11))):
        found = told(embedded)
        assert found["basis"].unique().to_list() == ["not-point-in-time"]
        assert (found["basis"] == "not-point-in-time").all()


def test_amounts_that_are_not_a_share_know_no_split() -> None:
    found = told(None, is_per_share=False)
    assert (found["value"].to_list(), found["basis"].unique().to_list()) == ([1.0] * 4, ["as-announced"])
