"""Numbers of companies as they were known, on real data and on a made-up company."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_fundamentals import (
    Version,
    estimate_consensus,
    filings,
    holders,
    number,
    ratings,
    ratings_consensus,
)
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.views.holding import at, clock

ASSETS = ("AAPL", "us-gaap:Assets", date(2008, 9, 27))


def _seen(folder: Path, when: str) -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("when", "version", "value"),
    [
        ("2009-12-31 00:00", "as-of", 39.572e9),
        ("2010-02-01 00:00", "as-of", 36.171e9),
        ("2010-02-01 00:00", "first-print", 39.572e9),
    ],
)
def test_a_number_is_the_one_that_was_known(real_lake: Path, when: str, version: Version, value: float) -> None:
    """SVC-FND-01: journey 1 of the quant."""
    assert number(_seen(real_lake, when), *ASSETS, version)["value"].to_list() == [value]


@pytest.mark.shared_data
def test_every_revision_names_its_filing_and_since_when_it_was_known(real_lake: Path) -> None:
    """SVC-FND-01."""
    found = number(_seen(real_lake, "2011-01-01 00:00"), *ASSETS, "revisions")
    assert found["kind"][0] == "first-print"
    assert "restated" in found["kind"]
    assert found["accession"].null_count() == 0
    assert found["known_at"].is_sorted()


@pytest.mark.shared_data
def test_a_filing_is_read_from_its_acceptance_on(real_lake: Path) -> None:
    store = FactStore(real_lake, clock)
    newest = filings(Standpoint(store, clock()), "AAPL").row(0, named=True)
    since = newest["known_at"]
    before, then = (filings(Standpoint(store, each), "AAPL") for each in (since - timedelta(microseconds=1), since))
    assert newest["accepted_at"] <= since
    assert newest["accession"] not in before["accession"]
    assert newest["accession"] in then["accession"]


def test_a_number_that_nobody_knew_is_said_to_be_unknown(sample_lake: Path) -> None:
    with pytest.raises(DataError, match="nothing was known of ACME us-gaap:Assets"):
        number(_seen(sample_lake, "2020-01-01 00:00"), "ACME", "us-gaap:Assets", date(2019, 12, 31))


def test_the_consensus_of_an_instant_is_made_of_what_stood(sample_lake: Path) -> None:
    """SVC-FND-02: ratings and estimates."""
    seen = _seen(sample_lake, "2020-06-05 20:00")
    assert ratings_consensus(seen, "ACME").row(0) == ("ACME", 1, 0, 0, 1.0)
    assert ratings(seen, "ACME")["firm"].to_list() == ["House"]
    early = estimate_consensus(_seen(sample_lake, "2020-05-25 20:00"), "ACME", 2020, 2)
    assert early["n_estimates"].to_list() == [1]


def test_holdings_are_usable_from_their_filing_on(sample_lake: Path) -> None:
    """SVC-FND-03."""
    assert holders(_seen(sample_lake, "2020-05-15 00:00"), "ACME").is_empty()
    assert holders(_seen(sample_lake, "2020-06-05 20:00"), "ACME")["shares"].to_list() == [700]
