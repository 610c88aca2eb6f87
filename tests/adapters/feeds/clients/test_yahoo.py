"""yfinance, with the curl that it runs on, led by TLS to a peer that answers as Yahoo does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yfinance  # type: ignore[import-untyped]  # ships no types
from curl_cffi import CurlOpt
from curl_cffi._wrapper import ffi, lib  # type: ignore[import-not-found]  # compiled
from curl_cffi.requests import Session

from adapters.feeds.clients.yahoo import Yahoo, YahooFeed
from adapters.feeds.faults import RefusedError, ThrottledError, UnreachableError
from adapters.feeds.files.leases import SCHEMA
from adapters.feeds.source import Window
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from tests.adapters.feeds.clients.asking import WINDOW, brought, facts_of, reasons
from tests.adapters.feeds.peers.certificates import tls_context
from tests.adapters.feeds.peers.server import Asked, Peer, Reply, running
from tests.adapters.feeds.peers.yahoo import CHART, HOSTS, ROWS, chart, yahoo


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    yfinance.set_tz_cache_location(str(tmp_path / "cache"))
    with running(yahoo, tls_context(tmp_path, HOSTS)) as started:
        yield started


@pytest.fixture
def source(peer: Peer, tmp_path: Path) -> Yahoo:
    """Yahoo asked about AAPL, its hosts led to the peer by curl's own option."""
    ways = ffi.NULL
    for host in HOSTS:
        ways = lib.curl_slist_append(ways, f"{host}:443:127.0.0.1:{peer.port}".encode())
    options: dict[CurlOpt, Any] = {CurlOpt.CONNECT_TO: ways}  # which curl_cffi takes as curl's own list only
    trusted: Any = str(tmp_path / "ca.pem")
    session = partial(Session, impersonate="chrome", verify=trusted, curl_options=options)
    return Yahoo(YahooFeed(symbols=("AAPL",), timeout_s=5), session=session)


def _charting(peer: Peer, reply: Reply) -> None:
    """Answer questions for charts like this."""

    def answer(asked: Asked) -> Reply:
        return reply if asked.path.startswith("/v8/") else yahoo(asked)

    peer.answer(answer)


def _with(**changes: Any) -> Reply:
    changed = copy.deepcopy(CHART)
    changed["chart"]["result"][0].update(changes)
    return Reply(changed)


def test_prices_and_volumes_are_those_of_the_day(source: Yahoo) -> None:
    """ING-01: the 7 for 1 split of 2026-11-20 is taken out of what came before it."""
    bars = facts_of(brought(source), BARS_DAILY)
    assert bars["close_usd"].to_list() == [640.0, 650.0, 93.25]
    assert bars["volume_shares"].to_list() == [1000, 2000, 21000]
    assert bars["known_at"].to_list() == bars["event_at"].to_list()
    assert bars["known_at"][0] == datetime(2026, 11, 18, 21, 0, tzinfo=UTC)


def test_splits_and_dividends_are_actions_with_the_amounts_that_were_paid(source: Yahoo) -> None:
    actions = facts_of(brought(source), CORPORATE_ACTIONS).sort("kind", "ex_on")
    rows = actions.select("kind", "ex_on", "ratio", "amount_usd").rows()
    assert rows == [
        ("dividend", date(2026, 11, 19), None, 3.29),
        ("dividend", date(2026, 11, 20), None, 0.5),
        ("split", date(2026, 11, 20), 7.0, None),
    ]
    assert actions["known_at"][0] == datetime(2026, 11, 19, 14, 30, tzinfo=UTC)


def test_the_same_day_fetched_before_and_after_a_split_has_the_same_raw_price(source: Yahoo, peer: Peer) -> None:
    after = facts_of(brought(source), BARS_DAILY)
    before = [(day, *(round(price * 7, 6) for price in prices), volume / 7) for day, *prices, volume in ROWS[:2]]
    _charting(peer, Reply(chart(before, [], [])))
    assert facts_of(brought(source), BARS_DAILY).rows() == after.head(2).rows()


def test_a_split_that_yahoo_has_not_worked_in_refuses_the_symbol(source: Yahoo, peer: Peer) -> None:
    raw = [("2026-11-19", 640.0, 651.0, 637.0, 650.0, 2000), ROWS[2]]
    _charting(peer, Reply(chart(raw, [("2026-11-20", 7, 1)], [])))
    parts = brought(source)
    assert facts_of(parts, BARS_DAILY).is_empty()
    assert "the 7 for 1 split of 2026-11-20, which it should embed" in reasons(parts)[0]


