"""What TimescaleDB adds to tables of facts where its extension is: chunks, compression, retention, aggregates.

Without the extension none of these statements is run, and the tables serve the same queries. No TimescaleDB was at hand
where this was written: the statements follow its documentation and have not been run against it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from adapters.lake.facts.domain import Domain

_COMPRESS_AFTER_DAYS = 90
_CHUNK_DAYS = 365
_BARS = "bars_daily"


def has_timescale(connection: Connection) -> bool:
    """Whether the database has the extension."""
    found = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")).scalar_one_or_none()
    return found is not None


def hypertable_statements(domain: Domain, schema: str) -> tuple[str, ...]:
    """What is run once, on a domain's new and empty table."""
    table = f"{schema}.{domain.name}"
    subject = next(iter(domain.keys))
    compressed = (
        f"ALTER TABLE {table} SET (timescaledb.compress, timescaledb.compress_segmentby = '\"{subject}\"', "
        "timescaledb.compress_orderby = 'event_at, known_at, sequence')"
    )
    statements = [
        f"SELECT create_hypertable('{table}', by_range('event_at', INTERVAL '{_CHUNK_DAYS} days'))",
        compressed,
        f"SELECT add_compression_policy('{table}', INTERVAL '{_COMPRESS_AFTER_DAYS} days')",
    ]
    if domain.retention_days is not None:
        statements.append(f"SELECT add_retention_policy('{table}', INTERVAL '{domain.retention_days} days')")
    if domain.name == _BARS and schema == "first_print":
        statements.extend(_monthly_bars(table))
    return tuple(statements)


def _monthly_bars(table: str) -> tuple[str, str]:
    """Monthly bars of first prints, kept up to date by the database."""
    view = f"{table}_monthly"
    columns = (
        "first(open_usd, event_at) AS open_usd, max(high_usd) AS high_usd, min(low_usd) AS low_usd, "
        "last(close_usd, event_at) AS close_usd, sum(volume_shares) AS volume_shares, max(known_at) AS known_at"
    )
    made = (
        f"CREATE MATERIALIZED VIEW {view} WITH (timescaledb.continuous) AS "  # noqa: S608  # names of our own
        f"SELECT security_id, time_bucket(INTERVAL '1 month', event_at) AS month_at, {columns} FROM {table} "
        "GROUP BY security_id, time_bucket(INTERVAL '1 month', event_at) WITH NO DATA"
    )
    refreshed = (
        f"SELECT add_continuous_aggregate_policy('{view}', start_offset => INTERVAL '3 months', "
        "end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '1 day')"
    )
    return made, refreshed
