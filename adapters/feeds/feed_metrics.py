"""What each feed counts, as Prometheus metrics; the help text of each is the question that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, write_to_textfile

OPENED = "opened"
BREAKER_STATES: Mapping[str, int] = {"closed": 0, "half-opened": 1, OPENED: 2}


@dataclass(frozen=True, slots=True)
class FeedMetrics:
    """The counters of the feeds that one process collects, with the registry that shows them."""

    registry: CollectorRegistry
    fetched: Counter
    accepted: Counter
    quarantined: Counter
    lag_s: Gauge
    breaker_state: Gauge
    throttled: Counter
    failures: Counter
    completed_at_s: Gauge

    def written(self, path: Path) -> None:
        """Write the metrics for the text-file collector of a Prometheus node exporter."""
        write_to_textfile(str(path), self.registry)


def feed_metrics(registry: CollectorRegistry | None = None) -> FeedMetrics:
    """Metrics of feeds, all at zero."""
    home = registry or CollectorRegistry()
    rows = ("source", "domain")
    return FeedMetrics(
        registry=home,
        fetched=Counter("assay_feed_rows_fetched", "Does the feed bring anything? Rows read", rows, registry=home),
        accepted=Counter("assay_feed_rows_accepted", "Is it news? Facts that were new", rows, registry=home),
        quarantined=Counter(
            "assay_feed_rows_quarantined", "Does the vendor send what he documents? Rows set aside", rows, registry=home
        ),
        lag_s=Gauge(
            "assay_feed_lag_seconds", "How old is the newest event of the feed? Seconds before now", rows, registry=home
        ),
        breaker_state=Gauge(
            "assay_feed_breaker_state",
            "Is the vendor left alone? Circuit breaker: 0 closed, 1 half open, 2 open",
            ("source",),
            registry=home,
        ),
        throttled=Counter(
            "assay_feed_throttled", "Do we ask too often? Answers that told us to wait", ("source",), registry=home
        ),
        failures=Counter(
            "assay_feed_failures",
            "Why did a fetch not complete? Runs that ended early, by reason",
            ("source", "reason"),
            registry=home,
        ),
        completed_at_s=Gauge(
            "assay_feed_completed_timestamp_seconds",
            "When did the feed last bring all it had? Epoch seconds of the last complete run",
            ("source",),
            registry=home,
        ),
    )
