"""Ratings: the firms' words in three steps, known from the session after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.ratings import analyst_ratings
from tests.adapters.feeds.files.sec_json import csv_of

HEAD = "ticker,rating_date,analyst_firm,rating\n"


def test_a_rating_is_known_from_the_next_opening() -> None:
    row = analyst_ratings((HEAD + "AAPL,2018-06-08,Argus Research,Buy\n").encode()).facts.row(0, named=True)
    assert (row["score"], row["known_at"]) == (1.0, datetime(2018, 6, 11, 13, 30, tzinfo=UTC))


def test_a_word_that_is_not_in_the_table_has_no_score() -> None:
    facts = analyst_ratings((HEAD + "A,2018-06-08,X,Sector Weight\nA,2018-06-08,Y,Lukewarm\n").encode()).facts
    assert facts["score"].to_list() == [0.0, None]


def test_a_rating_without_a_firm_or_a_day_is_set_aside() -> None:
    parsed = analyst_ratings((HEAD + "A,2018-06-08,,Buy\nA,June,X,Buy\nA,2018-06-08,Y,Buy\n").encode())
    assert parsed.facts["firm"].to_list() == ["Y"]
    assert parsed.rejected["line"].to_list() == [2, 3]


@pytest.mark.shared_data
def test_every_rating_of_the_sample_has_a_score(shared_data: Path) -> None:
    """SVC-FND-02: schema and history."""
    parsed = analyst_ratings(csv_of(shared_data, "c6_analyst_ratings.parquet", pl.col("rating_date").dt.date()))
    assert (parsed.facts.height, parsed.rejected.height) == (6234, 0)
    assert parsed.facts["score"].null_count() == 0
