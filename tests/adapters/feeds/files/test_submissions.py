"""Submissions: filings with the time at which each was public."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.acceptance import AcceptanceLaw
from adapters.feeds.files.submissions import submissions
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import submissions_json, submissions_of


def filing(day: str, accepted: str, form: str = "8-K", items: str = "2.02,9.01") -> dict[str, str]:
    """A row of the list."""
    return {
        "accessionNumber": f"0000320193-{day[2:4]}-{day[5:7]}{day[8:10]}00",
        "form": form,
        "filingDate": day,
        "acceptanceDateTime": accepted,
        "reportDate": day,
        "items": items,
    }


LISTS = {"accessionNumber": ["1"], "form": [], "filingDate": [], "acceptanceDateTime": []}
UNEVEN = json.dumps({"cik": 1, "tickers": ["A"], "filings": {"recent": LISTS}}).encode()
RESULTS = [filing(f"2019-0{month}-29", f"2019-0{month}-29T16:30:26.000Z") for month in range(4, 8)]


@pytest.mark.shared_data
def test_the_times_of_apple_are_new_york_times_and_those_of_microsoft_utc(shared_data: Path) -> None:
    """DESIGN section 10: Z means Eastern for one company and UTC for another; the evidence stands with each filing."""
    apple = submissions(submissions_json(shared_data, "AAPL"))
    microsoft = submissions(submissions_json(shared_data, "MSFT"))
    assert apple.acceptance.law is AcceptanceLaw.NEW_YORK
    assert "45 of 45 results in the session" in apple.acceptance.evidence
    assert microsoft.acceptance.law is AcceptanceLaw.UTC
    assert "717 of 1002 filings at night" in microsoft.acceptance.evidence
    assert set(apple.filings.facts["acceptance_law"]) == {"new-york"}
    assert set(microsoft.filings.facts["acceptance_evidence"]) == {microsoft.acceptance.evidence}


@pytest.mark.shared_data
@pytest.mark.parametrize("ticker", ["AAPL", "MSFT"])
def test_results_come_outside_the_session_once_the_law_is_applied(shared_data: Path, ticker: str) -> None:
    facts = submissions(submissions_json(shared_data, ticker)).filings.facts
    results = facts.filter(pl.col("form") == "8-K", pl.col("items").str.contains("2.02", literal=True))
    hours = results["accepted_at"].dt.convert_time_zone("America/New_York").dt.hour()
    assert hours.min() == 16


def test_results_after_the_close_are_known_at_their_acceptance() -> None:
    facts = submissions(submissions_of(RESULTS)).filings.facts
    assert facts["known_at"][0] == datetime(2019, 4, 29, 20, 30, 26, tzinfo=UTC)


def test_a_filing_accepted_late_is_known_on_the_morning_of_its_filing_date() -> None:
    late = filing("2019-10-31", "2019-10-30T18:12:36.000Z", form="10-K", items="")
    facts = submissions(submissions_of([*RESULTS, late])).filings.facts
    assert facts.filter(pl.col("form") == "10-K")["known_at"].item() == datetime(2019, 10, 31, 10, tzinfo=UTC)


def test_a_filing_without_acceptance_is_known_from_the_next_opening() -> None:
    plain = filing("2019-01-18", "", form="4", items="")
    row = submissions(submissions_of([*RESULTS, plain])).filings.facts.filter(pl.col("form") == "4").row(0, named=True)
    assert row["known_at"] == datetime(2019, 1, 22, 14, 30, tzinfo=UTC)
    assert row["acceptance_law"] == "date-only"


def test_where_the_evidence_does_not_decide_the_later_reading_is_taken() -> None:
    one = submissions(submissions_of([filing("2019-07-30", "2019-07-30T21:00:00.000Z", form="4", items="")]))
    assert one.acceptance.law is AcceptanceLaw.LATER_OF_BOTH
    assert one.filings.facts["known_at"].item() == datetime(2019, 7, 31, 1, tzinfo=UTC)


def test_older_files_join_and_an_accession_comes_once() -> None:
    older = json.loads(submissions_of([RESULTS[0], filing("2010-01-25", "2010-01-25T16:30:00.000Z")]))
    found = submissions(submissions_of(RESULTS), [json.dumps(older["filings"]["recent"]).encode()])
    assert found.filings.facts.height == len(RESULTS) + 1
    assert found.older_files == ("CIK320193-submissions-001.json",)
    assert found.filings.facts["filed_on"].min() == date(2010, 1, 25)


def test_malformed_filings_are_set_aside_and_the_rest_is_kept() -> None:
    bad = [RESULTS[0] | {"filingDate": "29/04/2019"}, RESULTS[1] | {"acceptanceDateTime": "soon"}]
    found = submissions(submissions_of([*RESULTS, *bad])).filings
    assert found.facts.height == len(RESULTS)
    assert found.rejected["column"].to_list() == ["filings[4]", "filings[5]"]
    assert found.rejected["reason"][1].startswith("acceptanceDateTime is 'soon', expected a time")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"no", "is no JSON object"),
        (b'{"cik": 1, "tickers": ["A"], "filings": {}}', "lacks lists"),
        (b'{"cik": 1, "tickers": []}', r"names no ticker \(\[\]\)"),
        (UNEVEN, r"lists of \[0, 1\] filings side by side"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        submissions(text)
