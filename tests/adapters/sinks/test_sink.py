"""Facts in PostgreSQL: the same as in the lake, first prints apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from adapters.lake.domains.registry import DOMAINS
from adapters.sinks.sink import FactSink
from tests.adapters.lake.facts.examples import ASSETS, NOW, day, fact, frame, store
from tests.adapters.sinks.databases import PRINTED, RESTATED, filled, rows

pytestmark = pytest.mark.slow


def test_first_prints_and_restatements_are_kept_apart(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database)
    assert rows(database, PRINTED) == [("a", 39.0), ("b", 5.0)]
    assert rows(database, RESTATED) == [("a", 36.0)]


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
