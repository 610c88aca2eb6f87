"""What the tests of all clients need: a window, a quick line, and the parts that a source brings."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import polars as pl

from adapters.feeds.faults import IncompleteError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.line import Line, Patience
from adapters.feeds.source import Source, Window
from adapters.lake.facts.domain import Domain

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=7), NOW, NOW)
LATER = Window(NOW - timedelta(days=2), NOW, NOW, seen_until=NOW - timedelta(days=1))
QUICK = Patience(attempts=3, first_pause_s=0.001, longest_pause_s=0.002, longest_rest_s=2.0, breaker_failures=20)


def quick_line(source: Source) -> Line:
    return Line(source.name, "1000/second", QUICK, feed_metrics())


def brought(source: Source, window: Window = WINDOW, line: Line | None = None) -> list[Parsed]:
    """The parts of a run, also of one that is not complete."""
    parts: list[Parsed] = []
    with suppress(IncompleteError):
        parts.extend(source.fetched(window, line or quick_line(source)))
    return parts


def facts_of(parts: list[Parsed], domain: Domain) -> pl.DataFrame:
    own = [part.facts for part in parts if part.domain is domain]
    return pl.concat(own) if own else pl.DataFrame()


def reasons(parts: list[Parsed]) -> list[str]:
    return [reason for part in parts for reason in part.rejected["reason"]]
