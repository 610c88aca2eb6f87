"""Company facts: every number with its filing, known when the filing was."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.feeds.files.companyfacts import cik_text, company_facts
from adapters.feeds.files.submissions import submissions
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import companyfacts_json, companyfacts_of, submissions_json

FACT: dict[str, Any] = {
    "end": "2008-09-27", "val": 39572000000, "accn": "0001193125-09-153165", "fy": 2009, "fp": "Q3", "form": "10-Q",
    "filed": "2009-07-22",
}  # fmt: skip


def test_a_fact_filed_on_a_day_is_known_from_the_next_opening() -> None:
    row = company_facts(companyfacts_of([FACT]), "AAPL").facts.row(0, named=True)
    assert row["known_at"] == datetime(2009, 7, 23, 13, 30, tzinfo=UTC)
    assert row["event_at"].date() == date(2008, 9, 27)
    assert (row["cik"], row["value"], row["period_start_on"]) == ("0000320193", 39572000000.0, None)


def test_a_fact_of_a_filing_whose_acceptance_is_known_is_known_from_then() -> None:
    accepted_at = datetime(2009, 7, 22, 20, 30, tzinfo=UTC)
    filings = pl.DataFrame({"accession": [FACT["accn"]], "known_at": [accepted_at]}).with_columns(
        pl.col("known_at").cast(pl.Datetime("ns", "UTC"))
    )
    assert company_facts(companyfacts_of([FACT]), "AAPL", filings).facts["known_at"].to_list() == [accepted_at]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"val": None}, "val is None, expected a number"),
        ({"val": "12"}, "val is '12', expected a number"),
        ({"val": True}, "val is True, expected a number"),
        ({"val": 2**53 + 1}, "val is 9007199254740993, which a float cannot hold"),
        ({"end": "2008-09-31"}, "end is '2008-09-31', expected a day"),
        ({"end": None}, "end is None, expected a day"),
        ({"start": "2008-10-01"}, "period goes from 2008-10-01 to 2008-09-27"),
        ({"filed": ""}, "filed is '', expected a day"),
        ({"accn": "09-153165"}, "accn is '09-153165', expected digits"),
        ({"form": " "}, "form is ' ', expected text"),
        ({"fy": "soon"}, "fy is 'soon', expected a finite number"),
    ],
)
def test_a_malformed_fact_is_set_aside_with_its_place_and_the_rest_is_kept(change: dict[str, Any], reason: str) -> None:
    parsed = company_facts(companyfacts_of([FACT, FACT | change]), "AAPL")
    assert parsed.facts.height == 1
    assert parsed.rejected["column"].to_list() == ["us-gaap/Assets/USD[1]"]
    assert parsed.rejected["reason"][0].startswith(reason)


def test_parts_of_another_shape_are_set_aside() -> None:
    text = json.dumps(
        {"cik": 1, "facts": {"us-gaap": {"Assets": {"units": 3}, "Cash": {"units": {"USD": [4]}}}, "x": 5}}
    )
    parsed = company_facts(text.encode(), "A")
    assert parsed.facts.is_empty()
    assert parsed.rejected["column"].to_list() == ["us-gaap/Assets", "us-gaap/Cash/USD[0]", "x/"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"<html>", "is no JSON object"),
        (b"[]", "is no JSON object"),
        (b'{"cik": 1}', "has no object `facts`"),
        (b'{"cik": "x", "facts": {}}', "cik is 'x', expected up to ten digits"),
        (b'{"facts": {}}', "cik is '', expected up to ten digits"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        company_facts(text, "AAPL")


def test_a_cik_has_ten_digits() -> None:
    assert cik_text(320193) == cik_text("0000320193") == "0000320193"


@pytest.mark.shared_data
def test_the_restated_assets_of_apple_come_in_the_order_of_their_filings(shared_data: Path) -> None:
    """PIT-04, SVC-FND-01: 39.572bn first, 36.171bn after the restatement, each with its filing."""
    parsed = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL")
    assert (parsed.facts.height, parsed.rejected.height) == (24579, 0)
    assets = parsed.facts.filter(pl.col("concept") == "Assets", pl.col("period_end_on") == date(2008, 9, 27))
    assert assets["value"].to_list() == [39.572e9, 39.572e9, 36.171e9, 36.171e9]
    assert assets["filed_on"].to_list() == [
        date(2009, 7, 22),
        date(2009, 10, 27),
        date(2010, 1, 25),
        date(2010, 10, 27),
    ]
    assert assets["known_at"].is_sorted()


@pytest.mark.shared_data
def test_fiscal_year_and_period_are_of_the_filing_and_not_of_the_number(shared_data: Path) -> None:
    """Apple's balance of September 2008 stands in reports that are called 2009 Q3, 2009 FY and 2010 FY."""
    facts = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL").facts
    assets = facts.filter(pl.col("concept") == "Assets", pl.col("period_end_on") == date(2008, 9, 27))
    assert assets["fiscal_year"].to_list() == [2009, 2009, 2009, 2010]
    assert assets["fiscal_period"].to_list() == ["Q3", "FY", "FY", "FY"]
    assert "frame" not in facts.columns


@pytest.mark.shared_data
def test_a_report_accepted_in_the_evening_belongs_to_the_next_day(shared_data: Path) -> None:
    """Apple's 10-Q of 2020-07-30 was accepted at 19:29 New York and dated the 31st: the close of the 30th misses it."""
    filings = submissions(submissions_json(shared_data, "AAPL")).filings.facts
    facts = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL", filings).facts
    found = facts.filter(pl.col("filed_on") == date(2020, 7, 31), pl.col("form") == "10-Q")
    assert found["known_at"].unique().to_list() == [datetime(2020, 7, 31, 10, tzinfo=UTC)]
