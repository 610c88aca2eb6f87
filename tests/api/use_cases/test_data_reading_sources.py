"""The lake about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_sources import feeds, quarantine, table_sources, tables
from nodes.vocabulary.errors import EdgeError
from tests.adapters.lake.views.holding import at, clock
from tests.api.sample_lake import N_LONG_SESSIONS


@pytest.fixture
def seen(sample_lake: Path) -> Standpoint:
    return Standpoint(FactStore(sample_lake, clock), at("2021-06-01 00:00"))


def test_tables_have_versions_and_digests(seen: Standpoint) -> None:
    found = tables(seen).filter(domain="bars_daily").row(0, named=True)
    assert (found["n_facts"], found["digest"][:7]) == (2 + N_LONG_SESSIONS, "sha256:")


def test_sources_have_watermarks_and_feeds_their_health(seen: Standpoint) -> None:
    assert table_sources(seen).filter(domain="bars_daily")["newest_event_at"].to_list() == [at("2020-06-05 20:00")]
    assert feeds(seen).select("feed", "outcome", "n_failures").rows() == [("news", "done", 0)]


def test_the_quarantine_says_why(seen: Standpoint) -> None:
    assert quarantine(seen, "bars_daily")["reason"].to_list() == ["a price is negative"]
    assert quarantine(Standpoint(seen.store, at("2020-06-01 00:00")), "bars_daily").is_empty()
    with pytest.raises(EdgeError, match="table 'nope' does not exist; name one of"):
        quarantine(seen, "nope")
