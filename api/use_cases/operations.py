"""What whoever is on call reads: how everything is now, what was away, since when and for how many seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.upstreams.outages import Outage
from adapters.upstreams.upstream import Standing
from api.use_cases.data_reading import DataRoom
from api.use_cases.feed_outages import FeedStanding, feed_outages, feed_standings
from api.use_cases.health import Check, Health, State, worst
from api.use_cases.upstreams import Upstreams
from nodes.vocabulary.errors import AssayError
from nodes.vocabulary.instants import instant_text

N_OUTAGES = 50
LOOK_BACK = timedelta(days=30)
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Operations:
    """How everything is.

    Attributes:
        as_of: when this was looked at.
        checks: what the server depends on.
        upstreams: what it asks and does not own.
        feeds: how the feeds of the lake are; None when the lake does not answer.
        outages: what was away, the newest first.
        n_kept: answers that are kept to be given again.
        kept_bytes: what they take.
    """

    as_of: datetime
    checks: tuple[Check, ...]
    upstreams: tuple[Standing, ...]
    feeds: tuple[FeedStanding, ...] | None
    outages: tuple[Outage, ...]
    n_kept: int
    kept_bytes: int

    @property
    def state(self) -> State:
        """How the server is."""
        return worst(self.checks)


def operations(health: Health, upstreams: Upstreams, room: DataRoom) -> Operations:
    """How everything is now. Reads the lake for its feeds, and does without when it does not answer."""
    now = room.clock()
    feeds, of_feeds = _of_feeds(room, now)
    outages = sorted([*upstreams.outages(N_OUTAGES), *of_feeds], key=lambda each: each.began_at, reverse=True)
    return Operations(
        as_of=now,
        checks=health.checks(),
        upstreams=upstreams.standings,
        feeds=feeds,
        outages=tuple(outages[:N_OUTAGES]),
        n_kept=len(room.kept),
        kept_bytes=room.kept.n_bytes,
    )


def outage_sentences(outage: Outage) -> str:
    """What happened, and in how many seconds."""
    harm = outage.harm
    said = [f"First unanswered at {instant_text(outage.began_at)}, noticed after {duration(outage.noticed_after_s)}"]
    said.append("away still" if outage.lasted_s is None else f"back after {duration(outage.lasted_s)}")
    if harm.n_probes:
        said.append(f"asked {_times(harm.n_probes)} in vain whether it was back")
    if harm.n_from_memory:
        oldest = duration(harm.oldest_s)
        said.append(
            f"{_counted(harm.n_from_memory, 'answer was', 'answers were')} given from memory, up to {oldest} old"
        )
    if harm.n_refused:
        said.append(f"{_counted(harm.n_refused, 'question', 'questions')} went unanswered")
    return "; ".join(said) + "."


def duration(seconds: float) -> str:
    """A duration in words; below a minute with one decimal place."""
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    if seconds < _HOUR_S:
        return f"{seconds:.0f} s ({seconds / _MINUTE_S:.0f} min)"
    if seconds < _DAY_S:
        return f"{seconds:.0f} s ({seconds / _HOUR_S:.1f} h)"
    return f"{seconds:.0f} s ({seconds / _DAY_S:.1f} days)"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _of_feeds(room: DataRoom, now: datetime) -> tuple[tuple[FeedStanding, ...] | None, tuple[Outage, ...]]:
    try:
        return room.read(
            lambda store: (feed_standings(store, room.terms, now), feed_outages(store, now, now - LOOK_BACK))
        )
    except AssayError:
        return None, ()
