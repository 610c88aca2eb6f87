"""praw against a peer that speaks Reddit's documented interface."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.feeds.clients.reddit import Reddit, RedditFeed
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.line import Line, Patience
from adapters.lake.domains.texts import TEXTS
from tests.adapters.feeds.clients.asking import brought, facts_of, reasons
from tests.adapters.feeds.peers.reddit import ID, SECRET, reddit
from tests.adapters.feeds.peers.server import HANG_UP, LONG_REST, TOO_MANY, Asked, Peer, Reply, running

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(reddit) as started:
        yield started


def _source(peer: Peer, secret: str = SECRET, **wanted: Any) -> Reddit:
    chosen: dict[str, Any] = {"subreddits": ("stocks",), "words": {"AAPL": ("Apple",), "MSFT": ("Microsoft",)}}
    return Reddit(RedditFeed(**{**chosen, **wanted}, url=peer.url, api_url=peer.url), ID, secret)


def _answering_listings(peer: Peer, reply: Reply) -> None:
    """Give out tokens, and answer everything else like this."""
    peer.answer(lambda asked: reddit(asked) if asked.path.endswith("access_token") else reply)


def test_posts_are_texts_of_the_symbols_they_name(peer: Peer) -> None:
    """SVC-SNT-02."""
    texts = facts_of(brought(_source(peer)), TEXTS)
    assert sorted(texts["symbol"].to_list(), key=str) == ["AAPL", "MSFT", None]
    apple = texts.filter(symbol="AAPL").row(0, named=True)
    assert (apple["title"], apple["body"], apple["channel"]) == ("Apple or Microsoft?", "Which one", "reddit")
    assert apple["url"] == "https://www.reddit.com/r/stocks/comments/a/"
    assert (apple["published_at"], apple["known_at"]) == (AT, AT + timedelta(minutes=5))


def test_pages_are_followed_back_to_the_windows_start(peer: Peer) -> None:
    """SVC-SNT-02: paging."""
    texts = facts_of(brought(_source(peer)), TEXTS)
    assert [asked.query.get("after") for asked in peer.asked if asked.path == "/r/stocks/new"] == [None, "t3_b"]
    assert "Old" not in texts["title"].to_list()


def test_posts_that_cannot_be_read_are_set_aside(peer: Peer) -> None:
    found = reasons(brought(_source(peer)))
    assert len(found) == 3
    assert "deleted before it was fetched" in found[0]


def test_more_posts_than_are_listed_are_told(peer: Peer) -> None:
    _answering_listings(peer, Reply({"kind": "Listing", "data": {"after": "t3_z", "children": []}}))
    assert "has more new posts than Reddit lists" in reasons(brought(_source(peer)))[-1]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>", kind="text/html"), "no JSON"),
        (Reply([]), "no object `data`"),
        (Reply({"data": {"children": 3}}), "int instead of a list"),
        (Reply("", 404), "unknown to the vendor"),
        (Reply("", 302, {"Location": "/subreddits/search"}), "unknown to the vendor"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(peer: Peer, reply: Reply, reason: str) -> None:
    _answering_listings(peer, reply)
    assert reason in reasons(brought(_source(peer)))[0]


@pytest.mark.parametrize("failure", [HANG_UP, TOO_MANY, Reply("", 503)])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """SVC-SNT-02, ING-01: backoff."""
    failures = [failure]

    def answer(asked: Asked) -> Reply:
        return failures.pop() if failures and asked.path == "/r/stocks/new" else reddit(asked)

    peer.answer(answer)
    assert facts_of(brought(_source(peer)), TEXTS).height == 3


def test_a_long_rest_is_handed_on(peer: Peer) -> None:
    _answering_listings(peer, LONG_REST)
    with pytest.raises(ThrottledError, match="900 s"):
        brought(_source(peer))


def test_an_answer_that_takes_too_long_is_given_up(peer: Peer) -> None:
    """Praw asks three times by itself."""
    _answering_listings(peer, Reply({}, delay_s=0.5))
    source = _source(peer, timeout_s=0.1)
    line = Line(source.name, "1000/second", Patience(attempts=1), feed_metrics())
    with pytest.raises(UnreachableError, match="subreddit stocks did not answer: ReadTimeout"):
        brought(source, line=line)


def test_a_wrong_secret_is_refused_and_shown_nowhere(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RefusedError, match="status 401") as caught:
        brought(_source(peer, secret="not-my-secret"))  # noqa: S106  # that is the point
    assert "not-my-secret" not in str(caught.value) + caplog.text
    assert SECRET not in repr(_source(peer))
