"""Halt status: who is halted, by whom, since when and why, as it was known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.market_events import HALTS
from adapters.lake.facts.store import FactStore
from api.bootstrap import shell_clock
from api.use_cases.data_reading import DataRoom, Standpoint
from api.use_cases.venue_rules import HALT_STATUS, HaltWatch
from nodes.vocabulary.errors import EdgeError
from tests.adapters.lake.views.holding import at, held


def halt(symbol: str, since: str, code: str, until: str | None = None) -> list[dict[str, Any]]:
    """The facts of a halt: its beginning, and its end as it became known."""
    begun = {"symbol": symbol, "halted_at": at(since), "reason": code, "market": "Nasdaq"}
    first = {**begun, "resumed_at": None, "event_at": at(since), "known_at": at(since)}
    return (
        [first]
        if until is None
        else [first, {**begun, "resumed_at": at(until), "event_at": at(since), "known_at": at(until)}]
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    found = FactStore(tmp_path_factory.mktemp("halts"), shell_clock)
    rows = [
        *halt("AAA", "2020-03-09 13:30:15", "LUDP", "2020-03-09 13:49:13"),
        *halt("BBB", "2020-03-09 13:40:00", "T1"),
        *halt("CCC", "2020-03-09 19:52:00", "LUDP"),
    ]
    held(found, HALTS, rows)
    return found


def status(store: FactStore, as_of: str, symbol: str | None = None) -> list[dict[str, Any]]:
    return HALT_STATUS.answer(Standpoint(store, at(as_of)), {"symbol": symbol}).to_dicts()


def test_a_halt_is_told_with_source_since_and_reason_code(store: FactStore) -> None:
    """API-STR-04: per symbol, source, since, reason code."""
    row = status(store, "2020-03-09 13:35:00", "AAA")[0]
    assert (row["is_halted"], row["code"], row["source"], row["market"]) == (True, "LUDP", "test", "Nasdaq")
    assert (row["since_at"], row["reopens_from_at"]) == (at("2020-03-09 13:30:15"), at("2020-03-09 13:35:15"))
    assert (row["open_orders"], row["new_orders"], row["rule"]) == ("hold", "after-auction", "hold-through-halts")


@pytest.mark.parametrize(
    ("as_of", "symbols"),
    [
        ("2020-03-09 13:30:14", []),
        ("2020-03-09 13:30:15", ["AAA"]),
        ("2020-03-09 13:49:12", ["AAA", "BBB"]),
        ("2020-03-09 13:49:13", ["BBB"]),
        ("2020-03-09 19:52:00", ["BBB", "CCC"]),
        ("2020-03-09 20:05:00", ["BBB"]),
    ],
)
def test_a_halt_is_in_force_from_its_start_until_its_end_is_known(
    store: FactStore, as_of: str, symbols: list[str]
) -> None:
    """CCC's end was never published: five minutes after the close no pause is in force."""
    assert [row["symbol"] for row in status(store, as_of)] == symbols


def test_a_share_that_is_not_halted_says_so(store: FactStore) -> None:
    rows = status(store, "2020-03-09 15:00:00", "AAA")
    assert [(row["symbol"], row["is_halted"], row["code"]) for row in rows] == [("AAA", False, None)]


def test_a_pause_of_the_last_ten_minutes_ends_with_the_close(store: FactStore) -> None:
    assert status(store, "2020-03-09 19:55:00", "CCC")[0]["reopens_from_at"] == at("2020-03-09 20:00:00")


def test_nobody_knows_when_a_regulatory_halt_may_end(store: FactStore) -> None:
    row = status(store, "2020-03-09 15:00:00", "BBB")[0]
    assert (row["code"], row["reopens_from_at"]) == ("T1", None)


def test_a_watch_tells_halted_shares_and_looks_again_after_a_second(store: FactStore, tmp_path: Path) -> None:
    instants, seconds = ["2020-03-09 13:45:00"], [0.0]
    room = DataRoom(lambda: (store, tmp_path), lambda: at(instants[-1]))
    watch = HaltWatch(room, lambda: seconds[-1])
    assert watch() == {"AAA", "BBB"}
    instants.append("2020-03-09 14:00:00")
    seconds.append(0.9)
    assert watch() == {"AAA", "BBB"}
    seconds.append(1.0)
    assert watch() == {"BBB"}


def test_a_lake_without_halts_tells_none(tmp_path: Path) -> None:
    empty = FactStore(tmp_path / "empty", shell_clock)
    room = DataRoom(lambda: (empty, tmp_path), shell_clock)
    assert HaltWatch(room, lambda: 0.0)() == frozenset()


def test_a_lake_that_has_lost_its_halts_does_not_pass_for_one_without(store: FactStore, tmp_path: Path) -> None:
    """Journey 4: an order in a halted share must not leave because the list of halts is away."""
    root, seconds = Path(store.root), [0.0]
    watch = HaltWatch(DataRoom(lambda: (store, tmp_path), lambda: at("2020-03-09 13:45:00")), lambda: seconds[-1])
    assert watch() == {"AAA", "BBB"}
    away = root.rename(root.with_name("away"))
    seconds.append(1.0)
    with pytest.raises(EdgeError, match="were there and are gone"):
        watch()
    away.rename(root)
    seconds.append(2.0)
    assert watch() == {"AAA", "BBB"}
