"""News feeds: feedparser over httpx against a publisher on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feeds.clients.rss import Rss, RssFeed
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.line import Patience
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.store import FactStore
from api.use_cases.feeds import Collector, collected
from tests.adapters.feeds.clients.asking import LATER, NOW, brought, facts_of, quick_line, reasons
from tests.adapters.feeds.peers.server import DOWN, HANG_UP, LONG_REST, TOO_MANY, Peer, Reply, running

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Apple &amp; Microsoft rise</title><link>https://n/1</link><guid>1</guid>
  <description>&lt;p&gt;Both &lt;b&gt;rose&lt;/b&gt;.&lt;/p&gt;</description>
  <pubDate>Fri, 20 Nov 2026 09:30:00 -0500</pubDate></item>
<item><title>Nobody knows when</title><link>https://n/2</link></item>
<item><title>An old story</title><link>https://n/3</link><pubDate>Fri, 02 Oct 2026 10:00:00 GMT</pubDate></item>
<item><title>Weather</title><link>https://n/4</link><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title>APPLE &amp; Microsoft: rise!</title><link href="https://m/1"/><id>x</id><summary>Copied.</summary>
  <published>2026-11-20T14:40:00Z</published><updated>2026-11-20T15:00:00Z</updated></entry>
<entry><title>Day only</title><link href="https://m/2"/><id>y</id><published>2026-11-20</published></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "News",
    "items": [
        {"id": "1", "url": "https://j/1", "title": "Oil falls", "date_published": "2026-11-20T08:00:00-05:00"},
        {"id": "2", "title": "No time", "content_text": "?"},
        "no object",
    ],
}
XML = "application/xml"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(lambda _: Reply(RSS, kind=XML)) as started:
        yield started


def _source(peer: Peer, timeout_s: float = 5.0) -> Rss:
    words: dict[str, tuple[str, ...]] = {"AAPL": ("Apple",), "MSFT": ("Microsoft",)}
    return Rss(RssFeed(feeds={"wire": f"{peer.url}/feed"}, words=words, timeout_s=timeout_s))


def test_entries_become_texts_of_the_symbols_they_name(peer: Peer) -> None:
    """SVC-SNT-03."""
    texts = facts_of(brought(_source(peer)), TEXTS)
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    apple = texts.filter(symbol="AAPL").row(0, named=True)
    assert (apple["title"], apple["body"], apple["url"]) == ("Apple & Microsoft rise", "Both rose .", "https://n/1")
    assert (apple["published_at"], apple["known_at"], apple["channel"]) == (at, at, "news")
    assert sorted(texts["symbol"].to_list(), key=str) == ["AAPL", "MSFT", None]


def test_an_entry_without_a_time_is_set_aside_and_the_rest_is_kept(peer: Peer) -> None:
    """SVC-SNT-03, ING-01."""
    parts = brought(_source(peer))
    assert len(reasons(parts)) == 1
    assert "nobody knows when it was known" in reasons(parts)[0]
    assert facts_of(parts, TEXTS).height == 3


def test_entries_beyond_the_reach_are_left_out(peer: Peer) -> None:
    assert "An old story" not in facts_of(brought(_source(peer)), TEXTS)["title"].to_list()


def test_an_entry_that_appears_late_is_known_from_the_fetch(peer: Peer) -> None:
    late = facts_of(brought(_source(peer), LATER), TEXTS)
    assert late.filter(title="Weather")["known_at"][0] == NOW


def test_atom_is_read_with_its_edits_and_days(peer: Peer) -> None:
    peer.always(Reply(ATOM, kind=XML))
    texts = facts_of(brought(_source(peer)), TEXTS)
    edited, day_only = texts.filter(symbol="MSFT"), texts.filter(title="Day only")
    assert edited["known_at"][0] == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert day_only["known_at"][0] == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_json_feed_is_read(peer: Peer) -> None:
    peer.always(Reply(JSON_FEED))
    parts = brought(_source(peer))
    assert facts_of(parts, TEXTS)["published_at"].to_list() == [datetime(2026, 11, 20, 13, 0, tzinfo=UTC)]
    assert len(reasons(parts)) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html><body>Please log in</body></html>", "neither RSS nor Atom"),
        ("", "neither RSS nor Atom"),
        ("{", "no JSON"),
        ('{"items": 5}', "no list `items`"),
        ("\x00\xff\x00", "neither RSS nor Atom"),
    ],
)
def test_a_body_that_is_no_feed_is_set_aside(peer: Peer, body: str, reason: str) -> None:
    peer.always(Reply(body.encode("latin-1"), kind=XML))
    assert reason in reasons(brought(_source(peer)))[0]


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes(peer: Peer) -> None:
    peer.always(Reply(RSS[: RSS.index("<item><title>Weather")], kind=XML))
    parts = brought(_source(peer))
    assert facts_of(parts, TEXTS).height == 2
    assert any("is not well formed" in reason for reason in reasons(parts))


def test_entities_that_multiply_are_not_expanded(peer: Peer) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>' + RSS[21:].replace("Weather", "&l8;")
    peer.always(Reply(bomb, kind=XML))
    titles = facts_of(brought(_source(peer)), TEXTS)["title"].to_list()
    assert max(len(title or "") for title in titles) < 1000


@pytest.mark.parametrize("failure", [DOWN, HANG_UP, TOO_MANY, Reply(RSS, kind=XML, cut_at=50)])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """ING-01."""
    peer.first(failure)
    assert facts_of(brought(_source(peer)), TEXTS).height == 3
    assert len(peer.asked) == 2


def test_a_publisher_that_hangs_times_out(peer: Peer) -> None:
    peer.always(Reply(RSS, delay_s=0.5))
    with pytest.raises(UnreachableError, match="feed wire did not answer: ReadTimeout"):
        brought(_source(peer, timeout_s=0.1))


def test_a_long_rest_is_handed_on(peer: Peer) -> None:
    peer.always(LONG_REST)
    with pytest.raises(ThrottledError, match="900 s of rest"):
        brought(_source(peer))


def test_a_refusal_is_told_and_an_unknown_address_set_aside(peer: Peer) -> None:
    peer.first(Reply("", 403))
    with pytest.raises(RefusedError, match="feed wire refused: status 403"):
        brought(_source(peer))
    peer.first(Reply("", 404))
    assert "unknown to the vendor" in reasons(brought(_source(peer)))[0]


def test_two_feeds_with_the_same_news_store_it_once(peer: Peer, tmp_path: Path) -> None:
    """SVC-SNT-03: dedupe, over feeds and over runs."""
    store = FactStore(tmp_path, lambda: NOW)
    collector = Collector(store, lambda: NOW, Patience(attempts=1), feed_metrics())
    first = collected(collector, _source(peer))
    peer.always(Reply(ATOM, kind=XML))
    second = collected(collector, Rss(_source(peer).feed, name="atom"))
    assert (first.n_accepted, second.n_accepted) == (3, 1)
    assert store.as_of(TEXTS, NOW).collect().filter(symbol="AAPL")["url"].to_list() == ["https://n/1"]


def test_the_line_counts_what_was_throttled(peer: Peer) -> None:
    peer.first(TOO_MANY)
    source = _source(peer)
    line = quick_line(source)
    brought(source, line=line)
    assert line.n_throttled == 1
