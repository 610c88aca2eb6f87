"""What would be run where TimescaleDB's extension is: its text, since no such server was at hand."""

from __future__ import annotations

from dataclasses import replace

from adapters.lake.domains.registry import DOMAINS
from adapters.sinks.timescale import hypertable_statements
from tests.adapters.lake.facts.examples import ASSETS

BARS = DOMAINS["bars_daily"]


def test_table_becomes_a_compressed_hypertable_by_event() -> None:
    """ING-02."""
    made, compressed, policy = hypertable_statements(ASSETS, "first_print")
    assert made == "SELECT create_hypertable('first_print.assets', by_range('event_at', INTERVAL '365 days'))"
    assert "timescaledb.compress_segmentby = '\"cik\"'" in compressed
    assert policy.startswith("SELECT add_compression_policy('first_print.assets'")


def test_retention_of_the_domain_becomes_a_policy() -> None:
    kept = hypertable_statements(replace(ASSETS, retention_days=30), "restated")
    assert kept[-1] == "SELECT add_retention_policy('restated.assets', INTERVAL '30 days')"


def test_bars_have_a_continuous_aggregate_of_first_prints_only() -> None:
    assert any("timescaledb.continuous" in one for one in hypertable_statements(BARS, "first_print"))
    assert not any("timescaledb.continuous" in one for one in hypertable_statements(BARS, "restated"))