def test_the_chart_is_asked_for_up_to_now_so_that_no_split_is_missed(source: Yahoo, peer: Peer) -> None:
    past = Window(WINDOW.from_at, datetime(2026, 11, 19, 22, 0, tzinfo=UTC), WINDOW.fetched_at)
    bars = facts_of(brought(source, past), BARS_DAILY)
    asked = next(asked for asked in peer.asked if asked.path.startswith("/v8/"))
    assert asked.query["period2"] == str(int(WINDOW.fetched_at.timestamp()))
    assert bars["close_usd"].to_list() == [640.0, 650.0]


def test_a_session_that_is_not_over_is_no_bar_yet(source: Yahoo) -> None:
    noon = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    bars = facts_of(brought(source, Window(WINDOW.from_at, noon, noon)), BARS_DAILY)
    assert bars["session_on"].max() == date(2026, 11, 19)


def test_rows_that_cannot_be_are_set_aside_and_the_rest_is_kept(source: Yahoo, peer: Peer) -> None:
    rows = [*ROWS, ("2026-11-17", None, 1.0, 1.0, 1.0, 5), ("2026-11-16", 5.0, 4.0, 3.0, 3.5, 5)]
    _charting(peer, Reply(chart(rows, [("2026-11-20", 7, 1)], [])))
    parts = brought(source)
    assert facts_of(parts, BARS_DAILY).height == 3
    assert "open or close lies outside low to high" in reasons(parts)[0]
    assert "open is None" in reasons(parts)[1]


def test_a_security_keeps_its_id_through_tickers(source: Yahoo) -> None:
    lease = ("OLD:2000-01-03", "AAPL", date(2020, 1, 1), None, None, None)
    leases = pl.DataFrame([lease], schema=SCHEMA, orient="row")
    bars = facts_of(brought(Yahoo(source.feed, leases, source.session)), BARS_DAILY)
    assert bars["security_id"].unique().to_list() == ["OLD:2000-01-03"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<html>"), "no JSON"),
        (Reply({"chart": {"result": None, "error": {"code": "Internal"}}}), "no object `chart.result"),
        (Reply({"finance": {}}), "no object `chart.result"),
        (_with(meta={"currency": "GBp"}), "prices in 'GBp'"),
        (_with(timestamp=[1]), "rows side by side"),
        (_with(events={"splits": []}), "nothing says how prices were adjusted"),
        (_with(events={"splits": {"1": {"date": 1, "numerator": 0, "denominator": 1}}}), "nothing says how prices"),
        (Reply({"chart": {"error": {"code": "Not Found"}}}, 404), "unknown to the vendor"),
    ],
)
def test_an_answer_of_another_form_is_set_aside(source: Yahoo, peer: Peer, reply: Reply, reason: str) -> None:
    _charting(peer, reply)
    parts = brought(source)
    assert facts_of(parts, BARS_DAILY).is_empty()
    assert reason in reasons(parts)[0]


@pytest.mark.parametrize(
    ("reply", "fault", "words"),
    [
        (Reply("Too Many Requests", 429), ThrottledError, "60 s of rest"),
        (Reply("", 401), RefusedError, "status 401"),
        (Reply("", 502), UnreachableError, "status 502"),
        (Reply(hangs_up=True), UnreachableError, "did not answer"),
        (Reply(CHART, cut_at=20), UnreachableError, "did not answer"),
    ],
)
def test_a_failure_that_stays_is_told(
    source: Yahoo, peer: Peer, reply: Reply, fault: type[Exception], words: str
) -> None:
    _charting(peer, reply)
    with pytest.raises(fault, match=words):
        brought(source)


def test_a_failure_that_passes_is_asked_past(source: Yahoo, peer: Peer) -> None:
    """ING-01."""
    failures = [Reply(hangs_up=True)]

    def answer(asked: Asked) -> Reply:
        return failures.pop() if failures and asked.path.startswith("/v8/") else yahoo(asked)

    peer.answer(answer)
    assert facts_of(brought(source), BARS_DAILY).height == 3


def test_an_answer_that_takes_too_long_is_given_up(source: Yahoo, peer: Peer) -> None:
    _charting(peer, Reply(CHART, delay_s=0.8))
    hasty = Yahoo(YahooFeed(symbols=("AAPL",), timeout_s=0.2), session=source.session)
    with pytest.raises(UnreachableError, match="Timeout"):
        brought(hasty)
