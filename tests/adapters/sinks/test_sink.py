"""Facts in PostgreSQL: first prints apart, restatements out of training's reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from adapters.lake.domains.registry import DOMAINS
from adapters.sinks.roles import ANALYST, TRAINING, granted
from adapters.sinks.sink import FactSink
from adapters.sql.postgres import DRIVER
from tests.adapters.lake.facts.examples import ASSETS, NOW, day, fact, frame, store

pytestmark = pytest.mark.slow
PRINTED = "SELECT cik, value FROM first_print.assets ORDER BY cik, event_at"
RESTATED = "SELECT cik, value FROM restated.assets ORDER BY cik, event_at, known_at"


@pytest.fixture
def database(postgres_server: str) -> Iterator[Engine]:
    engine = create_engine(make_url(postgres_server).set(drivername=DRIVER))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS first_print CASCADE"))
        connection.execute(text("DROP SCHEMA IF EXISTS restated CASCADE"))
    yield engine
    engine.dispose()


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


def test_first_prints_and_restatements_are_kept_apart(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database)
    assert rows(database, PRINTED) == [("a", 39.0), ("b", 5.0)]
    assert rows(database, RESTATED) == [("a", 36.0)]


def test_training_cannot_read_a_restatement(tmp_path: Path, database: Engine) -> None:
    """PIT-04: the database refuses it, whatever the query."""
    filled(tmp_path, database)
    assert rows(database, PRINTED, TRAINING) == [("a", 39.0), ("b", 5.0)]
    for query in (
        RESTATED,
        "TABLE restated.assets",
        f"{PRINTED.split(' ORDER', maxsplit=1)[0]} UNION {RESTATED.split(' ORDER', maxsplit=1)[0]}",
    ):
        with pytest.raises(ProgrammingError, match="permission denied for schema restated"):
            rows(database, query, TRAINING)


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT USAGE ON SCHEMA restated TO assay_training",
        "SET LOCAL ROLE assay_analyst",
        "DELETE FROM first_print.assets",
    ],
)
def test_training_can_neither_widen_its_rights_nor_write(tmp_path: Path, database: Engine, statement: str) -> None:
    filled(tmp_path, database)
    with database.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS assay_trainer_of_the_test"))
        connection.execute(text("CREATE ROLE assay_trainer_of_the_test NOLOGIN IN ROLE assay_training"))
    with database.connect() as connection:
        connection.execute(text("SET SESSION AUTHORIZATION assay_trainer_of_the_test"))
        with pytest.raises(ProgrammingError, match=r"permission denied|no privileges"):
            connection.execute(text(statement))
        connection.invalidate()


def test_analysts_read_both(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database)
    assert rows(database, RESTATED, ANALYST) == [("a", 36.0)]


def test_domain_that_is_added_later_is_out_of_trainings_reach_too(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database).prepared([DOMAINS["fundamentals"]])
    assert rows(database, "SELECT * FROM first_print.fundamentals", TRAINING) == []
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(database, "SELECT * FROM restated.fundamentals", TRAINING)


def test_publishing_again_adds_only_what_is_new(tmp_path: Path, database: Engine) -> None:
    sink = filled(tmp_path, database)
    assert sink.published(store(tmp_path), ASSETS, NOW) == 0
    store(tmp_path).ingested(ASSETS, frame(fact("b", 1, 40, 6.0)), "sec")
    assert sink.published(store(tmp_path), ASSETS, NOW) == 1
    assert rows(database, RESTATED) == [("a", 36.0), ("b", 6.0)]


def test_late_arrival_known_before_the_first_print_takes_its_place(tmp_path: Path, database: Engine) -> None:
    sink = filled(tmp_path, database)
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 5, 38.0)), "archive")
    sink.published(store(tmp_path), ASSETS, NOW)
    assert rows(database, PRINTED) == [("a", 38.0), ("b", 5.0)]
    assert rows(database, RESTATED) == [("a", 39.0), ("a", 36.0)]
    first = store(tmp_path).first_prints(ASSETS, NOW).sort("cik").collect()
    assert first["value"].to_list() == [38.0, 5.0]


def test_knowledge_is_never_rounded_to_an_earlier_instant(tmp_path: Path, database: Engine) -> None:
    just_after = frame(fact("a", 1, 1, 1.0)).with_columns(pl.col("known_at").dt.offset_by("1ns"))
    store(tmp_path).ingested(ASSETS, just_after, "test")
    sink = FactSink(database)
    sink.prepared([ASSETS])
    sink.published(store(tmp_path), ASSETS, NOW)
    [(known_at,)] = rows(database, "SELECT known_at FROM first_print.assets")
    assert known_at == day(1).replace(microsecond=1)


def test_column_that_a_domain_gained_is_added(tmp_path: Path, database: Engine) -> None:
    sink = filled(tmp_path, database)
    wider = replace(ASSETS, values={**ASSETS.values, "currency": pl.String()})
    sink.prepared([wider])
    store(tmp_path).ingested(wider, frame(fact("c", 1, 1, 1.0)).with_columns(currency=pl.lit("USD")), "test")
    sink.published(store(tmp_path), wider, NOW)
    found = rows(database, "SELECT currency FROM first_print.assets ORDER BY cik")
    assert found == [(None,), (None,), ("USD",)]


def test_plain_postgresql_drops_what_is_no_longer_kept(tmp_path: Path, database: Engine) -> None:
    sink = filled(tmp_path, database)
    assert sink.expired(ASSETS, NOW) == 0
    assert sink.expired(replace(ASSETS, retention_days=30), NOW) == 3


def test_tables_of_every_domain_can_be_made(database: Engine) -> None:
    """ING-02: without TimescaleDB the same tables serve."""
    sink = FactSink(database)
    sink.prepared(DOMAINS.values())
    sink.prepared(DOMAINS.values())
    made = rows(database, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'first_print'")
    assert made == [(len(DOMAINS),)]
