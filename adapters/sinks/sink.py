"""Facts of the lake in PostgreSQL, for those who read SQL: the same facts, first prints apart from restatements.

The lake remains the authority. Publishing adds what the lake has and the database has not, in one transaction, so that
a reader sees a batch in both schemas or in none; it may be run again at any time, and the schemas may be dropped and
published anew. A fact that arrives late and was known before the first print takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, Select, and_, delete, func, insert, inspect, select, text, union_all
from sqlalchemy.schema import CreateSchema, CreateTable

from adapters.lake.facts.domain import INSTANT, Domain
from adapters.lake.facts.store import FactStore
from adapters.sinks.tables import FIRST_PRINT, RESTATED, DomainTables, tables_of
from adapters.sinks.timescale import has_timescale, hypertable_statements

_LOCK = 0x6661637473
_PART = 10_000


class FactSink:
    """Tables of facts in a PostgreSQL database; with TimescaleDB's own features where its extension is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepared(self, domains: Iterable[Domain]) -> None:
        """Makes the schemas and tables of domains where they are missing, and adds the columns that a domain gained."""
        with self._engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            for schema in (FIRST_PRINT, RESTATED):
                connection.execute(CreateSchema(schema, if_not_exists=True))
            for domain in domains:
                _prepare(connection, domain)

    def published(self, store: FactStore, domain: Domain, known_at: datetime) -> int:
        """Adds the facts of the lake that the database has not; how many they were."""
        tables = tables_of(domain)
        with self._engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            last = int(connection.execute(_last_sequence(tables)).scalar_one())
            new = store.history(domain, known_at, pl.col("sequence") > last).select(*domain.schema).collect()
            if new.height:
                _copy(connection, tables, new)
                _place(connection, domain, tables)
        return new.height

    def expired(self, domain: Domain, now: datetime) -> int:
        """Removes facts older than the domain keeps them; how many. TimescaleDB has a policy of its own for it."""
        if domain.retention_days is None:
            return 0
        tables, cut_at = tables_of(domain), now - timedelta(days=domain.retention_days)
        with self._engine.begin() as connection:
            gone = [
                connection.execute(delete(table).where(table.c.event_at < cut_at)).rowcount
                for table in (tables.first_print, tables.restated)
            ]
        return sum(gone)


def _prepare(connection: Connection, domain: Domain) -> None:
    tables = tables_of(domain)
    for table in (tables.first_print, tables.restated):
        if not inspect(connection).has_table(table.name, schema=table.schema):
            connection.execute(CreateTable(table))
            if has_timescale(connection):
                for statement in hypertable_statements(domain, str(table.schema)):
                    connection.execute(text(statement))
            for index in table.indexes:
                index.create(connection)
            continue
        there = {column["name"] for column in inspect(connection).get_columns(table.name, schema=table.schema)}
        for name in (name for name in domain.values if name not in there):
            quoted = connection.dialect.identifier_preparer
            kind = table.c[name].type.compile(connection.dialect)
            connection.execute(text(f"ALTER TABLE {quoted.format_table(table)} ADD COLUMN {quoted.quote(name)} {kind}"))


def _last_sequence(tables: DomainTables) -> Select[Any]:
    both = union_all(*(select(table.c.sequence) for table in (tables.first_print, tables.restated))).subquery()
    return select(func.coalesce(func.max(both.c.sequence), 0))


def _copy(connection: Connection, tables: DomainTables, new: pl.DataFrame) -> None:
    """Facts into the table of what is arriving, knowledge rounded up to the microseconds that the database keeps."""
    connection.execute(CreateTable(tables.arriving))
    known = (pl.col("known_at").cast(pl.Int64) + 999) // 1000
    instants = [
        (known if name == "known_at" else pl.col(name).cast(pl.Int64) // 1000)
        .cast(pl.Datetime("us", "UTC"))
        .alias(name)
        for name, kind in new.schema.items()
        if kind == INSTANT
    ]
    for part in new.with_columns(instants).iter_slices(_PART):
        rows: list[dict[str, Any]] = part.to_dicts()
        connection.execute(insert(tables.arriving), rows)


def _place(connection: Connection, domain: Domain, tables: DomainTables) -> None:
    """Puts what is arriving where it belongs, and what is there already where it belongs now."""
    first, later, arriving, places = tables.first_print, tables.restated, tables.arriving, tables.places
    connection.execute(CreateTable(places))
    connection.execute(insert(later).from_select(list(later.c.keys()), select(arriving)))
    columns = [*domain.identity, "known_at", "sequence"]
    both = union_all(*(select(*(table.c[name] for name in columns)) for table in (first, later))).subquery()
    key = [both.c[name] for name in domain.identity]
    touched = select(arriving.c.sequence).where(
        and_(*(both.c[name].is_not_distinct_from(arriving.c[name]) for name in domain.identity))
    )
    place = func.row_number().over(partition_by=key, order_by=[both.c.known_at, both.c.sequence])
    connection.execute(
        insert(places).from_select(["sequence", "place"], select(both.c.sequence, place).where(touched.exists()))
    )
    for source, target, which in ((first, later, places.c.place > 1), (later, first, places.c.place == 1)):
        moved = source.c.sequence.in_(select(places.c.sequence).where(which))
        connection.execute(insert(target).from_select(list(target.c.keys()), select(source).where(moved)))
        connection.execute(delete(source).where(moved))
