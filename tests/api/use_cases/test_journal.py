"""The journal of a run is its account to the last digit, at every instant, by every method (JRN-01, JRN-03)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from adapters.log_folder import log_folder_to_read
from adapters.sql.journal_tables import JOURNAL_LOTS
from api.use_cases.journal import Journal, journal, known_kind
from governance.entries import EntryKind
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.journal import JournalEntry, LotMethod

RAN_UNTIL = datetime(2005, 3, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def book(ran: Path) -> Iterator[Journal]:
    """The journal of fifteen sessions, with a dividend and a split."""
    folder = log_folder_to_read(ran)
    found = journal(folder.store)
    yield found
    found.file.close()
    folder.store.close()


@pytest.fixture(scope="module")
def account(book: Journal) -> AccountState:
    with book.store.reader() as reader:
        row = reader.account("demo")
    assert row is not None
    return account_from_bytes(row.content)


def test_the_journal_is_the_account_to_the_last_digit(book: Journal, account: AccountState) -> None:
    assert book.cash("demo") == {"USD": account.cash_usd}
    held = {each.symbol: (each.quantity, each.cost) for each in book.positions("demo")}
    assert held == {each.symbol: (Decimal(each.position_shares), each.cost_usd) for each in account.holdings}
    sums = dict.fromkeys(("Expenses", "Equity", "Gains", "Dividends"), Decimal(0))
    for each in book.balances("demo"):
        for part in sums:
            sums[part] += each.quantity if part in each.account.split(":") else Decimal(0)
    assert sums["Expenses"] == account.fees_usd
    assert -sums["Equity"] == account.contributed_usd
    assert -sums["Gains"] == account.realised_usd
    assert -sums["Dividends"] == account.dividends_usd


def test_every_fill_is_booked_with_its_decision(book: Journal) -> None:
    with book.store.reader() as reader:
        fills = [record.entry for record in reader.of_kind(EntryKind.FILL)]
    trades = {entry.entry_key: entry.decision_id for entry in book.entries("demo", kinds=["trade"])}
    assert trades == {entry.entry_id.hex(): entry.decision_id for entry in fills}
    assert len(trades) > 5


@pytest.mark.parametrize("method", list(LotMethod))
def test_lots_of_every_method_hold_what_is_held(book: Journal, method: LotMethod) -> None:
    held = {each.symbol: each.quantity for each in book.positions("demo", RAN_UNTIL)}
    units: dict[str, Decimal] = {}
    for lot in book.lots("demo", as_of=RAN_UNTIL, method=method):
        units[lot.symbol] = units.get(lot.symbol, Decimal(0)) + lot.quantity
    assert units == held


def test_lots_as_they_stand_are_those_of_a_replay(book: Journal) -> None:
    symbol = book.positions("demo")[0].symbol
    assert book.lots("demo", symbol) == book.lots("demo", symbol, RAN_UNTIL)
    assert {lot.symbol for lot in book.lots("demo", symbol)} == {symbol}


def test_average_cost_has_no_round_trips(book: Journal) -> None:
    with pytest.raises(EdgeError, match="average cost leaves no lots to tell apart"):
        book.trades("demo", method=LotMethod.AVERAGE)
    trips = book.trades("demo")
    assert trips == (*book.trades("demo", until=trips[0].closed_at), *trips[1:]) if trips else not trips


def test_pages_follow_each_other_without_a_gap(book: Journal) -> None:
    told: list[JournalEntry] = []
    behind: int | None = None
    while True:
        page = book.page("demo", None, None, [], behind, 4)
        told += page.entries
        behind = page.next_sequence
        if behind is None:
            break
    assert told == list(book.entries("demo"))


def test_a_page_behind_an_entry_that_is_not_there_is_refused(book: Journal) -> None:
    with pytest.raises(EdgeError, match="has no entry 99999 any more; begin with the first page"):
        book.page("demo", None, None, [], 99_999, 4)


def test_an_entry_is_found_by_its_key(book: Journal) -> None:
    first = next(book.entries("demo"))
    assert book.entry(first.entry_key) == first
    with pytest.raises(EdgeError, match="the journal has no entry 'nothing'"):
        book.entry("nothing")


def test_a_journal_that_was_changed_is_told_from_what_the_log_says(tmp_path: Path, book: Journal) -> None:
    kept = journal(book.store, tmp_path)
    assert kept.check().is_sound
    with kept.file._writing() as connection:  # the careless hand
        connection.execute(update(JOURNAL_LOTS).values(quantity="1"))
    found = kept.check()
    assert not found.is_sound
    assert found.differences[0].startswith("journal_lots: ('demo',")
    kept.file.close()


def test_an_instant_beyond_what_a_database_counts_is_the_end(book: Journal) -> None:
    assert book.balances("demo", datetime.max.replace(tzinfo=UTC)) == book.balances("demo")
    assert not book.balances("demo", datetime.min.replace(tzinfo=UTC))


def test_a_kind_that_is_none_is_refused() -> None:
    assert known_kind("spin-off") == "spin-off"
    with pytest.raises(EdgeError, match="no entry of the journal is of kind 'gift'; write one of trade, bust"):
        known_kind("gift")
