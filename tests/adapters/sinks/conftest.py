"""A PostgreSQL server for the tests of this folder, and an empty database of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from adapters.sql.postgres import DRIVER
from tests.stores import postgres_server

__all__ = ["postgres_server"]


@pytest.fixture
def database(postgres_server: str) -> Iterator[Engine]:
    engine = create_engine(make_url(postgres_server).set(drivername=DRIVER))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS first_print CASCADE"))
        connection.execute(text("DROP SCHEMA IF EXISTS restated CASCADE"))
    yield engine
    engine.dispose()
