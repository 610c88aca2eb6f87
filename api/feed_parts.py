"""The parts that collecting feeds is made of, joined: apart from `api.bootstrap`, since no server needs them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from adapters.feeds.feed_file import FeedFile, FeedKeys, feed_file, source_of
from adapters.feeds.feed_metrics import FeedMetrics
from adapters.feeds.files.tables import file_bytes
from adapters.feeds.line import Patience
from adapters.feeds.source import Source
from adapters.lake.facts.store import FactStore
from adapters.lake.views.identity import leases
from api.bootstrap import shell_clock
from api.settings import Settings
from api.use_cases.alerts import AlertDesk
from api.use_cases.feed_keeping import FeedKeeper
from api.use_cases.feeds import Collector
from api.use_cases.resilience_terms import resilience_terms
from governance.findings import Progress
from nodes.vocabulary.errors import EdgeError


def wanted_feeds(settings: Settings, place: Path | None) -> FeedFile:
    """The file of feeds. Raises EdgeError when none is named, or it describes none."""
    chosen = place or settings.feeds
    if chosen is None:
        message = "no file says which feeds are wanted; give --feeds FILE or set ASSAY_FEEDS"
        raise EdgeError(message)
    return feed_file(file_bytes(chosen), str(chosen))


def feed_source(name: str, wanted: FeedFile, settings: Settings, store: FactStore, now: datetime) -> Source:
    """A feed with its keys and the securities that the lake knows. Raises EdgeError when it cannot be asked."""
    keys = FeedKeys(
        finnhub=settings.finnhub_key,
        fred=settings.fred_key,
        x=settings.x_bearer_token,
        reddit_id=settings.reddit_id,
        reddit_secret=settings.reddit_secret,
        edgar=settings.edgar_identity,
    )
    return source_of(name, wanted, keys, leases(store, now))


def feed_keeper(wanted: FeedFile, settings: Settings, desk: AlertDesk, metrics: FeedMetrics) -> FeedKeeper:
    """What keeps the feeds of a file up. Raises EdgeError when one of them cannot be asked, or policy is silent."""

    def source(name: str) -> Source:
        return feed_source(name, wanted, settings, desk.store, shell_clock())

    sources = {name: partial(source, name) for name in wanted.names}
    keeper = FeedKeeper(collector(desk, metrics, None), resilience_terms(settings.resilience), sources)
    keeper.require_known()
    return keeper


def collector(desk: AlertDesk, metrics: FeedMetrics, told: Progress | None) -> Collector:
    """What runs feeds into a lake, and raises alerts about what it stores."""
    return Collector(desk.store, shell_clock, Patience(), metrics, told, desk.look)
