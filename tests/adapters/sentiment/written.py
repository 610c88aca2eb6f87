"""Texts as facts, for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from adapters.lake.domains.texts import NEWS, TEXTS
from adapters.lake.facts.domain import STAMPS
from adapters.lake.facts.store import FactStore


def text(text_id: str, published_at: datetime, title: str | None, **other: Any) -> dict[str, Any]:
    """A text about AAPL in the news, known when it was published, unless told otherwise."""
    usual = {"channel": NEWS, "symbol": "AAPL", "body": None, "url": None, "known_at": published_at}
    stamps = {"event_at": published_at, "published_at": published_at, "is_retracted": False}
    return {"text_id": text_id, "title": title} | usual | stamps | other


def store_texts(store: FactStore, *rows: dict[str, Any]) -> None:
    """Puts texts into the lake."""
    wanted = {**TEXTS.keys, **TEXTS.values, **{name: STAMPS[name] for name in ("event_at", "known_at", "is_retracted")}}
    frame = pl.DataFrame([[row[name] for name in wanted] for row in rows], schema=wanted, orient="row")
    done = store.ingested(TEXTS, frame, "test")
    assert done.quarantined == 0
