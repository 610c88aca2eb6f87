"""A small domain of facts, frames of it, and stores for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.store import FactStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASSETS = Domain(
    name="assets",
    keys={"cik": pl.String(), "start_on": pl.Date()},
    values={"value": pl.Float64(), "form": pl.String()},
    doc="Total assets.",
    lag="When filed.",
)
_SCHEMA = {**ASSETS.keys, **ASSETS.values, "event_at": INSTANT, "known_at": INSTANT, "is_retracted": pl.Boolean()}


def day(n: int) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n)


def fact(cik: str | None, event: int, known: int, value: float | None, *, retracted: bool = False) -> tuple[Any, ...]:
    return (cik, None, value, "10-K", day(event), day(known), retracted)


def frame(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=_SCHEMA, orient="row")


def store(root: Path, now: datetime = NOW) -> FactStore:
    return FactStore(root, lambda: now)


def values(facts: pl.LazyFrame) -> list[Any]:
    return facts.sort("cik", "event_at", "sequence").collect()["value"].to_list()
