"""Finnhub's own client library against a peer that speaks its documented interface."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.feeds.clients.finnhub import Finnhub, FinnhubFeed
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.lake.domains.calendars import EARNINGS_CALENDAR
from adapters.lake.domains.estimates import EARNINGS_ACTUALS
from adapters.lake.domains.texts import TEXTS
from tests.adapters.feeds.clients.asking import NOW, brought, facts_of, quick_line, reasons
from tests.adapters.feeds.peers.finnhub import KEY, finnhub
from tests.adapters.feeds.peers.server import DOWN, HANG_UP, LONG_REST, TOO_MANY, Peer, Reply, running


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(finnhub) as started:
        yield started


def _source(peer: Peer, key: str = KEY, **wanted: Any) -> Finnhub:
    return Finnhub(FinnhubFeed(symbols=("AAPL",), url=peer.url, **wanted), key)


def test_news_are_texts_stamped_when_they_were_published(peer: Peer) -> None:
    """ING-01."""
    (text,) = facts_of(brought(_source(peer)), TEXTS).to_dicts()
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert (text["title"], text["body"], text["symbol"]) == ("Apple & friends", "They rose.", "AAPL")
    assert text["published_at"] == text["known_at"] == at
    assert (peer.asked[0].query["from"], peer.asked[0].query["to"]) == ("2026-11-16", "2026-11-23")


def test_entries_that_cannot_be_read_are_set_aside(peer: Peer) -> None:
    found = reasons(brought(_source(peer)))
    assert len(found) == 4
    assert "datetime is 0, which is no time" in found[0]
    assert any("hour is 'noon'" in reason for reason in found)


def test_a_past_release_is_known_from_the_next_opening_and_a_planned_one_from_the_fetch(peer: Peer) -> None:
    past, planned = facts_of(brought(_source(peer)), EARNINGS_CALENDAR).sort("event_at").to_dicts()
    assert (past["fiscal_year"], past["fiscal_quarter"], past["when"], past["is_confirmed"]) == (2026, 4, "post", True)
    assert past["event_at"].date() == date(2026, 9, 30)
    assert past["known_at"] == datetime(2026, 10, 30, 13, 30, tzinfo=UTC)
    assert (planned["event_at"].date(), planned["is_confirmed"]) == (date(2026, 12, 31), False)
    assert planned["known_at"] == NOW
    assert planned["scheduled_at"] == datetime(2027, 1, 28, 14, 30, tzinfo=UTC)


def test_announced_numbers_are_facts_and_missing_ones_are_none(peer: Peer) -> None:
    actuals = facts_of(brought(_source(peer)), EARNINGS_ACTUALS).sort("measure").to_dicts()
    assert [(row["measure"], row["value"], row["consensus"]) for row in actuals] == [
        ("eps_usd", 1.9, 1.8),
        ("revenue_usd", 1.0e11, None),
    ]
    assert {row["basis"] for row in actuals} == {"not-point-in-time"}


@pytest.mark.parametrize("failure", [DOWN, HANG_UP, TOO_MANY])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """ING-01."""
    peer.first(failure)
    assert facts_of(brought(_source(peer)), TEXTS).height == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>", kind="text/html"), "no JSON"),
        (Reply("[{", kind="application/json"), "no JSON"),
        (Reply({"error": "odd"}), "dict instead of a list"),
        (Reply("text", kind="text/plain"), "str instead of a list"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(peer: Peer, reply: Reply, reason: str) -> None:
    peer.first(reply)
    assert reason in reasons(brought(_source(peer)))[0]


def test_an_answer_that_takes_too_long_is_given_up(peer: Peer) -> None:
    peer.always(Reply([], delay_s=0.5))
    with pytest.raises(UnreachableError, match="news of AAPL did not answer: ReadTimeout"):
        brought(_source(peer, timeout_s=0.1))


def test_a_long_rest_is_handed_on(peer: Peer) -> None:
    peer.first(LONG_REST)
    line = quick_line(_source(peer))
    with pytest.raises(ThrottledError, match="900 s"):
        brought(_source(peer), line=line)
    assert line.n_throttled == 1


def test_a_wrong_key_is_refused_and_shown_nowhere(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RefusedError, match="status 401") as caught:
        brought(_source(peer, key="not-my-secret"))
    assert "not-my-secret" not in str(caught.value) + caplog.text
    assert KEY not in repr(_source(peer))
