"""The second revision: a log of the first one gets the registry, and keeps all that it had."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from adapters.sql.migration import upgrade
from adapters.sql.migrations.versions import r0002_registry


def test_a_log_of_the_first_revision_is_brought_to_the_second_with_its_laws(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'log.db'}").connect() as connection:
        config = Config()
        config.set_main_option("script_location", "adapters.sql:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO bodies VALUES (x'00', x'01')"))
        upgrade(connection)
        laws = connection.execute(text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")).scalar_one()
        assert {"trials", "model_versions", "model_evidence", "model_stages"} <= set(
            inspect(connection).get_table_names()
        )
        assert connection.execute(text("SELECT count(*) FROM bodies")).scalar_one() == 1
        assert laws == len(r0002_registry._LAWS) + len(r0002_registry._never_changed())


def test_the_registry_is_never_dropped_by_a_migration() -> None:
    with pytest.raises(NotImplementedError, match="a log is never dropped"):
        r0002_registry.downgrade()
