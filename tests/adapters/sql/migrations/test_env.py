"""The migration environment: it runs over the connection that it is handed, inside its transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect

from adapters.sql.migration import upgrade


def test_a_migration_that_is_rolled_back_leaves_nothing(tmp_path: Path) -> None:
    """It must run inside the transaction of the store, which BEGIN IMMEDIATE guards against a second process."""
    engine = create_engine(f"sqlite:///{tmp_path / 'log.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection)
        assert inspect(connection).has_table("entries")
        connection.rollback()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
