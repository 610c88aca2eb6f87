"""Facts published to a PostgreSQL database, and what it answers to whom."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text

from adapters.sinks.roles import granted
from adapters.sinks.sink import FactSink
from tests.adapters.lake.facts.examples import ASSETS, NOW, fact, frame, store

PRINTED = "SELECT cik, value FROM first_print.assets ORDER BY cik, event_at"
RESTATED = "SELECT cik, value FROM restated.assets ORDER BY cik, event_at, known_at"


def rows(engine: Engine, query: str, role: str | None = None) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        if role is not None:
            connection.execute(text(f"SET LOCAL ROLE {role}"))
        return [tuple(row) for row in connection.execute(text(query))]


def filled(root: Path, engine: Engine) -> FactSink:
    store(root).ingested(ASSETS, frame(fact("a", 1, 10, 39.0), fact("a", 1, 30, 36.0), fact("b", 1, 10, 5.0)), "sec")
    sink = FactSink(engine)
    sink.prepared([ASSETS])
    granted(engine)
    assert sink.published(store(root), ASSETS, NOW) == 3
    return sink
