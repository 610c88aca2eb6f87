"""Collecting what feeds have: which window a run asks for, what it came to, and how the feeds are.

A run stores what it brings part by part, each part whole or not at all, and notes itself down last. One that is
interrupted anywhere has moved no watermark: the next asks for the same window again, and what is there already is not
stored twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from adapters.feeds.faults import ThrottledError
from adapters.feeds.feed_metrics import OPENED, FeedMetrics
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.line import Line, Patience
from adapters.feeds.settled import settled
from adapters.feeds.source import Source, Window
from adapters.lake.domains.feed_runs import DONE, FEED_RUNS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from governance.findings import Progress
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

_DOUBLINGS = 16
_RUN = pl.Schema({**FEED_RUNS.keys, **FEED_RUNS.values, "event_at": INSTANT, "known_at": INSTANT})


@dataclass(frozen=True, slots=True)
class Collector:
    """What every run needs.

    Attributes:
        store: where facts go.
        clock: now, in UTC.
        patience: with vendors.
        metrics: of the feeds.
        told: how far the work is.
        stored: called after every part that was stored, e.g. to raise alerts about it.
    """

    store: FactStore
    clock: Callable[[], datetime]
    patience: Patience
    metrics: FeedMetrics
    told: Progress | None = None
    stored: Callable[[], object] | None = None


@dataclass(slots=True)
class _Tally:
    n_fetched: int = 0
    n_accepted: int = 0
    n_quarantined: int = 0
    fault: EdgeError | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """What a run came to.

    Attributes:
        feed: the source.
        outcome: done, throttled, unreachable, refused, incomplete or open.
        detail: in words, what ended it early; "" when it is done.
        from_at: from when on it asked.
        until_at: up to when.
        n_fetched: rows read.
        n_accepted: facts that were new.
        n_quarantined: rows set aside.
        n_throttled: answers that told us to wait.
        breaker: state of the circuit breaker afterwards.
        rests_until_at: the feed is not asked again before; None when it may be.
    """

    feed: str
    outcome: str
    detail: str
    from_at: datetime
    until_at: datetime
    n_fetched: int
    n_accepted: int
    n_quarantined: int
    n_throttled: int
    breaker: str
    rests_until_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed is.

    Attributes:
        feed: the source.
        watermark: up to when everything was brought; None when no run was ever done.
        last_run_at: when it last ran.
        outcome: of that run.
        detail: what ended it early.
        n_failures: runs since the last one that was done.
        breaker: state of the circuit breaker at its end.
        rests_until_at: it is not asked before.
    """

    feed: str
    watermark: datetime | None
    last_run_at: datetime
    outcome: str
    detail: str
    n_failures: int
    breaker: str
    rests_until_at: datetime | None


def collected(collector: Collector, source: Source, until: datetime | None = None) -> Collected:
    """Brings what a source has up to an instant, now unless said otherwise.

    Raises:
        EdgeError: the source rests, or the lake cannot be written.
    """
    now = collector.clock()
    runs = _runs(collector.store, source.name, now)
    _refuse_while_resting(source.name, runs, now)
    window = _window(source, runs, min(until or now, now), now)
    patience = _patience(collector.patience, runs)
    line = Line(source.name, source.pace.rate, patience, collector.metrics)
    tally = _Tally()
    tally.fault = _brought(collector, source, window, line, tally)
    run = _run(source.name, window, line, tally, _rest_s(tally.fault, line, patience))
    _note(collector, source, run, now)
    return run


def feed_states(store: FactStore, now: datetime) -> tuple[FeedState, ...]:
    """Every feed that ever ran."""
    runs = store.as_of(FEED_RUNS, now).collect()
    return tuple(_state(runs.filter(pl.col("feed") == feed)) for feed in sorted(runs["feed"].unique()))


def _state(runs: pl.DataFrame) -> FeedState:
    ordered = runs.sort("event_at", "sequence")
    last = ordered.row(-1, named=True)
    is_done = (ordered["outcome"] == DONE).to_list()
    n_failures = next((n for n, done in enumerate(reversed(is_done)) if done), len(is_done))
    same = ordered.filter((pl.col("outcome") == DONE) & (pl.col("scope") == last["scope"]))
    newest: datetime | None = same.select(pl.col("until_at").max()).item()
    return FeedState(
        feed=last["feed"],
        watermark=newest,
        last_run_at=last["event_at"],
        outcome=last["outcome"],
        detail=last["detail"],
        n_failures=n_failures,
        breaker=last["breaker"],
        rests_until_at=last["rests_until_at"],
    )


