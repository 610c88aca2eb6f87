"""Fundamentals as of an instant: Apple's restatement of January 2010 is the witness."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.companyfacts import company_facts
from adapters.feeds.files.submissions import submissions
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from adapters.lake.views.fundamentals import (
    Question,
    first_print,
    periods,
    revisions,
    statement,
    trailing_sums,
    value_as_of,
)
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import companyfacts_json, submissions_json
from tests.adapters.lake.views.apple import NOW, apple_facts, apple_lake

ASSETS_2008 = Question("AAPL", "us-gaap:Assets", date(2008, 9, 27))
BEFORE, AFTER = datetime(2009, 12, 31, tzinfo=UTC), datetime(2010, 2, 1, tzinfo=UTC)


def store_row(store: FactStore, end_on: date) -> pl.DataFrame:
    """The newest word on the assets of a day."""
    return store.as_of(FUNDAMENTALS, NOW, where=pl.col("period_end_on") == end_on).filter(concept="Assets").collect()


@pytest.fixture
def lake(tmp_path: Path) -> FactStore:
    return apple_lake(tmp_path / "lake")


@pytest.mark.parametrize(("known_at", "value"), [(BEFORE, 39.572e9), (AFTER, 36.171e9), (NOW, 36.171e9)])
def test_a_restated_number_is_what_it_was_at_each_instant(lake: FactStore, known_at: datetime, value: float) -> None:
    """SVC-FND-01, journey 1: 39.572bn as of 2009-12-31, 36.171bn as of 2010-02-01."""
    assert value_as_of(lake, ASSETS_2008, known_at).value == value


def test_the_first_print_stays_the_first(lake: FactStore) -> None:
    """PIT-04."""
    first = first_print(lake, ASSETS_2008, NOW)
    assert (first.value, first.filed_on, first.kind) == (39.572e9, date(2009, 7, 22), "first-print")


def test_every_revision_has_its_filing_and_the_instant_from_which_it_was_known(lake: FactStore) -> None:
    found = revisions(lake, ASSETS_2008, NOW)
    assert [(each.accession, each.filed_on, each.kind) for each in found] == [
        ("0001193125-09-153165", date(2009, 7, 22), "first-print"),
        ("0001193125-09-214859", date(2009, 10, 27), "confirmed"),
        ("0001193125-10-012091", date(2010, 1, 25), "restated"),
        ("0001193125-10-238044", date(2010, 10, 27), "confirmed"),
    ]
    assert found[2].known_at == datetime(2010, 1, 26, 14, 30, tzinfo=UTC)
    assert len(revisions(lake, ASSETS_2008, BEFORE)) == 2


def test_a_restatement_is_unseen_until_the_opening_after_its_filing(lake: FactStore) -> None:
    assert value_as_of(lake, ASSETS_2008, datetime(2010, 1, 26, 14, 29, 59, tzinfo=UTC)).value == 39.572e9
    assert value_as_of(lake, ASSETS_2008, datetime(2010, 1, 26, 14, 30, tzinfo=UTC)).value == 36.171e9


def test_importing_again_adds_nothing(lake: FactStore) -> None:
    parsed = company_facts(apple_facts(), "AAPL")
    done = lake.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    assert (done.accepted, len(revisions(lake, ASSETS_2008, NOW))) == (0, 4)


def test_before_the_first_filing_nothing_is_known(lake: FactStore) -> None:
    with pytest.raises(DataError, match="nothing was known of AAPL us-gaap:Assets of 2008-09-27 at 2009-07-23T13:29"):
        value_as_of(lake, ASSETS_2008, datetime(2009, 7, 23, 13, 29, tzinfo=UTC))


def test_a_concept_needs_its_taxonomy(lake: FactStore) -> None:
    with pytest.raises(DataError, match="'Assets' names no concept; write its taxonomy"):
        revisions(lake, Question("AAPL", "Assets", date(2008, 9, 27)), NOW)


def test_periods_that_end_on_one_day_are_told_apart_by_their_first_day(lake: FactStore) -> None:
    income = Question("AAPL", "us-gaap:NetIncomeLoss", date(2009, 3, 28))
    with pytest.raises(DataError, match="are several numbers: unit USD from 2008-09-28; unit USD from 2008-12-28"):
        value_as_of(lake, income, NOW)
    quarter = Question("AAPL", "us-gaap:NetIncomeLoss", date(2009, 3, 28), date(2008, 12, 28), "USD")
    assert value_as_of(lake, quarter, NOW).value == 1.62e9


def test_a_number_that_was_taken_back_is_not_there(lake: FactStore) -> None:
    row = (
        lake.as_of(company_facts(apple_facts(), "AAPL").domain, NOW)
        .filter(pl.col("concept") == "Assets", pl.col("period_end_on") == date(2009, 9, 26))
        .collect()
    )
    back = row.drop("source", "sequence", "batch").with_columns(
        is_retracted=pl.lit(value=True),
        known_at=pl.lit(datetime(2011, 1, 1, tzinfo=UTC)).cast(pl.Datetime("ns", "UTC")),
    )
    lake.ingested(company_facts(apple_facts(), "AAPL").domain, back, "correction")
    with pytest.raises(DataError, match="was taken back by 0001193125-10-012091"):
        value_as_of(lake, Question("AAPL", "us-gaap:Assets", date(2009, 9, 26)), NOW)


def test_periods_are_listed_newest_first(lake: FactStore) -> None:
    found = periods(lake, "AAPL", "us-gaap:Assets", NOW)
    assert found.select("period_end_on", "n_revisions").rows() == [(date(2009, 9, 26), 2), (date(2008, 9, 27), 4)]


def test_a_statement_is_the_newest_that_was_known(lake: FactStore) -> None:
    before = statement(lake, "AAPL", "income", BEFORE, is_annual=True)
    after = statement(lake, "AAPL", "income", AFTER, is_annual=True)
    assert (before["value"].to_list(), after["value"].to_list()) == ([5.704e9], [8.235e9])
    quarter = statement(lake, "AAPL", "income", AFTER, is_annual=False)
    assert quarter["period_end_on"].to_list() == [date(2009, 12, 26)]
    assert statement(lake, "AAPL", "balance", AFTER, is_annual=True)["value"].to_list() == [47.501e9]
    with pytest.raises(DataError, match="statement 'equity' does not exist"):
        statement(lake, "AAPL", "equity", AFTER, is_annual=True)


def test_a_years_end_stays_the_newest_when_the_next_quarters_report_repeats_it(lake: FactStore) -> None:
    """A balance whose newest word was a 10-Q's was taken for no year's end: the year before it was shown instead."""
    assets = store_row(lake, date(2009, 9, 26))
    repeated = assets.with_columns(
        form=pl.lit("10-Q"), accession=pl.lit("0001193125-10-012085"), known_at=pl.lit(AFTER)
    )
    kept = repeated.with_columns(pl.col("known_at").cast(INSTANT)).select(
        *FUNDAMENTALS.keys, *FUNDAMENTALS.values, "event_at", "known_at"
    )
    lake.ingested(FUNDAMENTALS, kept, "test")
    found = statement(lake, "AAPL", "balance", AFTER, is_annual=True)
    assert found.select("period_end_on", "value", "form").rows() == [(date(2009, 9, 26), 47.501e9, "10-Q")]


def test_a_trailing_year_is_summed_from_what_was_known(lake: FactStore) -> None:
    before = trailing_sums(lake, "AAPL", "net_income", BEFORE)
    assert before["value"].to_list() == [4.834e9, 5.704e9]
    after = trailing_sums(lake, "AAPL", "net_income", AFTER)
    assert after["value"].to_list() == [4.834e9, 8.235e9, 8.235e9 + 3.378e9 - 2.255e9]
    with pytest.raises(DataError, match="line 'assets' has no trailing sum"):
        trailing_sums(lake, "AAPL", "assets", AFTER)


@pytest.mark.shared_data
def test_the_whole_of_apple_answers_journey_one(shared_data: Path, tmp_path: Path) -> None:
    """SVC-FND-01, PIT-04 on 24,579 real facts, with acceptance times where they are known."""
    store = FactStore(tmp_path, lambda: datetime(2026, 7, 1, tzinfo=UTC))
    filings = submissions(submissions_json(shared_data, "AAPL")).filings
    parsed = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL", filings.facts)
    store.ingested(filings.domain, filings.facts, filings.source, filings.rejected)
    assert store.ingested(parsed.domain, parsed.facts, parsed.source).accepted == 24579
    assert value_as_of(store, ASSETS_2008, BEFORE).value == 39.572e9
    assert value_as_of(store, ASSETS_2008, AFTER).value == 36.171e9
    assert first_print(store, ASSETS_2008, AFTER).value == 39.572e9
    assert store.ingested(parsed.domain, parsed.facts, parsed.source).accepted == 0
    sales = trailing_sums(store, "AAPL", "sales", datetime(2019, 2, 1, tzinfo=UTC))
    assert sales["value"][-1] == 265.595e9 + 84.310e9 - 88.293e9
