"""What a serving process tells about itself: its counters, its log lines, and how its appends go."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from prometheus_client.registry import Collector

from adapters.telemetry.exposition import exposition
from adapters.telemetry.lines import LineSink
from adapters.telemetry.log_facts import log_collector
from adapters.telemetry.logs import OrderLine, OrderLog
from adapters.telemetry.metrics import Metrics, OrderTimes, metrics
from adapters.telemetry.observed import AppendWatch
from governance.ports import LogStore
from nodes.vocabulary.errors import AssayError

_log = structlog.get_logger("assay.background")
SCRAPE_S = 1.0
"""How long an exposition serves whoever asks next: asking more often costs nothing."""
MAX_UNCOUNTED = 4096
"""Orders that are counted and told together at the latest; a sink does so about ten times a second."""
_DOORS = frozenset({"unauthenticated", "forbidden", "unknown-account", "self-approval"})


@dataclass
class Telemetry:
    """The telemetry of one process.

    Attributes:
        sink: where lines go; None where nobody reads any, as in a test.
        level: the least level that is written.
        folder: where several workers keep their counters; None for one worker.
    """

    sink: LineSink | None = None
    level: str = "info"
    folder: Path | None = None
    counted: Metrics = field(default_factory=metrics)
    watch: AppendWatch = field(default_factory=AppendWatch)
    _scraped: tuple[float, bytes] = (0.0, b"")

    def __post_init__(self) -> None:
        self.times = OrderTimes(self.counted)
        self.orders = None if self.sink is None else OrderLog(self.sink, self.level)
        self._answered: deque[Callable[[], OrderLine]] = deque()
        self._counting = threading.Lock()
        if self.sink is not None:
            self.sink.before_flush(self.count)
        self._problems: dict[tuple[str, int], Callable[[], None]] = {}
        self._requests: dict[tuple[str, str, int], Callable[[], None]] = {}

    def requested(self, route: str, method: str, status: int) -> None:
        """A request was answered. `route` is a template of ours, never what a client wrote."""
        key = (route, method, status)
        count = self._requests.get(key)
        if count is None:
            count = self._requests[key] = self.counted.requests.labels(route, method, str(status)).inc
        count()

    def refused(self, reason: str, status: int) -> None:
        """A request was answered with a problem. `reason` is a slug of the catalogue."""
        if reason == "rate-limited":
            self.counted.rate_limited.inc()
        elif reason in _DOORS:
            self.counted.auth_refused.labels(reason).inc()
        key = (reason, status)
        count = self._problems.get(key)
        if count is None:
            count = self._problems[key] = self.counted.problems.labels(reason, str(status)).inc
        count()

    def went_round(self, work: str, error: BaseException | None, n_failed: int) -> None:
        """A round of a worker's own thread went wrong, or well again: each counts, ever fewer of a row are told."""
        if error is None:
            _log.info("background work goes on", work=work)
            return
        self.counted.background_failures.labels(work).inc()
        if n_failed.bit_count() == 1:
            unforeseen = None if isinstance(error, AssayError) else error
            _log.error("background work failed", work=work, n_failed=n_failed, because=str(error), exc_info=unforeseen)

    def ordered(self, line: Callable[[], OrderLine]) -> None:
        """An order was answered: one count, one observation, one line.

        They are made a moment later, many in a row and off the order's own way, which costs a third of making each when
        it comes.
        """
        self._answered.append(line)
        if len(self._answered) >= MAX_UNCOUNTED:
            self.count()

    def count(self) -> None:
        """Count and tell the orders that were answered since the last time."""
        with self._counting:
            lines = [self._answered.popleft()() for _ in range(len(self._answered))]
        for line in lines:
            self.times.answered(line.verdict, line.action, line.took_ms / 1000, is_replayed=line.is_replayed)
            if self.orders is not None:
                self.orders.write(line)

    def exposition(self, store: LogStore, beside: Iterable[Collector] = ()) -> bytes:
        """All metrics as OpenMetrics text, at most a second old.

        Args:
            store: the log, whose facts are told.
            beside: what else is read at the moment of asking.
        """
        now_s = time.monotonic()
        scraped_s, text = self._scraped
        if not text or now_s - scraped_s > SCRAPE_S:
            self.count()
            if self.sink is not None:
                self.counted.log_lines_dropped.set(self.sink.n_dropped)
            facts: list[Collector] = [log_collector(store, lambda: datetime.now(UTC)), *beside]
            text = exposition(self.counted, facts, self.folder)
            self._scraped = (now_s, text)
        return text
