"""How Alembic reaches the database: over the connection that the store hands it, or as SQL text.

`adapters.sql.migration` sets the attribute `connection`; without one (`alembic upgrade --sql`) the script of
statements is printed for the dialect that the URL names, for operators who run DDL by hand.
"""

from __future__ import annotations

from alembic import context

from adapters.sql.registry_tables import SCHEMA


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        url = context.config.get_main_option("sqlalchemy.url")
        context.configure(url=url, target_metadata=SCHEMA, literal_binds=True)
    else:
        context.configure(connection=connection, target_metadata=SCHEMA)
    with context.begin_transaction():
        context.run_migrations()


_run()
