"""Collecting a feed: windows overlap, interruptions do no harm, late corrections are known when they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.faults import ThrottledError, Translation, UnreachableError
from adapters.feeds.feed_metrics import FeedMetrics, feed_metrics
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import no_rejects, reject
from adapters.feeds.line import Line, Patience
from adapters.feeds.source import Pace, Window
from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.store import FactStore
from api.use_cases.feeds import Collector, collected, feed_states
from nodes.vocabulary.errors import AssayError, EdgeError

MONDAY = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PACE = Pace("1000/second", overlap=2 * DAY, reach=10 * DAY)
NOTHING: dict[str, float] = {}


class HangupError(Exception):
    """What the vendor's library raises."""


@dataclass
class Levels:
    """A source of one factor, whose levels a test sets."""

    levels: dict[str, float]
    fault: AssayError | None = None
    dies: bool = False
    scope: str = "vix"
    name: str = "vendor"
    pace: Pace = PACE
    windows: list[Window] = field(default_factory=list)

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        self.windows.append(window)
        asked = line.answer(self._answer, Translation((HangupError,), lambda _: self.fault or EdgeError("?")))
        rows = [("vix", date.fromisoformat(day), level, "level") for day, level in asked.items()]
        frame = pl.DataFrame(rows, schema={**FACTORS.keys, **FACTORS.values}, orient="row")
        close = pl.col("period_on").cast(pl.Datetime("ns", "UTC")) + pl.duration(hours=21)
        rejected = reject("vix", 3, "value", "n/a", "value is 'n/a', expected a number; correct it")
        yield Parsed(FACTORS, self.name, frame.with_columns(event_at=close, known_at=close), rejected)
        if self.dies:
            raise KeyboardInterrupt("killed")
        yield Parsed(FACTORS, self.name, frame.with_columns(event_at=close, known_at=close), no_rejects())

    def _answer(self) -> dict[str, float]:
        if self.fault is not None:
            raise HangupError
        return self.levels


@dataclass
class Counting(Levels):
    """One that counts how often it is asked."""

    n_asked: int = 0

    def _answer(self) -> dict[str, float]:
        self.n_asked += 1
        return super()._answer()


@dataclass
class Twice(Counting):
    """One of two subjects, each asked for, whether or not the other is answered."""

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        for _ in range(2):
            try:
                yield from super().fetched(window, line)
            except UnreachableError as error:
                silent = error
        raise silent


@dataclass
class World:
    """A lake, and a clock that a test sets."""

    store: FactStore
    collector: Collector
    metrics: FeedMetrics
    set_clock: Callable[[datetime], None]

    def levels(self, known_at: datetime) -> list[float]:
        return self.store.as_of(FACTORS, known_at).sort("event_at").collect()["value"].to_list()


@pytest.fixture
def world(tmp_path: Path) -> World:
    now = [MONDAY]
    store, metrics = FactStore(tmp_path, lambda: now[0]), feed_metrics()
    patience = Patience(attempts=1, breaker_failures=2)
    collector = Collector(store, lambda: now[0], patience, metrics)
    return World(store, collector, metrics, lambda at: now.__setitem__(0, at))


def test_a_run_stores_facts_and_sets_aside_the_rest(world: World) -> None:
    """ING-01."""
    run = collected(world.collector, Levels({"2026-11-20": 17.0}))
    assert (run.outcome, run.n_fetched, run.n_accepted, run.n_quarantined) == ("done", 3, 1, 1)
    assert world.levels(MONDAY) == [17.0]
    assert "n/a" in world.store.quarantine(FACTORS).collect()["reason"][0]
    sample = world.metrics.registry.get_sample_value
    labels = {"source": "vendor", "domain": "factors"}
    assert sample("assay_feed_rows_fetched_total", labels) == 3
    assert sample("assay_feed_rows_accepted_total", labels) == 1
    assert sample("assay_feed_rows_quarantined_total", labels) == 1
    assert sample("assay_feed_lag_seconds", labels) == 3 * DAY.total_seconds()
    assert sample("assay_feed_completed_timestamp_seconds", {"source": "vendor"}) == MONDAY.timestamp()


def test_the_same_run_again_adds_nothing(world: World) -> None:
    """ING-01: idempotent upsert."""
    source = Levels({"2026-11-20": 17.0})
    collected(world.collector, source)
    before = world.store.version(FACTORS)
    world.set_clock(MONDAY + DAY)
    assert collected(world.collector, source).n_accepted == 0
    assert world.store.version(FACTORS) == before


