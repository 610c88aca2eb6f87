"""The upstreams of a server, joined: what it asks, the book of outages, and the metrics of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.rate_limits import Buckets, NearBuckets, buckets, rate_from_text
from adapters.upstreams.outages import FILE, OutageBook
from adapters.upstreams.upstream import Upstream
from api.settings import Settings
from api.use_cases.background import Background, Told
from api.use_cases.data_reading import LAKE, DataRoom
from api.use_cases.guarded_broker import BROKER, GuardedBroker
from api.use_cases.resilience_terms import resilience_terms
from api.use_cases.upstreams import Upstreams, Watched

RATE_LIMITS = "rate-limits"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server asks.

    Attributes:
        room: the lake.
        limits: rate limits.
        broker: where orders go; None where none may go out.
    """

    room: DataRoom
    limits: Buckets
    broker: GuardedBroker | None = None


def shared_buckets(settings: Settings, clock: Callable[[], datetime]) -> Buckets:
    """The rate limits of a server: those of its machine, or of a server that machines share, by policy."""
    terms = resilience_terms(settings.resilience).rate_limits
    upstream = None if settings.rate_limit_server is None else Upstream(RATE_LIMITS, terms, clock)
    return buckets(
        rate_from_text(settings.rate_limit),
        n_workers=settings.workers,
        shared_file=settings.home / RATE_LIMITS,
        url=settings.rate_limit_server,
        upstream=upstream,
    )


def upstreams(settings: Settings, asked: Asked, told: Told, *, is_read_only: bool = False) -> Upstreams:
    """What a server asks and does not own, watched; a home that is only read keeps no book."""
    room, limits, broker = asked.room, asked.limits, asked.broker
    watched = {LAKE: Watched(room.upstream, None if settings.lake is None else room.probed)}
    if broker is not None:
        watched[BROKER] = Watched(broker.upstream, broker.probed)
    if isinstance(limits, NearBuckets):
        watched[RATE_LIMITS] = Watched(limits.upstream, limits.probed)
    book = None if is_read_only else OutageBook(settings.home / FILE, room.clock)
    return Upstreams(watched, book, Background("upstream-watch", told))
