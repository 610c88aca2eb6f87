"""Texts and their scores: what cannot be one goes to the quarantine with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.lake.domains.texts import TEXT_SCORES, TEXTS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore

AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
NOW = AT + timedelta(hours=1)
TEXT = {
    "text_id": "t1",
    "channel": "news",
    "symbol": "AAPL",
    "title": "Apple beats",
    "body": None,
    "url": None,
    "published_at": AT,
    "event_at": AT,
    "known_at": AT,
}
SCORE = {
    "text_id": "t1",
    "model": "lexicon/1",
    "symbol": "AAPL",
    "channel": "news",
    "score": 0.5,
    "p_positive": 0.7,
    "p_negative": 0.2,
    "event_at": AT,
    "known_at": AT,
}


def _reasons(folder: Path, domain: Domain, row: dict[str, Any]) -> list[str]:
    store = FactStore(folder, lambda: NOW)
    stamps = {"event_at": pl.Datetime("ns", "UTC"), "known_at": pl.Datetime("ns", "UTC")}
    frame = pl.DataFrame([row], schema={**domain.keys, **domain.values, **stamps})
    store.ingested(domain, frame, "test")
    return store.quarantine(domain).collect()["reason"].to_list()


@pytest.mark.parametrize(("domain", "row"), [(TEXTS, TEXT), (TEXT_SCORES, SCORE)])
def test_a_text_and_its_score_are_kept(tmp_path: Path, domain: Domain, row: dict[str, Any]) -> None:
    assert _reasons(tmp_path, domain, row) == []


@pytest.mark.parametrize(
    ("domain", "row", "reason"),
    [
        (TEXTS, {**TEXT, "channel": "gossip"}, "channel was none of"),
        (TEXTS, {**TEXT, "published_at": AT - timedelta(days=1)}, "published_at was not event_at"),
        (TEXTS, {**TEXT, "known_at": AT - timedelta(minutes=1)}, "nobody reads a text before it is out"),
        (TEXTS, {**TEXT, "title": None}, "title and body were both missing"),
        (TEXTS, {**TEXT, "known_at": NOW + timedelta(minutes=1)}, "correct its clock"),
        (TEXT_SCORES, {**SCORE, "score": 1.5}, "score was outside -1 to 1"),
        (TEXT_SCORES, {**SCORE, "p_positive": -0.1}, "p_positive was outside"),
        (TEXT_SCORES, {**SCORE, "p_negative": 1.1}, "p_negative was outside"),
    ],
)
def test_what_cannot_be_a_text_or_a_score_is_set_aside(
    tmp_path: Path, domain: Domain, row: dict[str, Any], reason: str
) -> None:
    assert reason in _reasons(tmp_path, domain, row)[0]
