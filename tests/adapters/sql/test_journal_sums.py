"""Sums grow by what is booked, and an instant cuts them where it should."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.sql.journal import JournalFile
from adapters.sql.journal_sums import SumsToBe
from nodes.journal.ledger.money import money_entry
from nodes.vocabulary.bookings import Origin, PaidIn
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.journal import cash_account
from tests.adapters.sql.journals import at, booking_entry, log_of

CASH = cash_account("demo")


def paid(day: int, amount: int) -> PaidIn:
    return PaidIn(Origin(f"k{day}", "demo", at(day), at(day)), Decimal(amount), "USD")


def test_what_a_batch_adds_is_known_before_it_is_written() -> None:
    sums = SumsToBe()
    sums.add(money_entry(paid(0, 5)))
    assert sums.quantity("demo", CASH, "USD") == 5
    assert sums.quantity("demo", CASH, "EUR") == 0


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> JournalFile:
    """One paid in on each of the days 0, 1, 63, 64, 65, 128 and 700, in another order."""
    path: Path = tmp_path_factory.mktemp("sums")
    days = (0, 1, 63, 64, 65, 128, 700)
    store = log_of(path, [booking_entry(paid(day, 1)) for day in days])
    found = JournalFile(None)
    found.catch_up(store)
    return found


@pytest.mark.parametrize(
    ("day", "amount"),
    [(-1, 0), (0, 1), (1, 2), (62, 2), (63, 3), (64, 4), (65, 5), (127, 5), (128, 6), (699, 6), (701, 7)],
)
def test_days_and_blocks_of_days_add_up_to_the_instant(file: JournalFile, day: int, amount: int) -> None:
    found = {each.account: each.quantity for each in file.balances("demo", instant_ns(at(day)))}
    assert found.get(CASH, Decimal(0)) == amount


def test_a_nanosecond_before_it_was_true_is_before(file: JournalFile) -> None:
    found = {each.account: each.quantity for each in file.balances("demo", instant_ns(at(64)) - 1)}
    assert found[CASH] == 3
