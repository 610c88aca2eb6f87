"""What happened between valuations: everything that the journal books counts, from its own entries too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.attribution import Asked
from api.use_cases.attribution_events import AccountEvents, account_events
from api.use_cases.journal import Journal, journal
from api.use_cases.journal_posting import Bookkeeper, origin_for, posted
from api.use_cases.main_job import sessions_run
from governance.entries import Entry, EntryKind
from nodes.vocabulary.bookings import (
    INTEREST,
    Allocated,
    Booking,
    Busted,
    Charged,
    Corrected,
    DividendPaid,
    Origin,
    PaidIn,
    Traded,
)
from nodes.vocabulary.journal import JournalKind
from tests.adapters.sql.journals import at, booking_entry, correction, fill, log_of
from tests.api.use_cases.attributions import ACCOUNT, Attributed, attributed_at
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, copied_home, desk_at

PAID_IN, INTEREST_USD = Decimal(5000), Decimal("-12.50")


@pytest.fixture(scope="module")
def booked(ran: Path, lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attributed]:
    """A home whose account was paid into, got interest, a dividend and a cent, and lost a trade; then traded on."""
    home = copied_home(ran, tmp_path_factory.mktemp("booked") / "home")
    with desk_at(home, lake) as opened:
        _book(opened, home)
        last_on = lake.calendar.after(LAST_ON)
        sessions_run(opened.desk, lake.sessions(FIRST_ON, last_on), lambda *_: None)
    with attributed_at(home, lake, Asked(ACCOUNT, LAST_ON)) as found:
        yield found


def _book(opened: OpenDesk, home: Path) -> None:
    desk = opened.desk
    book = journal(desk.store, home)
    keeper = Bookkeeper(book, lambda work: desk.writer.submit(work).result(), desk.clock, "Ada")
    at = desk.lake.calendar.close(LAST_ON)
    held = next(each for each in book.positions(ACCOUNT) if each.quantity > 0)
    bookings: list[Booking] = [
        PaidIn(origin_for(ACCOUNT, at), PAID_IN, "USD"),
        Charged(origin_for(ACCOUNT, at), INTEREST, INTEREST_USD, "USD"),
        DividendPaid(origin_for(ACCOUNT, at), held.symbol, Decimal("7.25"), "USD"),
        Corrected(origin_for(ACCOUNT, at), Decimal("0.01"), "USD", why="a cent"),
        Traded(origin_for(ACCOUNT, at), held.symbol, Decimal(10), Decimal("20.00"), "USD"),
    ]
    for number, booking in enumerate(bookings):
        posted(keeper, booking, f"booking-{number}")
    posted(keeper, Busted(_of_trade(book, at), None), "bust")


def _of_trade(book: Journal, at: datetime) -> Origin:
    trade = next(each for each in book.entries(ACCOUNT) if each.kind is JournalKind.TRADE)
    return origin_for(ACCOUNT, at, corrects=trade.entry_key)


def test_money_paid_in_is_no_gain_and_all_else_comes_to_the_last_digit(booked: Attributed) -> None:
    """JRN-02, JRN-03."""
    report = booked.report
    assert report.contributed_usd == PAID_IN
    assert (report.unbooked_usd, report.notes) == (Decimal(0), ())
    assert report.closing_usd - report.opening_usd - PAID_IN == report.parts_usd


def test_interest_is_financing_and_a_corrected_cent_the_accounts_own(booked: Attributed) -> None:
    by_name = {line.line: line for line in booked.report.lines}
    assert by_name["financing"].by_symbol == {"": -INTEREST_USD}
    assert by_name["cash"].by_symbol == {"": Decimal("0.01")}


def test_events_of_a_plain_run_stand_before_the_valuation_that_counts_them(attributed: Attributed) -> None:
    found = account_events(attributed.reader, ACCOUNT)
    assert list(found.equity_usd) == list(found.happened)
    assert (found.n_later, found.faults) == (0, [])
    assert sum(len(share.trades) for day in found.happened.values() for share in day.values()) > 0


def test_another_accounts_entries_do_not_count(attributed: Attributed) -> None:
    assert account_events(attributed.reader, "nobody").equity_usd == {}


def _valued(day: int, account_id: str) -> Entry:
    facts = {"account_id": account_id, "equity_usd": Decimal(10_000), "session_on": at(day).date()}
    return Entry(EntryKind.PLAN, "paper", at(day), at(day), facts)


def _events(path: Path, account_id: str, entries: list[Entry]) -> AccountEvents:
    told = [_valued(0, account_id), *entries, _valued(9, account_id)]
    with closing(log_of(path, told)) as store, store.reader() as reader:
        return account_events(reader, account_id)


def test_a_trade_that_was_corrected_by_the_name_of_its_correction_is_no_fault(tmp_path: Path) -> None:
    told = [
        fill(1, 5, "10", exec_id="x"),
        correction(2, "G", "x", exec_id="y", fill_shares=5, fill_price_usd=Decimal(11)),
        correction(3, "G", "y", exec_id="z", fill_shares=5, fill_price_usd=Decimal(12)),
    ]
    assert _events(tmp_path, "demo", told).faults == []


def test_of_two_fills_alike_one_is_taken_back(tmp_path: Path) -> None:
    alike = [fill(1, 5, "10", commission_usd=Decimal(0)), fill(1, 5, "10", commission_usd=Decimal(0))]
    with closing(log_of(tmp_path / "first", alike)) as store, store.reader() as reader:
        key = reader.records(1, 2)[0].entry_id.hex()
    busted = booking_entry(Busted(Origin("", "demo", at(2), at(2), corrects=f"{key}-2"), None))
    found = _events(tmp_path / "all", "demo", [*alike, busted])
    assert found.faults == []
    traded = found.happened[at(9).date()]["AAA"].trades
    assert sum(each.shares for each in traded) == 5


def test_what_an_account_was_allocated_is_known_when_a_trade_is_taken_back(tmp_path: Path) -> None:
    """JRN-02. The block's price is corrected, then a sale of its units is taken back."""
    handed = Allocated(Origin("", "demo", at(2), at(2)), "AAA", (("one", Decimal(5)),), (), "USD")
    told = [
        fill(1, 5, "10", exec_id="x"),
        booking_entry(handed),
        fill(3, -2, "12", account_id="one", exec_id="s", commission_usd=Decimal(0)),
        correction(4, "G", "x", exec_id="y", fill_shares=5, fill_price_usd=Decimal(11)),
        correction(5, "H", "s", account_id="one"),
    ]
    found = _events(tmp_path, "one", told)
    share = found.happened[at(9).date()]["AAA"]
    assert found.faults == []
    assert sum(each.shares for each in share.trades) == 5
    assert sum(each.shares * each.price_usd for each in share.trades) - share.paid_usd == 55
