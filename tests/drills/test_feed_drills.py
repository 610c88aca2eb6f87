"""Drills of a vendor: what happens to its line, the steady state that must hold, seconds to be back (MON-03, MON-04).

The real client of a publisher asks a server on the loopback interface through our proxy of faults, kept up by the
keeper of `assay data keep`. Steady state: what was brought stays answerable, no fact is stored twice, no watermark
moves over a gap; and it is over by itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from adapters.feeds.clients.rss import Rss, RssFeed
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.line import Patience
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.store import FactStore
from api.bootstrap import shell_clock
from api.use_cases.feed_keeping import FeedKeeper
from api.use_cases.feed_outages import feed_outages
from api.use_cases.feeds import Collector, feed_states
from api.use_cases.resilience_terms import resilience_terms
from policies.resilience_terms import FeedTerms
from tests.adapters.feeds.peers.server import DOWN, Peer, Reply, running
from tests.drills.fault_proxy import Fault, FaultProxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

WELL_WITHIN_S = 10.0
PATIENCE = Patience(
    attempts=2, first_pause_s=0.01, longest_pause_s=0.01, breaker_failures=2, breaker_rest_s=0.1,
    longest_breaker_rest_s=0.2,
)  # fmt: skip
POISON = Reply('{"items": [{"title": ', kind="application/feed+json")


@dataclass
class Desk:
    """A keeper of one feed, its vendor, and the line between them."""

    store: FactStore
    keeper: FeedKeeper
    vendor: Peer
    line: FaultProxy
    news: Reply

    def keep_until(self, is_well: Callable[[], bool]) -> None:
        until_s = time.monotonic() + WELL_WITHIN_S
        while not is_well():
            assert time.monotonic() < until_s
            self.keeper.kept()
            time.sleep(0.02)

    @property
    def outcome(self) -> str:
        (state,) = feed_states(self.store, shell_clock()) or (None,)
        return "" if state is None else state.outcome

    @property
    def watermark(self) -> datetime | None:
        return feed_states(self.store, shell_clock())[0].watermark

    @property
    def n_texts(self) -> int:
        return int(self.store.history(TEXTS, shell_clock()).collect().height)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    stamp = format_datetime(datetime.now(UTC) - timedelta(hours=2))
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><item><title>Apple rises</title>'
        f"<pubDate>{stamp}</pubDate></item></channel></rss>"
    )
    news = Reply(body, kind="application/xml")
    with running(lambda _: news) as vendor, FaultProxy("127.0.0.1", vendor.port) as line:
        feed = RssFeed(
            feeds={"wire": f"http://127.0.0.1:{line.port}/news"}, words={"AAPL": ("Apple",)},
            rate="1000/second", timeout_s=0.3,
        )  # fmt: skip
        store = FactStore(tmp_path / "lake", shell_clock)
        terms = FeedTerms(every_s=0.05, tolerance_s=3600.0, tables=("texts",))
        keeper = FeedKeeper(
            Collector(store, shell_clock, PATIENCE, feed_metrics()),
            resilience_terms().model_copy(update={"feeds": {"rss": terms}}),
            {"rss": lambda: Rss(feed)},
        )
        yield Desk(store, keeper, vendor, line, news)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HALF_OPEN, "poison", "down"], ids=str)
def test_a_sick_vendor_moves_no_watermark_and_is_asked_again_until_it_is_well(
    desk: Desk, fault: Fault | str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.keep_until(lambda: desk.outcome == "done")
    assert desk.n_texts == 1
    if isinstance(fault, Fault):
        desk.line.set(fault)
    else:
        desk.vendor.always(POISON if fault == "poison" else DOWN)
    desk.keep_until(lambda: desk.outcome != "done")
    seen, stood_at = desk.outcome, desk.watermark
    desk.keep_until(lambda: feed_states(desk.store, shell_clock())[0].n_failures >= 2)
    assert desk.watermark == stood_at
    desk.line.heal()
    desk.vendor.always(desk.news)
    healed_s = time.monotonic()
    desk.keep_until(lambda: desk.outcome == "done")
    back_s = time.monotonic() - healed_s
    (outage,) = feed_outages(desk.store, shell_clock(), datetime(2000, 1, 1, tzinfo=UTC))
    name = getattr(fault, "value", fault)
    with capsys.disabled():
        sys.stdout.write(f"\nvendor      {name:11} {seen:11} noticed after {outage.noticed_after_s:5.2f} s,")
        sys.stdout.write(f" back {back_s:5.2f} s after it was well")
    assert desk.n_texts == 1
    assert outage.lasted_s is not None
    assert desk.watermark is not None
    assert stood_at is not None
    assert desk.watermark > stood_at
