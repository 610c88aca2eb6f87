"""tweepy against a peer that speaks X's documented interface."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.feeds.clients.x import XFeed, XPosts
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.lake.domains.texts import TEXTS
from tests.adapters.feeds.clients.asking import brought, facts_of, reasons
from tests.adapters.feeds.peers.server import DOWN, HANG_UP, TOO_MANY, Peer, Reply, running
from tests.adapters.feeds.peers.x import FIRST, KEY, x


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(x) as started:
        yield started


def _source(peer: Peer, key: str = KEY, **wanted: Any) -> XPosts:
    return XPosts(XFeed(queries={"AAPL": "$AAPL lang:en"}, url=peer.url, **wanted), key)


def test_posts_are_texts_of_the_symbol_that_was_searched_for(peer: Peer) -> None:
    """SVC-SNT-01."""
    post = facts_of(brought(_source(peer)), TEXTS).filter(url="https://x.com/i/status/7").row(0, named=True)
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert (post["symbol"], post["channel"], post["title"], post["body"]) == ("AAPL", "x", None, "$AAPL to the moon")
    assert post["published_at"] == post["known_at"] == at


def test_an_edited_post_is_the_text_it_was_known_from_its_edit(peer: Peer) -> None:
    edited = facts_of(brought(_source(peer)), TEXTS).filter(url=f"https://x.com/i/status/{FIRST}").row(0, named=True)
    assert edited["body"] == "fixed & done"
    assert edited["published_at"] == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert edited["known_at"] == datetime(2026, 11, 20, 14, 31, 0, 500_000, tzinfo=UTC)


def test_pages_are_followed_over_the_window(peer: Peer) -> None:
    """SVC-SNT-01: paging."""
    brought(_source(peer))
    first, second = (asked.query for asked in peer.asked)
    assert (first["start_time"], first["end_time"]) == ("2026-11-16T22:00:00Z", "2026-11-23T20:59:45Z")
    assert (first["query"], first["max_results"]) == ("$AAPL lang:en", "100")
    assert second["next_token"] == "b26v89c19zqg8o3f"  # noqa: S105  # a page


def test_posts_that_cannot_be_read_are_set_aside(peer: Peer) -> None:
    found = reasons(brought(_source(peer)))
    assert ["created_at" in found[0], "id is 'eight'" in found[1], len(found)] == [True, True, 2]


def test_more_pages_than_are_paid_for_are_told(peer: Peer) -> None:
    parts = brought(_source(peer, max_pages=1))
    assert facts_of(parts, TEXTS).height == 1
    assert "has more than 1 pages" in reasons(parts)[-1]


def test_a_search_without_posts_is_no_fault(peer: Peer) -> None:
    peer.always(Reply({"meta": {"result_count": 0}}))
    parts = brought(_source(peer))
    assert (facts_of(parts, TEXTS).height, reasons(parts)) == (0, [])


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>", kind="text/html"), "no JSON"),
        (Reply([1]), "list instead of an object"),
        (Reply({"data": "all", "meta": {}}), "str instead of a list"),
        (Reply({"data": []}), "no object `meta`"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(peer: Peer, reply: Reply, reason: str) -> None:
    peer.always(reply)
    assert reason in reasons(brought(_source(peer)))[0]


@pytest.mark.parametrize("failure", [DOWN, HANG_UP, TOO_MANY])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """SVC-SNT-01, ING-01: backoff."""
    peer.first(failure)
    assert facts_of(brought(_source(peer)), TEXTS).height == 2


def test_the_end_of_a_rate_window_is_waited_for_or_handed_on(peer: Peer) -> None:
    """SVC-SNT-01: rate limit."""
    peer.always(Reply({}, 429, {"x-rate-limit-reset": str(int(time.time()) + 600)}))
    with pytest.raises(ThrottledError, match=r"asks for (599|600) s of rest"):
        brought(_source(peer))


def test_an_answer_that_takes_too_long_is_given_up(peer: Peer) -> None:
    peer.always(Reply({}, delay_s=0.5))
    with pytest.raises(UnreachableError, match="x search for AAPL did not answer: ReadTimeout"):
        brought(_source(peer, timeout_s=0.1))


def test_a_wrong_key_is_refused_and_shown_nowhere(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RefusedError, match="status 401") as caught:
        brought(_source(peer, key="not-my-secret"))
    assert "not-my-secret" not in str(caught.value) + caplog.text
    assert KEY not in repr(_source(peer))
