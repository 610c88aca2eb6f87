"""A session's bar as a market: its path, its quotes, its auction, and events that can all be true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nodes.kernels.simulator.events import EventKind, screened
from nodes.kernels.simulator.session_bars import BarPrices, BookPart, SessionBook, session_events
from nodes.vocabulary.trading import NS_PER_S

DAY_S = 23_400
SESSION = SessionBook(
    symbol="IBM",
    open_ns=DAY_S * NS_PER_S,
    close_ns=2 * DAY_S * NS_PER_S,
    prices=BarPrices(1_000_000, 1_020_000, 980_000, 1_010_000),
    half_spread_e4=2_000.0,
    auction_venue="OPEN",
    auction_shares=10_000,
    auction_e4=1_001_000,
    parts=(BookPart("A", 125_000, 5_000), BookPart("B", 62_500, 2_500)),
    away_ns=NS_PER_S,
    drift_frac=0.0,
)


def rows(session: SessionBook, kind: EventKind) -> list[tuple[int, int, int, int]]:
    """Instant, place, price and shares of the events of a kind."""
    found = session_events(session)
    columns = (found.at_ns, found.place, found.price_e4, found.shares)
    return [row for row, each in zip(zip(*columns, strict=True), found.kind, strict=True) if each == kind]


@pytest.mark.parametrize(
    ("prices", "path"),
    [
        (BarPrices(100, 110, 80, 90), ((100, 0), (110, -1), (80, 1), (90, 0))),
        (BarPrices(100, 130, 80, 90), ((100, 0), (80, 1), (130, -1), (90, 0))),
        (BarPrices(100, 120, 80, 90), ((100, 0), (120, -1), (80, 1), (90, 0))),
    ],
)
def test_the_extreme_nearer_to_the_open_comes_first(prices: BarPrices, path: tuple[tuple[int, int], ...]) -> None:
    assert prices.path == path


FIRST, SECOND, THIRD, _ = SESSION.moments


def test_at_an_extreme_the_spread_lies_within_the_bar() -> None:
    assert (SESSION.quote_e4(FIRST, -1), SESSION.quote_e4(FIRST, 1)) == (998_000, 1_002_000)
    assert (SESSION.quote_e4(SECOND, -1), SESSION.quote_e4(SECOND, 1)) == (1_016_000, 1_020_000)
    assert (SESSION.quote_e4(THIRD, -1), SESSION.quote_e4(THIRD, 1)) == (980_000, 984_000)


def test_quotes_are_on_tick_against_whoever_meets_them() -> None:
    odd = replace(SESSION, half_spread_e4=2_030.0)
    assert (odd.quote_e4(FIRST, -1), odd.quote_e4(FIRST, 1)) == (997_900, 1_002_100)
    penny = replace(SESSION, prices=BarPrices(9_000, 9_000, 9_000, 9_000), half_spread_e4=2.5)
    assert (penny.tick_e4, *(penny.quote_e4(penny.moments[0], side) for side in (-1, 1))) == (1, 8_997, 9_003)
    assert replace(SESSION, half_spread_e4=5e6).quote_e4(FIRST, -1) == SESSION.tick_e4


def test_every_venue_prints_its_part_of_each_quarter_in_the_middle_of_it() -> None:
    prints = rows(SESSION, EventKind.TRADE)
    assert [price for _, place, price, _ in prints if place == 1] == [1_000_000, 1_020_000, 980_000, 1_010_000]
    assert {(place, shares) for _, place, _, shares in prints} == {(1, 125_000), (2, 62_500)}
    seconds = sorted({at / NS_PER_S / DAY_S for at, *_ in prints})
    assert seconds == [1.125, 1.375, 1.625, 1.875]


def test_the_auction_is_at_the_open_and_there_is_none_of_no_shares() -> None:
    assert rows(SESSION, EventKind.CROSS) == [(SESSION.open_ns, 0, 1_001_000, 10_000)]
    assert rows(replace(SESSION, auction_shares=0), EventKind.CROSS) == []


def test_the_closing_auction_is_at_the_close() -> None:
    closing = replace(SESSION, auction_is_closing=True)
    assert rows(closing, EventKind.CROSS) == [(SESSION.close_ns, 0, 1_001_000, 10_000)]
    assert (SESSION.auction_base_e4, closing.auction_base_e4) == (1_000_000, 1_010_000)


@pytest.mark.parametrize(
    ("stop", "share_of_the_way", "quarter"),
    [((1, 1_005_000), 0.25, 0), ((-1, 1_000_100), None, 0), ((-1, 990_000), 0.75, 1), ((1, 1_020_000), None, 1)],
)
def test_a_share_prints_where_the_price_comes_to_a_stop_on_its_way(
    stop: tuple[int, int], share_of_the_way: float | None, quarter: int
) -> None:
    """At a stop that is one of the four prices, or that the first one is beyond, nothing more has to print."""
    found = [row for row in rows(replace(SESSION, stop=stop), EventKind.TRADE) if row[3] == 1]
    assert [price for _, _, price, _ in found] == [stop[1]] * (2 if share_of_the_way else 0)
    for at_ns, *_ in found:
        gone = (at_ns - SESSION.quarter_ns(quarter)) / (SESSION.quarter_ns(quarter + 1) - SESSION.quarter_ns(quarter))
        assert gone == pytest.approx(share_of_the_way, abs=1e-9)


def test_nobody_quotes_to_who_follows_the_middle_while_it_is_on_its_way() -> None:
    quotes = rows(replace(SESSION, is_followed=True), EventKind.QUOTE)
    assert [price for _, place, price, _ in quotes if place == 1][:4] == [0, 998_000, 0, 1_016_000]


def test_a_price_that_goes_on_while_an_order_is_on_its_way_is_quoted_as_it_comes() -> None:
    drifted = replace(SESSION, drift_frac=0.001)
    late = [row for row in rows(drifted, EventKind.QUOTE) if row[0] - SESSION.away_ns == SESSION.quarter_ns(0)]
    assert [price for *_, price, _ in late] == [999_000, 999_000]
    assert len(rows(drifted, EventKind.QUOTE)) == 2 * len(rows(SESSION, EventKind.QUOTE))


def test_no_event_of_a_session_is_one_that_cannot_be_true() -> None:
    changes: tuple[dict[str, Any], ...] = ({}, {"drift_frac": -0.01}, {"half_spread_e4": 0.0}, {"is_followed": True})
    for change in (*changes, {"stop": (1, 1_005_000)}, {"auction_is_closing": True}):
        session = replace(SESSION, **change)
        assert screened(session_events(session)).n_dropped == 0
