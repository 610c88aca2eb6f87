"""Metrics that a command measured and a server shows.

Such a measurement takes seconds and runs after each session, so a scrape does not measure: it shows what was measured
last, and when that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


class MeasuredCollector(Collector):
    """Shows a text of metrics that lies in a home; of a home where nothing was measured, nothing."""

    def __init__(self, file: Path, readable: str, question: str) -> None:
        """Read `file` at each scrape.

        Args:
            file: where the newest text lies.
            readable: name of the gauge that says whether it can be read.
            question: what that gauge answers.
        """
        self._file = file
        self._readable = readable
        self._question = question

    def describe(self) -> list[Metric]:
        """Nothing: the file is read when asked, not when registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What the file says now."""
        readable = GaugeMetricFamily(self._readable, self._question)
        try:
            families = list(text_string_to_metric_families(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            readable.add_metric([], 0.0)
            yield readable
            return
        readable.add_metric([], 1.0)
        yield readable
        yield from families
