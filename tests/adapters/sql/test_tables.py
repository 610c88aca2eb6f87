"""Tables: bytes go in and come out as they are, whatever a corrupted row holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from adapters.sql.tables import BODIES, METADATA, Bytes


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty database in memory."""
    with create_engine("sqlite://").connect() as connection:
        METADATA.create_all(connection)
        yield connection


def test_bytes_come_back_as_bytes(connection: Connection) -> None:
    connection.execute(insert(BODIES), {"ref": b"\x00\xff", "stored": b""})
    assert tuple(connection.execute(select(BODIES)).one()) == (b"\x00\xff", b"")


def test_a_number_where_bytes_should_be_comes_back_as_a_number(connection: Connection) -> None:
    """LargeBinary would make that many zero bytes of it."""
    connection.execute(text("INSERT INTO bodies VALUES (x'00', 5)"))
    assert connection.execute(select(BODIES.c.stored)).scalar_one() == 5


def test_every_table_is_written_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    script = "\n".join(str(CreateTable(table).compile(dialect=dialect)) for table in METADATA.sorted_tables)
    assert "BLOB" not in script
    assert script.count("BYTEA") == sum(isinstance(c.type, Bytes) for t in METADATA.sorted_tables for c in t.columns)
