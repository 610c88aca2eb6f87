"""Estimates and releases: as they were said on the day, known when they were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.companyfacts import company_facts
from adapters.feeds.files.estimates import estimize_estimates, estimize_releases
from adapters.feeds.files.splits import Embedded
from adapters.feeds.files.submissions import submissions
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import companyfacts_json, csv_of, submissions_json

SPLITS = pl.DataFrame(
    {
        "symbol": ["AAPL"] * 4,
        "ex_on": [date(2000, 6, 21), date(2005, 2, 28), date(2014, 6, 9), date(2020, 8, 31)],
        "ratio": [2.0, 2.0, 7.0, 4.0],
    }
)
EMBEDDED = Embedded(SPLITS, {"AAPL"}, date(2019, 7, 11))
ESTIMATES = "ticker,created_at,fiscal_year,fiscal_quarter,eps,revenue,flagged,analyst,id\n"
RELEASES = (
    "ticker,fiscal_year,fiscal_quarter,eps,revenue,consensus_eps_estimate,consensus_revenue_estimate,"
    "wallstreet_eps_estimate,wallstreet_revenue_estimate,release_date\n"
)


def releases_csv(shared_data: Path) -> bytes:
    return csv_of(shared_data, "c5_estimize_releases_aapl.parquet")


def test_each_number_is_a_fact_of_the_instant_at_which_it_was_made() -> None:
    facts = estimize_estimates(
        (ESTIMATES + "AAPL,2014-01-02T15:00:00Z,2014,1,2.07,57600,false,a1,x\n").encode(), EMBEDDED
    )
    rows = facts.facts.to_dicts()
    assert [(row["measure"], row["value"], row["basis"]) for row in rows] == [
        ("eps_usd", pytest.approx(14.49), "rescaled"),
        ("revenue_usd", 57.6e9, "as-announced"),
    ]
    assert {row["known_at"] for row in rows} == {datetime(2014, 1, 2, 15, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("AAPL,2014-01-02T15:00:00,2014,1,2,3,false,a,x", "which has no offset"),
        ("AAPL,yesterday,2014,1,2,3,false,a,x", "created_at is 'yesterday'"),
        ("AAPL,2014-01-02T15:00:00Z,2014,5,2,3,false,a,x", "fiscal_quarter is 5, expected 1 to 4"),
        ("AAPL,2014-01-02T15:00:00Z,2014,1,,,false,a,x", "neither eps nor revenue"),
        (",2014-01-02T15:00:00Z,2014,1,2,3,false,a,x", "ticker is None, expected text"),
        ("AAPL,2014-01-02T15:00:00Z,2014,1,many,3,false,a,x", "eps is 'many', expected a finite number"),
    ],
)
def test_a_malformed_estimate_is_set_aside(row: str, reason: str) -> None:
    parsed = estimize_estimates((ESTIMATES + row + "\n").encode(), EMBEDDED)
    assert parsed.facts.is_empty()
    assert reason in parsed.rejected["reason"][0]


def test_a_release_stated_at_the_close_is_known_from_the_next_opening() -> None:
    """The vendor writes 16:00 for "after the close"; at its word the close of that day would see it."""
    row = "AAPL,2014,1,2.07,57600,2.05,57958,2.01,57232,2014-01-27T16:00:00-05:00\n"
    facts = estimize_releases((RELEASES + row).encode(), EMBEDDED).facts
    assert set(facts["known_at"]) == {datetime(2014, 1, 28, 14, 30, tzinfo=UTC)}
    assert set(facts["event_at"]) == {datetime(2014, 1, 27, 21, tzinfo=UTC)}


def test_a_consensus_of_exactly_zero_is_missing() -> None:
    row = "AAPL,1999,1,0.195,,,,0.0,,1998-12-01T05:00:00-05:00\n"
    facts = estimize_releases((RELEASES + row).encode(), EMBEDDED).facts
    assert facts.select("measure", "consensus").rows() == [("eps_usd", None)]


def test_a_release_without_numbers_is_set_aside() -> None:
    row = "AAPL,2021,2,,,,,,,2021-04-27T16:00:00-04:00\n"
    parsed = estimize_releases((RELEASES + row).encode(), EMBEDDED)
    assert parsed.facts.is_empty()
    assert "has neither eps nor revenue" in parsed.rejected["reason"][0]


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="estimates has no column"):
        estimize_estimates(b"a,b\n1,2\n", EMBEDDED)


@pytest.mark.shared_data
def test_every_rescaled_result_is_what_apple_announced(shared_data: Path) -> None:
    """DESIGN section 10: estimates embed later splits. The 10-Q's first print is the witness: 14.50, not 2.07."""
    actuals = estimize_releases(releases_csv(shared_data), EMBEDDED).facts.filter(pl.col("measure") == "eps_usd")
    ours = actuals.filter(pl.col("fiscal_quarter") < 4, pl.col("fiscal_year").is_between(2013, 2018))
    facts = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL").facts.filter(
        pl.col("concept") == "EarningsPerShareDiluted",
        (pl.col("period_end_on") - pl.col("period_start_on")).dt.total_days() < 100,
    )
    firsts = facts.sort("known_at").unique(["period_start_on", "period_end_on"], keep="first", maintain_order=True)
    told = {row["fiscal_period"] + str(row["fiscal_year"]): row["value"] for row in firsts.iter_rows(named=True)}
    for row in ours.iter_rows(named=True):
        announced = told[f"Q{row['fiscal_quarter']}{row['fiscal_year']}"]
        assert row["value"] == pytest.approx(announced, abs=0.006 * row["split_factor"]), row
    assert ours.height == 18


@pytest.mark.shared_data
def test_a_release_is_known_from_the_acceptance_of_its_8k(shared_data: Path) -> None:
    filings = submissions(submissions_json(shared_data, "AAPL")).filings.facts
    facts = estimize_releases(releases_csv(shared_data), EMBEDDED, filings).facts
    found = facts.filter(pl.col("fiscal_year") == 2015, pl.col("fiscal_quarter") == 3)
    assert found["known_at"].unique().to_list() == [datetime(2015, 7, 21, 20, 30, 58, tzinfo=UTC)]


@pytest.mark.shared_data
def test_all_estimates_are_read(shared_data: Path) -> None:
    stamp = pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    parsed = estimize_estimates(csv_of(shared_data, "c4_estimize_estimates_aapl.parquet", stamp), EMBEDDED)
    assert (parsed.facts.height, parsed.rejected.height) == (2 * 8849, 0)
