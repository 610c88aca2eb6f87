"""What the lake says of its feeds, as metrics, and the alert rules over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.lake.domains.feed_runs import FEED_RUNS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from adapters.telemetry.feed_facts import FeedCollector, feed_facts
from tests.adapters.telemetry.alerting import fires, rules, samples

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
SCHEMA = pl.Schema({**FEED_RUNS.keys, **FEED_RUNS.values, "event_at": INSTANT, "known_at": INSTANT})


def _run(feed: str, hours_ago: float, outcome: str = "done", **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(hours=hours_ago)
    counts = {"n_fetched": 10, "n_accepted": 7, "n_quarantined": 1, "n_throttled": 0}
    said = {"feed": feed, "scope": "", "outcome": outcome, "detail": "", "breaker": "closed", **counts}
    return {**said, "from_at": at, "until_at": at, "event_at": at, "known_at": at, **more}


def _store(folder: Path, *runs: dict[str, Any]) -> FactStore:
    store = FactStore(folder, lambda: NOW)
    rows = [{name: run.get(name) for name in SCHEMA} for run in runs]
    store.ingested(FEED_RUNS, pl.DataFrame(rows, schema=SCHEMA), "test")
    return store


def _text(store: FactStore) -> str:
    registry = CollectorRegistry()
    registry.register(FeedCollector(store, lambda: NOW))
    return generate_latest(registry).decode()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A feed that works, one that stopped working, and one that never did."""
    runs = [
        *(_run("fred", hours) for hours in (30, 6)),
        _run("yahoo", 48),
        *(_run("yahoo", hours, "throttled", n_throttled=2, n_accepted=0) for hours in (3, 2)),
        _run("yahoo", 1, "open", breaker="opened", n_fetched=0, n_accepted=0, n_quarantined=0),
        _run("rss", 1, "refused", n_fetched=0, n_accepted=0, n_quarantined=0),
    ]
    return _text(_store(tmp_path_factory.mktemp("feeds"), *runs))


def _values(text: str, name: str) -> dict[tuple[str, ...], float]:
    """By source, and by what else a metric tells apart."""
    found = [(labels, value) for each, labels, value in samples(text) if each == name]
    return {
        (labels["source"], *(labels[each] for each in labels if each != "source")): value for labels, value in found
    }


def test_a_watermark_is_as_old_as_what_was_brought_last(text: str) -> None:
    ages = _values(text, "assay_feed_watermark_age_seconds")
    assert ages == {("fred",): 6 * 3600.0, ("yahoo",): 48 * 3600.0}  # rss was never done: missing is never zero
    assert _values(text, "assay_feed_run_timestamp_seconds")["rss",] == NOW.timestamp() - 3600


def test_runs_rows_and_throttles_are_counted(text: str) -> None:
    runs = _values(text, "assay_feed_runs_total")
    assert (runs["fred", "done"], runs["yahoo", "throttled"], runs["yahoo", "open"]) == (2.0, 2.0, 1.0)
    rows = _values(text, "assay_feed_rows_total")
    assert (rows["yahoo", "fetched"], rows["yahoo", "accepted"], rows["yahoo", "quarantined"]) == (30.0, 7.0, 3.0)
    assert _values(text, "assay_feed_throttled_total")["yahoo",] == 4.0


def test_failures_since_the_last_good_run_and_the_breaker_are_told(text: str) -> None:
    assert _values(text, "assay_feed_failures_in_a_row") == {("fred",): 0.0, ("rss",): 1.0, ("yahoo",): 3.0}
    assert _values(text, "assay_feed_breaker_state") == {("fred",): 0.0, ("rss",): 0.0, ("yahoo",): 2.0}


@pytest.mark.parametrize("alert", ["FeedStale", "FeedFailing", "FeedBreakerOpen"])
def test_an_alert_fires_for_a_feed_that_does_not_work_and_is_silent_for_one_that_does(
    alert: str, text: str, tmp_path: Path
) -> None:
    expression = rules("feeds")[alert]["expr"]
    assert fires(expression, text, NOW)
    assert not fires(expression, _text(_store(tmp_path, _run("fred", 1))), NOW)


def test_a_lake_without_runs_has_no_feeds(tmp_path: Path) -> None:
    found = FactStore(tmp_path, lambda: NOW)
    assert feed_facts(found, NOW).height == 0
    assert samples(_text(found)) == [("assay_feeds_readable", {}, 1.0)]


def test_a_lake_that_cannot_be_read_says_so_and_nothing_else(tmp_path: Path) -> None:
    store = _store(tmp_path, _run("fred", 1))
    for file in (tmp_path / "feed_runs" / "_delta_log").glob("*.json"):
        file.write_bytes(b"none")
    assert samples(_text(store)) == [("assay_feeds_readable", {}, 0.0)]
    assert fires(rules("feeds")["FeedsUnreadable"]["expr"], _text(store), NOW)
