from __future__ import annotations

from pathlib import Path

import pytest

from adapters.feeds.files.exchange_files import borrow_list, fails_to_deliver, halts, short_interest
from adapters.feeds.files.parsed import Parsed
from adapters.lake.facts.store import FactStore
from adapters.lake.views import market_events as told
from tests.adapters.feeds.files.test_exchange_files import BORROW, NYSE
from tests.adapters.lake.views.holding import at, clock

HALT = NYSE + "03/09/2020,09:34:13,AAPL,Apple,Nasdaq,LUDP,03/09/2020,09:49:13\n"
SHORT = "ticker,date,short_shares\nAAPL,2026-05-15,7\n"
FAILS = "SETTLEMENT DATE|SYMBOL|QUANTITY (FAILS)|PRICE\n20200901|AAPL|20319|.\n"


def lake(tmp_path: Path, parsed: Parsed) -> FactStore:
    store = FactStore(tmp_path / "lake", clock)
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    return store


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.txt"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("asked", "is_halted"),
    [("13:34:12", False), ("13:34:13", True), ("13:49:12", True), ("13:49:13", False), ("20:00:00", False)],
)
def test_a_share_is_halted_from_the_halt_to_the_resumption(tmp_path: Path, asked: str, is_halted: bool) -> None:  # noqa: FBT001
    store = lake(tmp_path, halts(written(tmp_path, HALT)))

    assert told.is_halted(store, "AAPL", at(f"2020-03-09 {asked}")) is is_halted


def test_while_a_share_is_halted_its_resumption_is_not_known(tmp_path: Path) -> None:
    store = lake(tmp_path, halts(written(tmp_path, HALT)))

    assert told.halts(store, "AAPL", at("2020-03-09 13:40"))["resumed_at"].to_list() == [None]
    assert told.halts(store, "AAPL", at("2020-03-09 14:00"))["resumed_at"].is_not_null().all()


def test_short_interest_fails_and_borrow_are_seen_from_their_publication(tmp_path: Path) -> None:
    store = lake(tmp_path, short_interest(written(tmp_path, SHORT)))
    for parsed in (fails_to_deliver(written(tmp_path, FAILS)), borrow_list(written(tmp_path, BORROW))):
        store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)

    seen = [
        (
            told.short_interest(store, "AAPL", at(text)).height,
            told.fails(store, "AAPL", at(text)).height,
            told.borrow(store, "A", at(text)).height,
        )
        for text in ("2020-09-30 20:00", "2020-10-01 13:30", "2023-11-15 12:46", "2026-05-28 13:29", "2026-05-28 13:30")
    ]
    assert seen == [(0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 1, 1), (1, 1, 1)]
