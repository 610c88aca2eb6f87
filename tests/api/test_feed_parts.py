"""Feeds are joined with their keys from the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feeds.clients.finnhub import Finnhub
from adapters.lake.facts.store import FactStore
from api.feed_parts import feed_source, wanted_feeds
from api.settings import Settings, settings
from nodes.vocabulary.errors import EdgeError

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_feed_gets_its_key_from_the_settings(tmp_path: Path) -> None:
    place = tmp_path / "feeds.yaml"
    place.write_text("finnhub: {symbols: [AAPL]}")
    found = settings({"ASSAY_FEEDS": str(place), "ASSAY_FINNHUB_KEY": "k1"})
    store = FactStore(tmp_path / "lake", lambda: NOW)
    source = feed_source("finnhub", wanted_feeds(found, None), found, store, NOW)
    assert isinstance(source, Finnhub)
    assert source.key == "k1"


def test_keys_are_no_part_of_how_settings_are_shown() -> None:
    names = ("FINNHUB_KEY", "FRED_KEY", "X_BEARER_TOKEN", "REDDIT_ID", "REDDIT_SECRET")
    assert "hidden" not in repr(settings({f"ASSAY_{name}": "hidden" for name in names}))


def test_no_file_of_feeds_is_refused() -> None:
    with pytest.raises(EdgeError, match="no file says which feeds are wanted"):
        wanted_feeds(Settings(), None)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="cannot be read"):
        wanted_feeds(Settings(), tmp_path / "none.yaml")
