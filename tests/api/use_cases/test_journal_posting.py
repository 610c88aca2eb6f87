"""What is booked by hand is one entry of the log, and the account that trades follows it (JRN-01)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder, log_folder
from api.use_cases.journal import Journal, journal
from api.use_cases.journal_posting import Booked, Bookkeeper, origin_for, posted
from api.use_cases.model_desk import store_append
from governance.entries import Entry, EntryKind, genesis_entry
from nodes.journal.account import AccountState, account_from_bytes, opened_account
from nodes.vocabulary.bookings import (
    BORROW,
    INTEREST,
    Allocated,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Fee,
    PaidIn,
    Renamed,
    SplitDone,
    Traded,
)
from nodes.vocabulary.errors import EdgeError
from tests.adapters.sql.journals import START, plan

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AT = datetime(2020, 3, 2, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """A log with accounts that trade."""

    folder: LogFolder
    book: Journal
    keeper: Bookkeeper

    def account(self, account_id: str = "demo") -> AccountState:
        with self.folder.store.reader() as reader:
            row = reader.account(account_id)
        assert row is not None
        return account_from_bytes(row.content)

    def booked(self, booking: Booking, key: str) -> Booked:
        return posted(self.keeper, booking, key)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    folder = log_folder(tmp_path, "paper")
    with folder.store.transaction() as transaction:
        transaction.append(genesis_entry("paper", folder.key.text, START))
        for account_id in ("demo", "client"):
            state = opened_account(account_id, Decimal(10_000))
            transaction.save_account(account_id, state)
            first = plan(account_id=account_id)
            transaction.append(replace(first, facts={**first.facts, "account_digest": state.digest}))
    found = journal(folder.store)
    yield Home(folder, found, Bookkeeper(found, store_append(folder.store), lambda: NOW, "ada"))
    found.file.close()
    folder.store.close()


def trade(quantity: int, price: int, **more: object) -> Traded:
    return Traded(origin_for("demo", AT), "AAA", Decimal(quantity), Decimal(price), "USD", **more)  # type: ignore[arg-type]  # of the test


def agrees(home: Home, account_id: str = "demo") -> None:
    """The account that trades and the journal are one."""
    state = home.account(account_id)
    assert home.book.cash(account_id) == {"USD": state.cash_usd}
    held = {each.symbol: (each.quantity, each.cost) for each in home.book.positions(account_id)}
    assert held == {each.symbol: (Decimal(each.position_shares), each.cost_usd) for each in state.holdings}
    assert state.imbalance_usd == 0


def test_every_kind_of_booking_leaves_account_and_journal_one(home: Home) -> None:
    at = origin_for("demo", AT)
    first = home.booked(trade(10, 50, fees=(Fee("Commission", Decimal("0.35")),)), "t1")
    bookings: list[Booking] = [
        PaidIn(at, Decimal(500), "USD"),
        trade(-3, 60),
        DividendPaid(at, "AAA", Decimal("1.40"), "USD"),
        Charged(at, INTEREST, Decimal("-2.17"), "USD"),
        Charged(at, BORROW, Decimal("0.40"), "USD", "AAA"),
        SplitDone(at, "AAA", 2, 1, Decimal(0), "USD"),
        Renamed(at, "AAA", "BBB"),
        Corrected(at, Decimal("-0.05"), "USD", why="as the statement has it"),
        Busted(replace(at, corrects=first.entry_key), trade(10, 51)),
    ]
    for number, booking in enumerate(bookings):
        assert home.booked(booking, f"k{number}").is_new
        agrees(home)
    assert home.book.check().is_sound
    home.folder.checkpoint()
    assert home.folder.verification().findings == ()


def test_the_same_key_books_once_and_answers_the_same(home: Home) -> None:
    paid = PaidIn(origin_for("demo", AT), Decimal(500), "USD")
    first = home.booked(paid, "k")
    again = home.booked(paid, "k")
    assert (again.entry_key, again.is_new) == (first.entry_key, False)
    assert [entry.postings for entry in again.entries] == [entry.postings for entry in first.entries]
    assert home.account().contributed_usd == 10_500
    with pytest.raises(EdgeError, match="key 'k' booked something else in entry"):
        home.booked(replace(paid, amount=Decimal(501)), "k")


def test_what_was_booked_is_what_the_journal_has(home: Home) -> None:
    booked = home.booked(trade(10, 50), "t")
    assert [home.book.entry(booked.entry_key)] == list(booked.entries)


def test_an_allocation_changes_every_account_that_it_names(home: Home) -> None:
    home.booked(trade(10, 50), "t")
    handed = Allocated(
        origin_for("demo", AT), "AAA", (("client", Decimal(4)),), (Fee("Commission", Decimal(1)),), "USD"
    )
    booked = home.booked(handed, "a")
    assert [entry.account_id for entry in booked.entries] == ["demo", "client"]
    for account_id in ("demo", "client"):
        agrees(home, account_id)
    assert home.account("client").position_shares("AAA") == 4
    with home.folder.store.reader() as reader:
        followed = [record.entry for record in reader.of_kind(EntryKind.CORRECTION)]
    assert [entry.facts["account_id"] for entry in followed] == ["client"]


@pytest.mark.parametrize(
    ("booking", "message"),
    [
        (Converted(origin_for("demo", AT), Decimal(1), "USD", Decimal(1), "EUR"), "trades whole shares in USD"),
        (Traded(origin_for("demo", AT), "AAA", Decimal("0.5"), Decimal(1), "USD"), "trades whole shares in USD"),
        (PaidIn(origin_for("demo", AT), Decimal(0), "USD"), "moves nothing in account demo"),
        (PaidIn(origin_for("demo", NOW + timedelta(days=1)), Decimal(1), "USD"), "is yet to come; book what has"),
        (Busted(origin_for("demo", AT, "nothing"), None), "takes back nothing, which is no trade"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_no_trace(home: Home, booking: Booking, message: str) -> None:
    before = home.book.caught_up()
    with pytest.raises(EdgeError, match=message):
        home.booked(booking, "k")
    assert home.book.caught_up() == before


def test_an_execution_is_not_booked_beside_itself(home: Home) -> None:
    home.booked(trade(10, 50, exec_id="x1"), "t")
    with pytest.raises(EdgeError, match="execution 'x1' of account demo is booked already"):
        home.booked(trade(10, 50, exec_id="x1"), "other")


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb"])
def test_a_key_is_printable_and_short(home: Home, key: str) -> None:
    with pytest.raises(EdgeError, match="give 1 to 128 printable characters"):
        home.booked(trade(1, 1), key)


def test_units_wait_for_the_first_plan(home: Home) -> None:
    with home.folder.store.transaction() as transaction:
        transaction.append(Entry(EntryKind.KILL_SWITCH, "paper", AT, NOW, {"account_id": "new"}))
        transaction.save_account("new", opened_account("new", Decimal(10)))
    with pytest.raises(EdgeError, match="account new has no day plan yet"):
        home.booked(replace(trade(1, 1), origin=origin_for("new", AT)), "k")


def test_an_account_that_does_not_trade_has_books_of_any_money(home: Home) -> None:
    home.booked(PaidIn(origin_for("fund", AT), Decimal(100), "EUR"), "k1")
    home.booked(Converted(origin_for("fund", AT), Decimal(40), "EUR", Decimal("43.21"), "USD"), "k2")
    assert home.book.cash("fund") == {"EUR": Decimal(60), "USD": Decimal("43.21")}


def test_a_key_that_put_an_entry_right_books_no_cash_that_puts_none_right(home: Home) -> None:
    """What is left out says something too: the same cash without the entry that it corrects is another booking."""
    first = home.booked(PaidIn(origin_for("demo", AT), Decimal(100), "USD"), "gift")
    naming = Corrected(origin_for("demo", AT, corrects=first.entry_key), Decimal(1), "USD", why="a dollar")
    home.booked(naming, "dollar")
    with pytest.raises(EdgeError, match="booked something else in entry") as refused:
        home.booked(Corrected(origin_for("demo", AT), Decimal(1), "USD", why="a dollar"), "dollar")
    assert refused.value.reason == "key-reused"
    assert not home.booked(naming, "dollar").is_new
