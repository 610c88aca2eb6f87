"""Reverse splits read from filings by a machine: what is plausible is kept, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.feeds.files.reverse_splits import reverse_splits
from tests.adapters.feeds.files.sec_json import csv_of

HEAD = "split_id,ticker,cik,effective_date,filing_date,ratio,accession_number,form,source,confidence\n"


def row(day: str, ratio: str, ticker: str = "AEI") -> str:
    """A row of the list."""
    return f"x,{ticker},1,{day},{day},{ratio},0001493152-22-035189,8-K,8k_item_503,high\n"


def test_a_reverse_split_is_new_shares_for_one_old_share() -> None:
    found = reverse_splits((HEAD + row("2022-12-12", "20")).encode()).facts.row(0, named=True)
    assert (found["ratio"], found["kind"], found["ex_on"]) == (0.05, "split", date(2022, 12, 12))
    assert found["known_at"] == datetime(2022, 12, 13, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("ratio", ["0.0002", "1", "2000", "-3", "x", ""])
def test_a_ratio_that_is_no_reverse_split_is_set_aside(ratio: str) -> None:
    parsed = reverse_splits((HEAD + row("2022-12-12", ratio)).encode())
    assert (parsed.facts.height, parsed.rejected.height) == (0, 1)


def test_a_split_that_several_filings_mention_is_one_split() -> None:
    """NXPL's 1 for 150 stands three times within five weeks; three of them would be 1 for 3,375,000."""
    days = ["2015-01-21", "2015-02-10", "2015-02-25", "2017-01-03"]
    parsed = reverse_splits((HEAD + "".join(row(day, "150") for day in days)).encode())
    assert parsed.facts["ex_on"].to_list() == [date(2015, 1, 21), date(2017, 1, 3)]
    assert parsed.rejected["reason"].unique().to_list() == [
        "repeats a split of the same ratio within half a year before it; drop it unless there were two"
    ]


@pytest.mark.shared_data
def test_of_the_sample_most_rows_are_kept_and_every_row_is_accounted_for(shared_data: Path) -> None:
    parsed = reverse_splits(csv_of(shared_data, "d5_reverse_splits.parquet"))
    assert parsed.facts.height + parsed.rejected.height == 322
    assert parsed.facts.select("security_id", "ex_on").is_unique().all()
