"""Ownership as it was public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.feeds.files.insiders import holdings_after_forms
from adapters.feeds.files.ownership import information_table
from adapters.feeds.files.parsed import Parsed
from adapters.lake.facts.store import FactStore
from adapters.lake.views.ownership import holdings_of, insider_forms, insiders, institutional_holders
from tests.adapters.feeds.files.test_insiders import HEAD
from tests.adapters.feeds.files.test_ownership import APPLE, FILING, SALESFORCE, SYMBOLS, line, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILED_AT = datetime(2025, 1, 23, 14, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path, lambda: NOW)


def ingested(store: FactStore, parsed: Parsed) -> None:
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)


def test_a_holding_is_unseen_until_its_filing(store: FactStore) -> None:
    """SVC-FND-03: the quarter ended on 31 December; nobody could know until 23 January."""
    ingested(store, information_table(table(line(APPLE, 10, 100)), FILING, SYMBOLS))
    assert institutional_holders(store, "AAPL", datetime(2025, 1, 23, 14, 29, tzinfo=UTC)).is_empty()
    assert institutional_holders(store, "AAPL", FILED_AT)["shares"].to_list() == [10]


def test_a_filer_that_no_longer_names_a_share_holds_none(store: FactStore) -> None:
    ingested(store, information_table(table(line(APPLE, 10, 100)), FILING, SYMBOLS))
    later = replace(FILING, accession="b", period_on=date(2025, 3, 31), filed_on=date(2025, 5, 14))
    ingested(store, information_table(table(line(SALESFORCE, 5, 50)), later, SYMBOLS))
    assert institutional_holders(store, "AAPL", NOW).is_empty()
    assert holdings_of(store, FILING.filer, NOW)["cusip"].to_list() == [SALESFORCE]
    assert holdings_of(store, FILING.filer, FILED_AT)["cusip"].to_list() == [APPLE]


def test_a_restated_table_takes_back_what_it_leaves_out(store: FactStore) -> None:
    first = information_table(table(line(APPLE, 10, 100), line(SALESFORCE, 3, 30)), FILING, SYMBOLS)
    ingested(store, first)
    again = replace(FILING, accession="b", filed_on=date(2025, 2, 3))
    ingested(store, information_table(table(line(APPLE, 11, 110)), again, SYMBOLS, first.facts.drop("is_retracted")))
    assert holdings_of(store, FILING.filer, FILED_AT)["shares"].to_list() == [10, 3]
    assert holdings_of(store, FILING.filer, NOW)["shares"].to_list() == [11]


def test_an_insider_stands_with_his_newest_form(store: FactStore) -> None:
    first, second = "A,1,2020-02-20,2020-02-18,a,4,10,1,0,0,0,\n", "A,1,2020-03-20,2020-03-18,b,4,30,1,0,0,0,\n"
    rows = first + second + "A,2,2020-03-20,2020-03-18,c,3,20,0,1,0,0,\n"
    ingested(store, holdings_after_forms((HEAD + rows).encode()))
    assert insiders(store, "A", datetime(2020, 3, 1, tzinfo=UTC))["shares_owned"].to_list() == [10.0]
    assert insiders(store, "A", NOW).select("insider_cik", "shares_owned").rows() == [
        ("0000000001", 30.0),
        ("0000000002", 20.0),
    ]
    assert insider_forms(store, "A", NOW)["accession"].to_list() == ["c", "b", "a"]


def test_a_form_filed_late_about_an_older_day_is_not_an_insiders_newest(store: FactStore) -> None:
    newer, late = "A,1,2020-03-20,2020-03-18,b,4,30,1,0,0,0,\n", "A,1,2020-05-20,2020-02-18,a,4,10,1,0,0,0,\n"
    ingested(store, holdings_after_forms((HEAD + newer + late).encode()))
    assert insiders(store, "A", NOW)["shares_owned"].to_list() == [30.0]