def test_windows_overlap_what_was_brought_before(world: World) -> None:
    """ING-01: watermark."""
    source = Levels({"2026-11-20": 17.0})
    collected(world.collector, source)
    world.set_clock(MONDAY + DAY)
    collected(world.collector, source)
    first, second = source.windows
    assert (first.from_at, first.until, first.seen_until) == (MONDAY - 10 * DAY, MONDAY, None)
    assert (second.from_at, second.until, second.seen_until) == (MONDAY - 2 * DAY, MONDAY + DAY, MONDAY)


def test_another_scope_begins_at_the_beginning(world: World) -> None:
    collected(world.collector, Levels(NOTHING))
    other = Levels(NOTHING, scope="vix, vvix")
    collected(world.collector, other)
    assert other.windows[0].seen_until is None


def test_a_late_correction_is_known_from_the_fetch_that_brought_it(world: World) -> None:
    collected(world.collector, Levels({"2026-11-20": 17.0}))
    world.set_clock(MONDAY + DAY)
    collected(world.collector, Levels({"2026-11-20": 17.5}))
    assert world.levels(MONDAY + DAY - timedelta(seconds=1)) == [17.0]
    assert world.levels(MONDAY + DAY) == [17.5]


def test_a_run_that_is_killed_moves_no_watermark_and_the_next_stores_nothing_twice(world: World) -> None:
    """ING-01: a crash between fetch and end of the run is harmless."""
    source = Levels({"2026-11-20": 17.0}, dies=True)
    with pytest.raises(KeyboardInterrupt, match="killed"):
        collected(world.collector, source)
    assert feed_states(world.store, MONDAY) == ()
    source.dies = False
    run = collected(world.collector, source)
    assert (run.outcome, run.n_accepted) == ("done", 0)
    assert source.windows[0] == source.windows[1]
    assert world.store.history(FACTORS, MONDAY).collect().height == 1


def test_a_fetch_that_fails_keeps_the_watermark_and_says_why(world: World) -> None:
    collected(world.collector, Levels({"2026-11-20": 17.0}))
    world.set_clock(MONDAY + DAY)
    run = collected(world.collector, Levels(NOTHING, fault=UnreachableError("vendor", "status 503")))
    assert (run.outcome, run.detail) == ("unreachable", "vendor did not answer: status 503; try again later")
    (state,) = feed_states(world.store, MONDAY + DAY)
    assert (state.watermark, state.n_failures, state.outcome) == (MONDAY, 1, "unreachable")
    failed = {"source": "vendor", "reason": "unreachable"}
    assert world.metrics.registry.get_sample_value("assay_feed_failures_total", failed) == 1


def test_a_feed_that_asked_for_rest_is_not_asked_before_its_end(world: World) -> None:
    throttled = Levels(NOTHING, fault=ThrottledError("vendor", 900))
    assert collected(world.collector, throttled).rests_until_at == MONDAY + timedelta(seconds=900)
    with pytest.raises(EdgeError, match="asked for rest until 2026-11-23T21:15:00Z; fetch it after that"):
        collected(world.collector, Levels(NOTHING))
    world.set_clock(MONDAY + timedelta(seconds=901))
    assert collected(world.collector, Levels(NOTHING)).outcome == "done"


def test_after_an_open_breaker_one_question_decides_and_the_rest_doubles_with_each_that_fails(world: World) -> None:
    """Half open over runs: a vendor that is back is asked in full again, one that is not is asked once."""
    down = Levels(NOTHING, fault=UnreachableError("vendor", "status 503"))
    at, asked, rests_s = MONDAY, list[int](), list[float]()
    for number in range(4):
        source = Counting(NOTHING, fault=down.fault) if number else Twice(NOTHING, fault=down.fault)
        run = collected(world.collector, source)
        assert run.rests_until_at is not None
        rests_s.append((run.rests_until_at - at).total_seconds())
        asked.append(source.n_asked)
        at = run.rests_until_at + timedelta(seconds=1)
        world.set_clock(at)
    assert asked == [2, 1, 1, 1]
    assert rests_s == [60.0, 120.0, 240.0, 480.0]
    assert collected(world.collector, Levels({"2026-11-20": 17.0})).outcome == "done"
    world.set_clock(at + DAY)
    again = Twice(NOTHING, fault=down.fault)
    assert collected(world.collector, again).rests_until_at == at + DAY + timedelta(seconds=60)
