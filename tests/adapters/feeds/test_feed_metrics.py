"""The metrics of feeds can be left where a node exporter finds them."""

from __future__ import annotations

from pathlib import Path

from adapters.feeds.feed_metrics import feed_metrics


def test_metrics_are_written_for_a_text_file_collector(tmp_path: Path) -> None:
    metrics = feed_metrics()
    metrics.fetched.labels("yahoo", "bars_daily").inc(3)
    metrics.written(tmp_path / "feeds.prom")
    text = (tmp_path / "feeds.prom").read_text()
    assert 'assay_feed_rows_fetched_total{domain="bars_daily",source="yahoo"} 3.0' in text
