"""What the book of outages says at the moment someone asks, as metrics: the same from each worker of a home."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.upstreams.outages import OutageBook
from nodes.vocabulary.errors import AssayError

_NEWEST = 1000


class OutageCollector(Collector):
    """Shows the outages of a home as metrics.

    Args:
        book: of the outages.
        names: the upstreams that this server asks.
    """

    def __init__(self, book: OutageBook, names: tuple[str, ...]) -> None:
        self._book, self._names = book, names

    def describe(self) -> list[Metric]:
        """Nothing: the book is read when asked, not when registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The outages up to now."""
        away = GaugeMetricFamily(
            "assay_upstream_away",
            "Does an upstream not answer? 1 while its outage is open. Alert: UpstreamAway",
            labels=("upstream",),
        )
        seconds = CounterMetricFamily(
            "assay_upstream_away_seconds",
            "For how long was it away? Seconds of the outages that have ended. Alert: UpstreamFlaps",
            labels=("upstream",),
        )
        try:
            outages = self._book.newest(_NEWEST)
        except AssayError:
            return
        for name in sorted({*self._names, *(each.upstream for each in outages)}):
            own = [each for each in outages if each.upstream == name]
            away.add_metric([name], float(any(each.ended_at is None for each in own)))
            seconds.add_metric([name], sum(each.lasted_s or 0.0 for each in own))
        yield from (away, seconds)
