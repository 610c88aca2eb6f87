"""edgartools' transport against a peer that serves SEC's files."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from adapters.feeds.clients.edgar import Edgar, EdgarFeed
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.source import Window
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.facts.store import FactStore
from api.use_cases.feeds import Collector, collected
from nodes.vocabulary.errors import EdgeError
from tests.adapters.feeds.clients.asking import LATER, NOW, QUICK, brought, facts_of, reasons
from tests.adapters.feeds.peers.edgar import edgar
from tests.adapters.feeds.peers.server import DOWN, HANG_UP, LONG_REST, TOO_MANY, Peer, Reply, running

# The transport under edgartools does not close the connections of the one that it wraps.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
FIRST = Window(NOW - timedelta(days=365 * 40), NOW, NOW)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(edgar) as started:
        yield started
        gc.collect()  # while the warning about its connections is expected


def _source(peer: Peer, identity: str = "Ann Tester ann@example.org", **wanted: Any) -> Edgar:
    return Edgar(EdgarFeed(companies={"AAPL": 320193}, url=peer.url, **wanted), identity)


def test_a_fact_is_known_when_its_filing_was(peer: Peer) -> None:
    """ING-01."""
    (assets,) = facts_of(brought(_source(peer), FIRST), FUNDAMENTALS).to_dicts()
    assert (assets["symbol"], assets["concept"], assets["value"]) == ("AAPL", "Assets", 380000000000.0)
    assert assets["known_at"] == datetime(2026, 11, 20, 23, 1, tzinfo=UTC)


def test_the_first_run_reads_the_older_filings_too_and_later_ones_what_is_new(peer: Peer) -> None:
    first = facts_of(brought(_source(peer), FIRST), FILINGS)
    later = facts_of(brought(_source(peer), LATER), FILINGS)
    assert first["filed_on"].min() == date(2009, 10, 27)
    assert later.is_empty()
    assert [asked.path for asked in peer.asked if "001" in asked.path] == [
        "/submissions/CIK0000320193-submissions-001.json"
    ]


def test_a_later_run_over_the_same_filings_adds_nothing(peer: Peer, tmp_path: Path) -> None:
    """ING-01: watermark, idempotent upsert."""
    store = FactStore(tmp_path, lambda: NOW)
    collector = Collector(store, lambda: NOW, QUICK, feed_metrics())
    assert collected(collector, _source(peer)).n_accepted == 4
    assert collected(collector, _source(peer)).n_accepted == 0


def test_rows_that_cannot_be_read_are_set_aside(peer: Peer) -> None:
    found = reasons(brought(_source(peer), FIRST))
    assert any("filingDate is 'soon'" in reason for reason in found)
    assert any("'many'" in reason for reason in found)


def test_who_asks_is_said(peer: Peer) -> None:
    brought(_source(peer), LATER)
    assert {asked.headers["User-Agent"] for asked in peer.asked} == {"Ann Tester ann@example.org"}


def test_an_identity_without_an_address_is_refused_before_anything_is_asked(peer: Peer) -> None:
    with pytest.raises(EdgeError, match="identity 'Ann' names no mail address"):
        brought(_source(peer, "Ann"))
    assert peer.asked == []


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>", kind="text/html"), "is no JSON object"),
        (Reply({"cik": "x"}), "cik is 'x'"),
        (Reply({"cik": 320193, "filings": {"recent": {}}}), "lacks lists"),
        (Reply("", 404), "unknown to the vendor"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(peer: Peer, reply: Reply, reason: str) -> None:
    peer.always(reply)
    assert reason in reasons(brought(_source(peer)))[0]


@pytest.mark.parametrize("failure", [DOWN, HANG_UP, TOO_MANY])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """ING-01."""
    peer.first(failure)
    assert facts_of(brought(_source(peer), FIRST), FUNDAMENTALS).height == 1


@pytest.mark.parametrize(
    ("reply", "fault", "words"),
    [
        (LONG_REST, ThrottledError, "900 s of rest"),
        (Reply("", 429), ThrottledError, "600 s of rest"),
        (Reply("", 403), RefusedError, "status 403"),
        (DOWN, UnreachableError, "status 503"),
        (HANG_UP, UnreachableError, "did not answer"),
        (Reply("{}", delay_s=0.5), UnreachableError, "ReadTimeout"),
    ],
)
def test_a_failure_that_stays_is_told(peer: Peer, reply: Reply, fault: type[Exception], words: str) -> None:
    peer.always(reply)
    with stamina.set_testing(True, attempts=1), pytest.raises(fault, match=words):  # edgartools waits for it too
        brought(_source(peer, timeout_s=0.1))
