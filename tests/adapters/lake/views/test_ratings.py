"""Ratings as they stood; the consensus can be computed again from them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.ratings import analyst_ratings
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.ratings import rating_consensus, rating_history, standing_ratings
from tests.adapters.feeds.files.sec_json import csv_of
from tests.adapters.lake.views.holding import held

NOW = datetime(2026, 7, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
TEXT = b"""ticker,rating_date,analyst_firm,rating
A,2018-03-01,X,Buy
A,2018-03-06,Y,Sell
A,2018-03-07,Z,Lukewarm
A,2018-03-13,Y,Hold
B,2018-03-13,Y,Buy
"""


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    store, parsed = FactStore(tmp_path, lambda: NOW), analyst_ratings(TEXT)
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    return store


def on(month: int, day: int) -> datetime:
    return datetime(2018, month, day, 21, tzinfo=UTC)


def test_each_firm_stands_with_its_newest_rating(store: FactStore) -> None:
    """SVC-FND-02: a rating of the 6th is known from the 7th on."""
    assert standing_ratings(store, "A", on(3, 6), YEAR)["firm"].to_list() == ["X"]
    assert standing_ratings(store, "A", on(3, 7), YEAR)["rating"].to_list() == ["Buy", "Sell"]
    assert standing_ratings(store, "A", on(3, 14), YEAR)["rating"].to_list() == ["Buy", "Hold", "Lukewarm"]


def test_a_late_correction_of_an_older_rating_is_not_the_newest(store: FactStore) -> None:
    """What stands is of the newest event: Y sold on the 6th, held from the 13th, and the 6th was corrected later."""
    row = {"symbol": "A", "firm": "Y", "rated_on": date(2018, 3, 6), "rating": "Buy", "score": 1.0}
    of_the_6th = store.as_of(RATINGS, NOW, where=pl.col("rated_on") == date(2018, 3, 6)).collect()["event_at"][0]
    held(store, RATINGS, [row | {"event_at": of_the_6th, "known_at": on(3, 20)}])
    assert standing_ratings(store, "A", on(3, 21), YEAR)["rating"].to_list() == ["Buy", "Hold", "Lukewarm"]


def test_the_consensus_is_computed_from_the_standing_ratings(store: FactStore) -> None:
    found = rating_consensus(store, "A", on(3, 14), YEAR)
    assert (found.n_buy, found.n_hold, found.n_sell, found.mean_score) == (1, 1, 0, 0.5)
    lapsed = rating_consensus(store, "A", on(3, 14), timedelta(days=3))
    assert (lapsed.n_hold, lapsed.mean_score) == (1, 0.0)
    assert rating_consensus(store, "C", on(3, 14), YEAR).mean_score is None


def test_the_history_ends_where_knowledge_does(store: FactStore) -> None:
    assert rating_history(store, "A", on(3, 8))["rating"].to_list() == ["Lukewarm", "Sell", "Buy"]


@pytest.mark.shared_data
def test_the_consensus_of_the_sample_is_the_mean_of_its_scores(tmp_path: Path, shared_data: Path) -> None:
    store = FactStore(tmp_path, lambda: NOW)
    parsed = analyst_ratings(csv_of(shared_data, "c6_analyst_ratings.parquet", pl.col("rating_date").dt.date()))
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    at = datetime(2020, 6, 1, 21, tzinfo=UTC)
    rows = standing_ratings(store, "AAPL", at, YEAR)
    assert rating_consensus(store, "AAPL", at, YEAR).mean_score == pytest.approx(rows["score"].mean())
    assert rows.height > 10
