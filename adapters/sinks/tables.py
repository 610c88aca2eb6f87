"""Tables of a domain in SQL: what was printed first in one schema, every later revision in another.

Who may read one schema need not be able to read the other: training reads first prints. PostgreSQL keeps microseconds:
events are cut to them and knowledge is rounded up, so that nothing is ever seen before it was known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from adapters.lake.facts.domain import INSTANT, Domain

FIRST_PRINT, RESTATED = "first_print", "restated"
_TYPES: Mapping[pl.DataType, TypeEngine[Any]] = {
    pl.String(): Text(),
    pl.Int32(): Integer(),
    pl.Int64(): BigInteger(),
    pl.Float64(): Float(53),
    pl.Boolean(): Boolean(),
    pl.Date(): Date(),
    INSTANT: DateTime(timezone=True),
}


@dataclass(frozen=True)
class DomainTables:
    """A domain's tables, and those that live as long as one transaction.

    Attributes:
        first_print: the first fact of every key and event.
        restated: every later one.
        arriving: facts on their way.
        places: of each fact of the keys that are arriving, which revision it is, counted from 1.
    """

    first_print: Table
    restated: Table
    arriving: Table
    places: Table


def tables_of(domain: Domain) -> DomainTables:
    """The tables of a domain."""
    metadata = MetaData()
    places = Table(
        "places",
        metadata,
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("place", BigInteger, nullable=False),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    arriving = Table("arriving", metadata, *_columns(domain), prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    return DomainTables(_kept(domain, metadata, FIRST_PRINT), _kept(domain, metadata, RESTATED), arriving, places)


def _kept(domain: Domain, metadata: MetaData, schema: str) -> Table:
    table = Table(domain.name, metadata, *_columns(domain), schema=schema)
    known = [table.c.known_at, table.c.sequence] if schema == RESTATED else []
    Index(
        f"{domain.name}_identity",
        *(table.c[name] for name in domain.identity),
        *known,
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    Index(f"{domain.name}_sequence", table.c.sequence, table.c.event_at, unique=True)
    return table


def _columns(domain: Domain) -> list[Column[Any]]:
    required = {next(iter(domain.keys)), "event_at", "known_at", "source", "sequence", "batch", "is_retracted"}
    return [Column(name, _TYPES[kind], nullable=name not in required) for name, kind in domain.schema.items()]