def _runs(store: FactStore, feed: str, now: datetime) -> pl.DataFrame:
    return store.as_of(FEED_RUNS, now, where=pl.col("feed") == feed).sort("event_at", "sequence").collect()


def _patience(usual: Patience, runs: pl.DataFrame) -> Patience:
    """The patience of a run: after one whose breaker opened, half open for one question that decides.

    The rest doubles with each such question that fails in a row.
    """
    n_opened = next((n for n, state in enumerate(reversed(runs["breaker"].to_list())) if state != OPENED), runs.height)
    if n_opened == 0:
        return usual
    rest_s = min(usual.breaker_rest_s * 2.0 ** min(n_opened, _DOUBLINGS), usual.longest_breaker_rest_s)
    return replace(usual, attempts=1, breaker_failures=1, breaker_rest_s=rest_s)


def _refuse_while_resting(feed: str, runs: pl.DataFrame, now: datetime) -> None:
    rests_until = runs["rests_until_at"][-1] if runs.height else None
    if rests_until is not None and rests_until > now:
        message = f"{feed} asked for rest until {instant_text(rests_until)}; fetch it after that"
        raise EdgeError(message)


def _window(source: Source, runs: pl.DataFrame, until: datetime, now: datetime) -> Window:
    done = runs.filter((pl.col("outcome") == DONE) & (pl.col("scope") == source.scope))
    seen: datetime | None = done.select(pl.col("until_at").max()).item()
    begins = until - source.pace.reach if seen is None else min(seen, until) - source.pace.overlap
    return Window(from_at=begins, until=until, fetched_at=now, seen_until=seen)


def _brought(collector: Collector, source: Source, window: Window, line: Line, tally: _Tally) -> EdgeError | None:
    """Stores everything that the source brings; the fault that ended it, None when it came to its end."""
    parts = source.fetched(window, line)
    while True:
        try:
            part = next(parts, None)
        except EdgeError as fault:
            return fault
        if part is None:
            return None
        _ingest(collector, source, part, window, tally)


def _ingest(collector: Collector, source: Source, part: Parsed, window: Window, tally: _Tally) -> None:
    n_fetched = part.facts.height + part.rejected.height
    if n_fetched == 0:
        return
    news = settled(collector.store, part, source.pace, window.fetched_at)
    written = collector.store.ingested(news.domain, news.facts, source.name, news.rejected)
    if collector.stored is not None:
        collector.stored()
    tally.n_fetched += n_fetched
    tally.n_accepted += written.accepted
    tally.n_quarantined += written.quarantined
    labels = (source.name, part.domain.name)
    metrics = collector.metrics
    metrics.fetched.labels(*labels).inc(n_fetched)
    metrics.accepted.labels(*labels).inc(written.accepted)
    metrics.quarantined.labels(*labels).inc(written.quarantined)
    newest: datetime | None = part.facts.select(pl.col("event_at").max()).item()
    if newest is not None:
        metrics.lag_s.labels(*labels).set((window.fetched_at - newest).total_seconds())
    if collector.told is not None:
        collector.told(source.name, tally.n_fetched, tally.n_fetched)


def _rest_s(fault: EdgeError | None, line: Line, patience: Patience) -> float | None:
    """How long the vendor is left alone: as long as he asked for, or until the breaker would ask again."""
    if isinstance(fault, ThrottledError):
        return fault.retry_after_s
    return patience.breaker_rest_s if line.breaker == OPENED else None


def _run(feed: str, window: Window, line: Line, tally: _Tally, rest_s: float | None) -> Collected:
    fault = tally.fault
    return Collected(
        feed=feed,
        outcome=DONE if fault is None else fault.reason or "refused",
        detail="" if fault is None else str(fault),
        from_at=window.from_at,
        until_at=window.until,
        n_fetched=tally.n_fetched,
        n_accepted=tally.n_accepted,
        n_quarantined=tally.n_quarantined,
        n_throttled=line.n_throttled,
        breaker=line.breaker,
        rests_until_at=None if rest_s is None else window.fetched_at + timedelta(seconds=rest_s),
    )


def _note(collector: Collector, source: Source, run: Collected, began_at: datetime) -> None:
    row = {
        **{name: getattr(run, name) for name in FEED_RUNS.schema if hasattr(run, name)},
        "scope": source.scope,
        "event_at": began_at,
        "known_at": collector.clock(),
    }
    collector.store.ingested(FEED_RUNS, pl.DataFrame([row], schema=_RUN), source.name)
    metrics = collector.metrics
    if run.outcome == DONE:
        metrics.completed_at_s.labels(run.feed).set(began_at.timestamp())
    else:
        metrics.failures.labels(run.feed, run.outcome).inc()
