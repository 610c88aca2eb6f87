"""FRED by httpx against a peer that speaks its documented interface."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.feeds.clients.fred import Fred, FredFeed
from adapters.feeds.faults import RefusedError, UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.lake.domains.factors import MACRO
from adapters.lake.facts.store import FactStore
from api.use_cases.feeds import Collector, collected
from tests.adapters.feeds.clients.asking import LATER, NOW, QUICK, brought, facts_of, reasons
from tests.adapters.feeds.peers.fred import KEY, fred
from tests.adapters.feeds.peers.server import DOWN, HANG_UP, TOO_MANY, Peer, Reply, running


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running(fred) as started:
        yield started


def _source(peer: Peer, key: str = KEY, page: int = 2, **wanted: Any) -> Fred:
    series = wanted.pop("series", {"GDP": "billion_usd"})
    return Fred(FredFeed(series=series, url=peer.url, page=page, **wanted), key)


def test_every_vintage_is_a_fact_known_from_the_session_after_it(peer: Peer) -> None:
    """ING-01."""
    facts = facts_of(brought(_source(peer)), MACRO).sort("known_at")
    assert facts["value"].to_list() == [30000.1, 30111.5, 30500.0]
    assert facts["period_on"][0] == date(2026, 4, 1)
    assert facts["known_at"][0] == datetime(2026, 7, 31, 13, 30, tzinfo=UTC)
    assert facts["unit"].unique().to_list() == ["billion_usd"]


def test_pages_are_asked_for_until_all_rows_came(peer: Peer) -> None:
    brought(_source(peer))
    assert [asked.query["offset"] for asked in peer.asked] == ["0", "2"]


def test_a_later_run_asks_for_the_vintages_of_its_window_and_adds_nothing_that_is_there(
    peer: Peer, tmp_path: Path
) -> None:
    """ING-01: watermark, idempotent upsert."""
    store = FactStore(tmp_path, lambda: NOW)
    collector = Collector(store, lambda: NOW, QUICK, feed_metrics())
    assert collected(collector, _source(peer)).n_accepted == 3
    again = collected(collector, _source(peer))
    assert (again.outcome, again.n_accepted) == ("done", 0)
    assert peer.asked[0].query["realtime_start"] == "1776-07-04"
    assert peer.asked[-1].query["realtime_start"] == "2026-11-09"


def test_a_vintage_cut_at_the_windows_start_is_never_known_too_early(peer: Peer) -> None:
    facts = facts_of(brought(_source(peer), LATER), MACRO)
    assert facts["known_at"].min() == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_rows_that_cannot_be_read_are_set_aside_and_the_rest_is_kept(peer: Peer) -> None:
    good = {"realtime_start": "2026-10-29", "realtime_end": "9999-12-31", "date": "2026-07-01", "value": "1.5"}
    rows = [good, {**good, "date": "soon"}, {**good, "value": "n/a"}, "row", {**good, "value": "."}]
    peer.always(Reply({"count": 5, "observations": rows}))
    parts = brought(_source(peer))
    assert facts_of(parts, MACRO)["value"].to_list() == [1.5]
    assert len(reasons(parts)) == 3


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>"), "no JSON"),
        (Reply({"count": 3}), "no list `observations`"),
        (Reply([]), "no list `observations`"),
        (Reply({"count": "many", "observations": []}), "count 'many'"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(peer: Peer, reply: Reply, reason: str) -> None:
    peer.always(reply)
    assert reason in reasons(brought(_source(peer)))[0]


def test_a_count_without_rows_ends(peer: Peer) -> None:
    peer.always(Reply({"count": 9, "observations": []}))
    assert facts_of(brought(_source(peer)), MACRO).is_empty()
    assert len(peer.asked) == 1


@pytest.mark.parametrize("failure", [DOWN, HANG_UP, TOO_MANY, Reply('{"count": 3,', cut_at=5)])
def test_a_failure_that_passes_is_asked_past(peer: Peer, failure: Reply) -> None:
    """ING-01."""
    peer.first(failure)
    assert facts_of(brought(_source(peer)), MACRO).height == 3


def test_an_answer_that_takes_too_long_is_given_up(peer: Peer) -> None:
    peer.always(Reply({}, delay_s=0.5))
    with pytest.raises(UnreachableError, match="fred series GDP did not answer: ReadTimeout"):
        brought(_source(peer, timeout_s=0.1))


def test_a_wrong_key_is_refused_and_shown_nowhere(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(RefusedError, match="status 400") as caught:
        brought(_source(peer, key="not-my-secret"))
    assert peer.asked[0].query["api_key"] == "not-my-secret"
    assert "not-my-secret" not in str(caught.value) + caplog.text
    assert KEY not in repr(_source(peer))
