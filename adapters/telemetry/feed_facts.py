"""What the lake says of its feeds at the moment someone asks, as metrics: right for whoever fetches, and from where.

Feeds are fetched by commands that come and go, so their runs are not counted in a server: they are read from the lake,
where each notes itself down. Runs that could not be read say `assay_feeds_readable 0` and nothing else; a feed that
was never done has no watermark. Counts cover the runs that the lake keeps, a bit over a year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import polars as pl
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.feeds.feed_metrics import BREAKER_STATES
from adapters.lake.domains.feed_runs import DONE, FEED_RUNS
from adapters.lake.facts.store import FactStore
from nodes.vocabulary.errors import AssayError

_FATES = {"fetched": "n_fetched", "accepted": "n_accepted", "quarantined": "n_quarantined"}


def feed_facts(store: FactStore, now: datetime) -> pl.DataFrame:
    """A row a feed: how it is, and what its runs came to. Raises AssayError when the lake cannot be read."""
    runs = store.as_of(FEED_RUNS, now).sort("event_at", "sequence").collect()
    is_done = pl.col("outcome") == DONE
    counted = [pl.col(column).sum() for column in (*_FATES.values(), "n_throttled")]
    outcomes = [(pl.col("outcome") == outcome).sum().alias(outcome) for outcome in sorted(runs["outcome"].unique())]
    return (
        runs.group_by("feed", maintain_order=True)
        .agg(
            watermark=pl.col("until_at").filter(is_done & (pl.col("scope") == pl.col("scope").last())).max(),
            last_run_at=pl.col("event_at").last(),
            breaker=pl.col("breaker").last(),
            n_failures=is_done.reverse().cum_max().not_().sum(),
            runs=pl.struct(outcomes) if outcomes else pl.lit(None),
            counts=pl.struct(counted),
        )
        .sort("feed")
    )


class FeedCollector(Collector):
    """Shows the feeds of a lake as metrics."""

    def __init__(self, store: FactStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Nothing: the lake is read when asked, not when registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The feeds of now."""
        readable = GaugeMetricFamily(
            "assay_feeds_readable", "Can the runs of the feeds be read? Alert: FeedsUnreadable"
        )
        now = self._clock()
        try:
            found = feed_facts(self._store, now)
        except AssayError:
            readable.add_metric([], 0.0)
            yield readable
            return
        readable.add_metric([], 1.0)
        yield readable
        rows = found.to_dicts()
        yield from _states(rows, now)
        yield from _counts(rows)


def _states(rows: list[dict[str, Any]], now: datetime) -> Iterator[Metric]:
    age = _gauge(
        "assay_feed_watermark_age_seconds", "How far behind is the feed? Age of its watermark. Alert: FeedStale"
    )
    last = _gauge("assay_feed_run_timestamp_seconds", "When did the feed last run? Epoch seconds")
    breaker = _gauge(
        "assay_feed_breaker_state",
        "Is the vendor left alone? Circuit breaker: 0 closed, 1 half open, 2 open. Alert: FeedBreakerOpen",
    )
    failures = _gauge("assay_feed_failures_in_a_row", "Does the feed work? Runs since it was done. Alert: FeedFailing")
    for row in rows:
        source = [row["feed"]]
        if row["watermark"] is not None:
            age.add_metric(source, (now - row["watermark"]).total_seconds())
        last.add_metric(source, row["last_run_at"].timestamp())
        breaker.add_metric(source, BREAKER_STATES[row["breaker"]])
        failures.add_metric(source, row["n_failures"])
    yield from (age, last, breaker, failures)


def _counts(rows: list[dict[str, Any]]) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "assay_feed_runs",
        "How do fetches end? Runs by outcome: done, or why they ended early",
        labels=("source", "outcome"),
    )
    read = CounterMetricFamily(
        "assay_feed_rows",
        "What became of what the feed brought? Rows fetched, accepted as news, quarantined. Alert: FeedQuarantines",
        labels=("source", "fate"),
    )
    throttled = CounterMetricFamily(
        "assay_feed_throttled", "Do we ask too often? Answers that told us to wait", labels=("source",)
    )
    for row in rows:
        for outcome, n_runs in row["runs"].items():
            runs.add_metric([row["feed"], outcome], n_runs)
        for fate, column in _FATES.items():
            read.add_metric([row["feed"], fate], row["counts"][column])
        throttled.add_metric([row["feed"]], row["counts"]["n_throttled"])
    yield from (runs, read, throttled)


def _gauge(name: str, question: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, question, labels=("source",))
