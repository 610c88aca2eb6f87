"""A domain's tables in SQL."""

from __future__ import annotations

from adapters.sinks.tables import FIRST_PRINT, RESTATED, tables_of
from tests.adapters.lake.facts.examples import ASSETS


def test_tables_have_the_columns_of_the_domain_in_two_schemas() -> None:
    """PIT-04: first prints and restatements share no table."""
    tables = tables_of(ASSETS)
    assert (tables.first_print.schema, tables.restated.schema) == (FIRST_PRINT, RESTATED)
    assert list(tables.first_print.c.keys()) == list(tables.restated.c.keys()) == list(ASSETS.schema)


def test_only_what_every_fact_has_is_required() -> None:
    required = [column.name for column in tables_of(ASSETS).restated.c if not column.nullable]
    assert required == ["cik", "event_at", "known_at", "source", "sequence", "batch", "is_retracted"]
