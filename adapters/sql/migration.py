"""Bringing a database to the schema that this code speaks, through Alembic's revisions in `migrations/`."""

from __future__ import annotations

import threading
from importlib import import_module

from sqlalchemy import Connection, inspect, text

from nodes.vocabulary.errors import EdgeError

HEAD_REVISION = "0002"
_KNOWN_REVISIONS = (None, "0001", "0002")
_VERSION_TABLE = "alembic_version"
# Alembic keeps the environment of a migration in module globals, so that two at once undo each other.
_ONE_AT_A_TIME = threading.Lock()


def revision(connection: Connection) -> str | None:
    """The revision that a database is at; None for an empty one."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(connection: Connection) -> None:
    """Create or upgrade the tables. Raises EdgeError for a database that a newer release wrote."""
    found = revision(connection)
    if found == HEAD_REVISION:
        return
    if found not in _KNOWN_REVISIONS:
        message = f"database is at schema {found!r}, this release knows up to {HEAD_REVISION!r}; upgrade Assay"
        raise EdgeError(message)
    # Only a database that is behind needs Alembic, and importing it takes longer than opening one that is not.
    command, config = import_module("alembic.command"), import_module("alembic.config").Config()
    config.set_main_option("script_location", "adapters.sql:migrations")
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")
