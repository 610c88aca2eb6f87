"""Entries of money alone: each against the account that says what it was."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.journal.ledger.money import money_entry
from nodes.vocabulary.bookings import BORROW, INTEREST, Charged, Converted, DividendPaid, PaidIn
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import JournalKind
from tests.nodes.journal.ledger.ledgers import origin

TEN = Decimal(10)


@pytest.mark.parametrize(
    ("booking", "kind", "account", "amount"),
    [
        (DividendPaid(origin(0), "AAA", TEN, "USD"), JournalKind.DIVIDEND, "Income:Demo:Dividends:AAA", -10),
        (DividendPaid(origin(0), "AAA", -TEN, "USD"), JournalKind.DIVIDEND, "Income:Demo:Dividends:AAA", 10),
        (Charged(origin(0), BORROW, TEN, "USD", "AAA"), JournalKind.CHARGE, "Expenses:Demo:BorrowFees", 10),
        (Charged(origin(0), INTEREST, TEN, "USD"), JournalKind.INTEREST, "Expenses:Demo:Interest", 10),
        (Charged(origin(0), INTEREST, -TEN, "USD"), JournalKind.INTEREST, "Income:Demo:Interest", -10),
        (PaidIn(origin(0), TEN, "EUR"), JournalKind.CONTRIBUTION, "Equity:Demo:Contributions", -10),
        (PaidIn(origin(0), -TEN, "EUR"), JournalKind.CONTRIBUTION, "Equity:Demo:Contributions", 10),
    ],
)
def test_money_moves_against_what_it_was_for(
    booking: DividendPaid | Charged | PaidIn, kind: JournalKind, account: str, amount: int
) -> None:
    entry = money_entry(booking)
    money, against = entry.postings
    assert entry.kind is kind
    assert (money.account, money.quantity, money.commodity) == ("Assets:Demo:Cash", Decimal(-amount), booking.currency)
    assert (against.account, against.quantity) == (account, Decimal(amount))
    assert not entry.imbalances


def test_a_conversion_balances_in_both_currencies() -> None:
    entry = money_entry(Converted(origin(0), Decimal("110.37"), "USD", Decimal("100.01"), "EUR"))
    assert not entry.imbalances
    assert {(each.commodity, each.quantity) for each in entry.postings if each.account == "Assets:Demo:Cash"} == {
        ("USD", Decimal("-110.37")),
        ("EUR", Decimal("100.01")),
    }


@pytest.mark.parametrize(("sold", "bought", "into"), [(0, 1, "EUR"), (1, -1, "EUR"), (1, 1, "USD")])
def test_a_conversion_needs_two_amounts_of_two_currencies(sold: int, bought: int, into: str) -> None:
    with pytest.raises(DataError, match="is no conversion; state two positive amounts of two currencies"):
        money_entry(Converted(origin(0), Decimal(sold), "USD", Decimal(bought), into))
