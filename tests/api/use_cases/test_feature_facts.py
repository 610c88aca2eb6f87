"""Features read the scores of one model, or say why there are none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.facts.store import FactStore
from adapters.sentiment.scorers import LexiconScorer
from adapters.sentiment.scoring import scored
from api.use_cases.feature_facts import feature_facts
from api.use_cases.sentiment import Serving
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.absent import Absent
from tests.adapters.lake.views.holding import held
from tests.adapters.sentiment.written import store_texts, text

CLOSE = datetime(2019, 1, 3, 21, tzinfo=UTC)
NOW = CLOSE + timedelta(days=1)
LEXICON = Serving(LexiconScorer())


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    """A lake of one bar."""
    made = FactStore(tmp_path, lambda: NOW)
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), 142.0)
    own = {"security_id": "AAPL", "session_on": date(2019, 1, 3), "symbol": "AAPL", "volume_shares": 100}
    held(made, BARS_DAILY, [{**own, **prices, "event_at": CLOSE, "known_at": CLOSE}])
    return made


def _texts(snapshot: FeatureSnapshot) -> object:
    return snapshot.text_scores


def test_scores_of_the_model_that_serves_are_read_and_no_others(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE - timedelta(hours=1), "Profit slumps"))
    scored(store, LEXICON.scorer, NOW)
    found = _texts(feature_facts(store, LEXICON, NOW))
    assert isinstance(found, pl.DataFrame)
    assert found["model"].unique().to_list() == [LEXICON.scorer.model]


def test_texts_that_nobody_scored_are_told(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE - timedelta(hours=1), "Profit slumps"))
    found = _texts(feature_facts(store, LEXICON, NOW))
    assert isinstance(found, Absent)
    assert "run assay sentiment score" in found.reason


def test_a_head_without_its_libraries_is_told_and_not_replaced(store: FactStore) -> None:
    store_texts(store, text("a", CLOSE - timedelta(hours=1), "Profit slumps"))
    scored(store, LEXICON.scorer, NOW)
    found = _texts(feature_facts(store, Serving(LexiconScorer(), "desk cannot serve: run pip install"), NOW))
    assert found == Absent("text_scores", "desk cannot serve: run pip install")
