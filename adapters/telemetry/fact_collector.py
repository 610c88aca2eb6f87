"""Facts that are read from where they are kept at the moment someone asks, as metrics.

Where they cannot be read, one gauge says so and no other family is shown: missing is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nodes.vocabulary.errors import AssayError


class FactCollector(Collector):
    """Shows the families of one source, after a gauge that says whether it could be read.

    Args:
        name: the gauge, 1 or 0.
        question: what it answers.
        families: read anew each time; None where there is nothing to read. Raises AssayError when it cannot be read.
    """

    def __init__(self, name: str, question: str, families: Callable[[], Iterable[Metric] | None]) -> None:
        self._name = name
        self._question = question
        self._families = families

    def describe(self) -> list[Metric]:
        """Nothing: the source is read when asked, not when registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The facts of now."""
        try:
            families = self._families()
            found = None if families is None else list(families)
        except AssayError:
            yield GaugeMetricFamily(self._name, self._question, value=0.0)
            return
        if found is not None:
            yield GaugeMetricFamily(self._name, self._question, value=1.0)
            yield from found
