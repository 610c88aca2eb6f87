"""Migrations: they make the tables that the code speaks of, on SQLite and as SQL for PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from adapters.sql.migration import HEAD_REVISION, revision, upgrade
from adapters.sql.registry_tables import SCHEMA
from nodes.vocabulary.errors import EdgeError


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """An empty database."""
    with create_engine(f"sqlite:///{tmp_path / 'log.db'}").connect() as connection:
        yield connection


def _config(output: io.StringIO | None = None, **options: str) -> Config:
    config = Config(output_buffer=output)
    config.set_main_option("script_location", "adapters.sql:migrations")
    for name, value in options.items():
        config.set_main_option(name, value)
    return config


def test_an_empty_database_is_brought_to_the_head_and_stays_there(connection: Connection) -> None:
    assert revision(connection) is None
    upgrade(connection)
    assert revision(connection) == HEAD_REVISION
    upgrade(connection)
    assert revision(connection) == HEAD_REVISION


def test_the_head_that_the_code_knows_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(_config()).get_heads() == [HEAD_REVISION]


def test_the_migrated_tables_are_those_of_the_code(connection: Connection) -> None:
    upgrade(connection)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, SCHEMA) == []


def test_a_database_of_a_newer_release_is_refused(connection: Connection) -> None:
    upgrade(connection)
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(EdgeError, match="database is at schema '9999', this release knows up to '0002'; upgrade Assay"):
        upgrade(connection)


def test_the_migrations_can_be_printed_as_sql_for_postgresql() -> None:
    """What an operator runs who applies DDL by hand."""
    output = io.StringIO()
    command.upgrade(_config(output, **{"sqlalchemy.url": "postgresql://"}), "head", sql=True)
    script = output.getvalue()
    assert "sequence BIGINT NOT NULL" in script
    assert "entry_id BYTEA NOT NULL" in script
    assert "CREATE INDEX ix_entries_decision_id ON entries (decision_id, sequence)" in script


def test_a_log_is_never_dropped_by_a_migration(connection: Connection) -> None:
    upgrade(connection)
    config = _config()
    config.attributes["connection"] = connection
    with pytest.raises(NotImplementedError, match="a log is never dropped; go back by restoring the copy"):
        command.downgrade(config, "base")
