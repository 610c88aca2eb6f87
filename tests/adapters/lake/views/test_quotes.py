from __future__ import annotations

from datetime import date
from pathlib import Path

from adapters.lake.domains.ticks import QUOTES, TRADES
from adapters.lake.facts.store import FactStore
from adapters.lake.views.quotes import best_quotes, trades
from tests.adapters.lake.views.holding import at, clock, held

ON = date(2013, 10, 7)


def tick(number: int, **values: object) -> dict[str, object]:
    stamp = at(f"2013-10-07 13:30:0{number}")
    return {"security_id": "X", "session_on": ON, "tick_no": number, "event_at": stamp, "known_at": stamp, **values}


def test_a_side_keeps_its_value_until_it_changes_and_locked_and_crossed_are_flagged(tmp_path: Path) -> None:
    store = FactStore(tmp_path, clock)
    changes = [
        tick(1, bid_usd=10.0, bid_shares=1),
        tick(2, ask_usd=10.1, ask_shares=2),
        tick(3, bid_usd=10.1, bid_shares=3),
        tick(4, bid_usd=10.2, bid_shares=4),
        tick(5, ask_usd=10.3),
    ]
    held(store, QUOTES, changes)

    found = best_quotes(store, "X", ON, clock())

    assert found.select("bid_usd", "bid_shares", "ask_usd", "ask_shares").rows() == [
        (10.0, 1, None, None),
        (10.0, 1, 10.1, 2),
        (10.1, 3, 10.1, 2),
        (10.2, 4, 10.1, 2),
        (10.2, 4, 10.3, None),
    ]
    assert found["is_locked"].to_list() == [None, False, True, False, False]
    assert found["is_crossed"].to_list() == [None, False, False, True, False]


def test_quotes_and_trades_after_the_instant_of_the_question_are_not_seen(tmp_path: Path) -> None:
    store = FactStore(tmp_path, clock)
    held(store, QUOTES, [tick(1, bid_usd=10.0), tick(2, bid_usd=10.1)])
    held(store, TRADES, [tick(1, price_usd=10.0, size_shares=1), tick(2, price_usd=10.1, size_shares=1)])

    asked = at("2013-10-07 13:30:01")
    assert best_quotes(store, "X", ON, asked)["tick_no"].to_list() == [1]
    assert trades(store, "X", ON, asked)["price_usd"].to_list() == [10.0]
