"""The outages of feeds, as the runs in the lake tell them: from the first that failed to the next that was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from adapters.feeds.feed_metrics import OPENED
from adapters.lake.domains.feed_runs import DONE, FEED_RUNS
from adapters.lake.facts.store import FactStore
from adapters.upstreams.outages import Harm, Outage
from api.use_cases.data_reading import DataRoom, Reading
from api.use_cases.feeds import FeedState, feed_states
from nodes.vocabulary.errors import AssayError
from policies.resilience_terms import FeedTerms, ResilienceTerms, StaleTerms

_GLANCE = StaleTerms(fresh_s=10.0, revalidate_s=600.0, if_error_s=86_400.0)
"""How old what is known of feeds may be where it is only told beside an answer."""


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """How a feed is, held against policy.

    Attributes:
        feed: as its runs tell.
        age_s: of its watermark; None when no run was ever done.
        terms: how old that may be; None where policy does not name the feed.
    """

    feed: FeedState
    age_s: float | None
    terms: FeedTerms | None

    @property
    def is_within(self) -> bool:
        """Whether what it feeds is within the tolerance of policy."""
        return self.terms is None or (self.age_s is not None and self.age_s <= self.terms.tolerance_s)


def feed_standings(store: FactStore, terms: ResilienceTerms, now: datetime) -> tuple[FeedStanding, ...]:
    """How every feed is that ever ran."""
    return tuple(_standing(each, terms, now) for each in feed_states(store, now))


def _standing(state: FeedState, terms: ResilienceTerms, now: datetime) -> FeedStanding:
    age_s = None if state.watermark is None else (now - state.watermark).total_seconds()
    return FeedStanding(state, age_s, terms.feeds.get(state.feed))


def standings_of(room: DataRoom, reading: Reading) -> tuple[FeedStanding, ...]:
    """How the feeds are of the tables that a reading reads, as they were a moment ago; none when that is not known.

    Nobody waits for them but who asks first: the answer itself does not depend on them.
    """
    now = room.clock()
    tables = {domain.name for domain in (*reading.domains, *reading.also)}
    if tables.isdisjoint(table for feed in room.terms.feeds.values() for table in feed.tables):
        return ()
    try:
        states = room.feeds.of(FEED_RUNS.name, _GLANCE, partial(room.read, partial(_states, now))).answer
    except AssayError:
        return ()
    found = [_standing(state, room.terms, now) for state in states]
    return tuple(each for each in found if each.terms is not None and tables.intersection(each.terms.tables))


def _states(now: datetime, store: FactStore) -> tuple[FeedState, ...]:
    if FEED_RUNS.name not in store.domains():
        return ()
    return feed_states(store, now)


def feed_outages(store: FactStore, now: datetime, since: datetime) -> tuple[Outage, ...]:
    """The outages of feeds that had not ended before an instant, the newest first."""
    runs = store.as_of(FEED_RUNS, now).sort("event_at", "sequence").collect()
    found = [outage for feed in sorted(runs["feed"].unique()) for outage in outages_of(runs.filter(feed=feed))]
    late = [each for each in found if each.ended_at is None or each.ended_at >= since]
    return tuple(sorted(late, key=lambda each: each.began_at, reverse=True))


def outages_of(runs: pl.DataFrame) -> list[Outage]:
    """The outages that the runs of one feed tell of, in their order.

    An outage is noticed when its first run ends; a run whose breaker opened again probed in vain.
    """
    found: list[Outage] = []
    good_at: datetime | None = None
    failed: list[dict[str, Any]] = []
    for row in runs.iter_rows(named=True):
        if row["outcome"] != DONE:
            failed.append(row)
            continue
        if failed:
            found.append(_outage(failed, good_at, row["known_at"]))
        good_at, failed = row["known_at"], []
    return [*found, _outage(failed, good_at, None)] if failed else found


def _outage(failed: list[dict[str, Any]], good_at: datetime | None, ended_at: datetime | None) -> Outage:
    first = failed[0]
    return Outage(
        upstream=f"feed {first['feed']}",
        because=first["detail"] or first["outcome"],
        good_at=good_at,
        began_at=first["event_at"],
        noticed_at=first["known_at"],
        ended_at=ended_at,
        harm=Harm(n_probes=sum(row["breaker"] == OPENED for row in failed[1:])),
    )
