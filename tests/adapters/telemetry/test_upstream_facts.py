"""The outages of a home as metrics, and the alerts that read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from adapters.telemetry.upstream_facts import OutageCollector
from adapters.upstreams.outages import Harm, Outage, OutageBook
from tests.adapters.telemetry.alerting import fires, rules, samples

AT = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)
OUTAGE = Outage("lake", "refused", None, AT, AT)


@pytest.fixture
def book(tmp_path: Path) -> OutageBook:
    return OutageBook(tmp_path / "outages.db", lambda: AT + timedelta(seconds=90))


def _text(book: OutageBook) -> str:
    registry = CollectorRegistry()
    registry.register(OutageCollector(book, ("broker", "lake")))
    return generate_latest(registry).decode()


def _found(book: OutageBook) -> dict[tuple[str, str], float]:
    return {(name, labels["upstream"]): value for name, labels, value in samples(_text(book))}


def test_metrics_say_of_each_upstream_whether_it_is_away_and_for_how_long_it_was(book: OutageBook) -> None:
    book.begun(OUTAGE)
    book.ended("lake", Harm())
    book.begun(replace(OUTAGE, upstream="broker"))
    assert _found(book) == {
        ("assay_upstream_away", "broker"): 1.0,
        ("assay_upstream_away", "lake"): 0.0,
        ("assay_upstream_away_seconds_total", "broker"): 0.0,
        ("assay_upstream_away_seconds_total", "lake"): 90.0,
    }


@pytest.mark.parametrize("is_away", [False, True])
def test_an_alert_fires_while_an_upstream_is_away(book: OutageBook, *, is_away: bool) -> None:
    book.begun(OUTAGE)
    if not is_away:
        book.ended("lake", Harm())
    assert fires(rules("upstreams")["UpstreamAway"]["expr"], _text(book), AT) is is_away
