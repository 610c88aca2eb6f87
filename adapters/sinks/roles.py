"""Who may read which facts: training the first prints and nothing else, analysts the restatements too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, text

from adapters.sinks.tables import FIRST_PRINT, RESTATED

TRAINING, ANALYST = "assay_training", "assay_analyst"
_MAY_READ = {TRAINING: (FIRST_PRINT,), ANALYST: (FIRST_PRINT, RESTATED)}


def granted(engine: Engine) -> None:
    """Makes the two roles, where they are missing, and lets each read its schemas and what will be made in them.

    They cannot log in: users are made members of them. Whatever a role had been granted beyond this is taken back.
    """
    with engine.begin() as connection:
        for role, schemas in _MAY_READ.items():
            if not _is_there(connection, role):
                connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
            for schema in (FIRST_PRINT, RESTATED):
                for statement in _statements(role, schema, may_read=schema in schemas):
                    connection.execute(text(statement))


def _is_there(connection: Connection, role: str) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    return found.scalar_one_or_none() is not None


def _statements(role: str, schema: str, *, may_read: bool) -> Sequence[str]:
    taken_back = [
        f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM PUBLIC, {role}",
    ]
    if not may_read:
        return taken_back
    return [
        *taken_back,
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}",
    ]
