"""The first migration: the tables and indices of a log."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect

from adapters.sql.migration import upgrade


def test_the_first_migration_makes_every_table_of_a_log(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'log.db'}").connect() as connection:
        upgrade(connection)
        names = set(inspect(connection).get_table_names())
        indices = {index["name"] for index in inspect(connection).get_indexes("entries")}
    assert names >= {
        "account_parts",
        "accounts",
        "activations",
        "alembic_version",
        "answers",
        "bodies",
        "checkpoints",
        "entries",
        "log_head",
        "outbox",
        "tree_nodes",
    }
    assert indices == {"ix_entries_decision_id", "ix_entries_entry_id", "ix_entries_kind"}
