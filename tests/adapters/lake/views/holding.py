"""Small lakes for the views: facts written as rows, known when they say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from adapters.feeds.files.lean import lean_folder
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import in_batches
from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.store import FactStore
from tests.adapters.feeds.files.lean_writing import shared_folder


def clock() -> datetime:
    """The clock of a lake of the past."""
    return datetime(2026, 11, 23, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant, "2014-06-09 20:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def held(store: FactStore, domain: Domain, rows: Sequence[Mapping[str, Any]], source: str = "test") -> None:
    """Writes facts; a column that a row leaves out is null, and what says nothing of it is not retracted."""
    schema = {**domain.keys, **domain.values, "event_at": INSTANT, "known_at": INSTANT, "is_retracted": pl.Boolean()}
    full = [{name: row.get(name) for name in schema} | {"is_retracted": bool(row.get("is_retracted"))} for row in rows]
    store.ingested(domain, pl.DataFrame(full, schema=schema), source)


def lean_lake(root: Path, data: Path, tickers: Sequence[str]) -> FactStore:
    """A lake with the shared daily bars of some tickers, read from LEAN files."""
    store = FactStore(root / "lake", clock)
    for part in in_batches(lean_folder(shared_folder(data, root / "lean", tickers), no_leases())):
        store.ingested(part.domain, part.facts, part.source, part.rejected)
    return store
