"""Fixtures of the ways in: a small lake of an invented company, and one of real data."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.feeds.files.companyfacts import company_facts
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.options import option_quotes, option_table
from adapters.feeds.files.submissions import submissions
from adapters.lake.views.identity import leases
from tests.adapters.feeds.files.sec_json import companyfacts_json, submissions_json
from tests.adapters.lake.views.holding import clock, lean_lake
from tests.api.sample_lake import sample_store


@pytest.fixture(scope="session")
def sample_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small lake; only read."""
    folder = tmp_path_factory.mktemp("sample") / "lake"
    sample_store(folder)
    return folder


@pytest.fixture(scope="session")
def real_lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """A lake with the bars, filings, numbers and options of AAPL; only read."""
    folder = tmp_path_factory.mktemp("real")
    store = lean_lake(folder, shared_data, ("AAPL",))
    parts = [company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL")]
    parts.append(submissions(submissions_json(shared_data, "AAPL")).filings)
    table = option_table(shared_data / "e4_option_quotes_daily_aapl.parquet")
    parts.append(option_quotes(table, Batch("e4", "lean", leases(store, clock())), None))
    for part in parts:
        store.ingested(part.domain, part.facts, part.source, part.rejected)
    return folder / "lake"
