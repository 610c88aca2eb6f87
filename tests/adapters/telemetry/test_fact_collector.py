"""Facts that are read when asked: shown, absent, or said to be unreadable."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from adapters.telemetry.fact_collector import FactCollector
from nodes.vocabulary.errors import LogError


def names(collector: FactCollector) -> dict[str, float]:
    return {sample.name: sample.value for family in collector.collect() for sample in family.samples}


def broken_half_way() -> Iterable[Metric]:
    yield GaugeMetricFamily("facts", "first of two", value=7.0)
    raise LogError("gone in the middle")


def test_facts_follow_a_gauge_that_says_they_could_be_read() -> None:
    facts = FactCollector("facts_up", "?", lambda: [GaugeMetricFamily("facts", "of now", value=7.0)])
    assert names(facts) == {"facts_up": 1.0, "facts": 7.0}


def test_where_there_is_nothing_to_read_nothing_is_shown() -> None:
    assert names(FactCollector("facts_up", "?", lambda: None)) == {}


def test_what_breaks_half_way_shows_no_half() -> None:
    assert names(FactCollector("facts_up", "?", broken_half_way)) == {"facts_up": 0.0}
