"""Estimates as they stood."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.estimates import estimize_estimates, estimize_releases
from adapters.feeds.files.parsed import Parsed
from adapters.lake.facts.store import FactStore
from adapters.lake.views.estimates import NO_SPLITS, actuals, consensus, first_announced
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import csv_of
from tests.adapters.feeds.files.test_estimates import EMBEDDED, ESTIMATES, RELEASES, SPLITS, releases_csv

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIFE = timedelta(days=180)
RELEASE = "AAPL,2014,1,2.07,57600,2.05,57958,2.01,57232,2014-01-27T16:00:00-05:00\n"


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path, lambda: NOW)


def ingested(store: FactStore, parsed: Parsed) -> None:
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)


def on(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month, day, hour


def test_a_consensus_is_in_the_shares_of_its_instant(store: FactStore) -> None:
    rows = (
        "AAPL,2014-03-03T12:00:00Z,2014,3,1.20,40000,false,a,1\nAAPL,2014-06-10T12:00:00Z,2014,3,1.40,41000,false,b,2\n"
    )
    ingested(store, estimize_estimates((ESTIMATES + rows).encode(), EMBEDDED))
    quarter = ("AAPL", 2014, 3)
    before = consensus(store, quarter, on(2014, 6, 6), NO_SPLITS, LIFE)
    assert before.mean_usd == pytest.approx(8.4)
    assert (before.n_estimates, before.spread_usd) == (1, None)
    split = SPLITS.filter(pl.col("ex_on") == date(2014, 6, 9))
    after = consensus(store, quarter, on(2014, 6, 11), split, LIFE)
    assert after.mean_usd == pytest.approx(1.3)
    assert after.n_estimates == 2
    nothing = consensus(store, quarter, on(2014, 1, 1), NO_SPLITS, LIFE)
    assert (nothing.n_estimates, nothing.mean_usd) == (0, None)


def test_a_surprise_is_known_with_the_results_and_not_before(store: FactStore) -> None:
    ingested(store, estimize_releases((RELEASES + RELEASE).encode(), EMBEDDED))
    assert actuals(store, "AAPL", on(2014, 1, 28, 14)).is_empty()
    found = actuals(store, "AAPL", on(2014, 1, 28, 15))
    assert found["surprise_frac"].to_list() == [pytest.approx((2.07 - 2.01) / 2.01)]
    assert first_announced(store, ("AAPL", 2014, 1), NOW) == pytest.approx(14.49)


def test_a_number_of_unknown_basis_is_no_first_print(store: FactStore) -> None:
    """DESIGN section 10: numbers that embed later splits are kept out of first prints."""
    ingested(store, estimize_releases((RELEASES + RELEASE).encode(), None))
    assert actuals(store, "AAPL", NOW).select("value", "surprise_frac").rows() == [(2.07, None)]
    with pytest.raises(DataError, match="eps_usd of AAPL 2014 Q1 embeds unknown splits"):
        first_announced(store, ("AAPL", 2014, 1), NOW)
    with pytest.raises(DataError, match="eps_usd of AAPL 2015 Q1 was not known"):
        first_announced(store, ("AAPL", 2015, 1), NOW)


@pytest.mark.shared_data
def test_the_consensus_of_a_day_is_near_the_vendors_own(store: FactStore, shared_data: Path) -> None:
    """The vendor's consensus before the results of 2015-10-27 was 1.9151 by a way of weighing of its own."""
    stamp = pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    ingested(store, estimize_estimates(csv_of(shared_data, "c4_estimize_estimates_aapl.parquet", stamp), EMBEDDED))
    ingested(store, estimize_releases(releases_csv(shared_data), EMBEDDED))
    found = consensus(store, ("AAPL", 2015, 4), on(2015, 10, 27, 20), NO_SPLITS, LIFE)
    assert found.n_estimates > 500
    assert found.mean_usd == pytest.approx(1.915131, rel=0.02)
