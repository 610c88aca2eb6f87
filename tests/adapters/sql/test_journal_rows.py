"""Rows of the journal come back as what went in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

from adapters.sql.journal_rows import (
    booking_of_row,
    entry_of_row,
    entry_row,
    execution_of,
    lot_of_row,
    lot_rows,
    posting_of_row,
    posting_rows,
)
from nodes.journal.ledger.booking import Books
from nodes.vocabulary.bookings import Busted, Origin, PaidIn, Traded
from nodes.vocabulary.journal import LotMethod
from tests.adapters.sql.journals import START

ORIGIN = Origin("k0", "demo", START, START, b"\x01" * 32, (b"\x02" * 32, b"\x03" * 32), "k9")
TRADE = Traded(ORIGIN, "AAA", Decimal("3.5"), Decimal("10.01"), "USD", exec_id="x")


def test_an_entry_its_postings_and_its_booking_come_back() -> None:
    books = Books(LotMethod.FIFO)
    (entry,) = books.booked(TRADE)
    row = SimpleNamespace(**entry_row(1, 2, entry, TRADE))
    postings = [posting_of_row(SimpleNamespace(**each)) for each in posting_rows(1, entry)]
    assert entry_of_row(row, postings) == entry
    assert booking_of_row(row) == TRADE
    lots = books.held("demo", "AAA")
    assert tuple(lot_of_row(SimpleNamespace(**each)) for each in lot_rows("demo", "AAA", lots)) == lots


def test_a_price_remarked_on_a_posting_comes_back() -> None:
    books = Books(LotMethod.FIFO)
    books.booked(TRADE)
    (entry,) = books.booked(replace(TRADE, origin=replace(ORIGIN, key="k1"), quantity=Decimal(-1)))
    assert tuple(posting_of_row(SimpleNamespace(**each)) for each in posting_rows(2, entry)) == entry.postings


def test_the_execution_of_a_booking_is_that_of_its_trade() -> None:
    assert execution_of(TRADE) == "x"
    assert execution_of(Busted(ORIGIN, TRADE)) == "x"
    assert execution_of(Busted(ORIGIN, None)) is None
    assert execution_of(PaidIn(ORIGIN, Decimal(1), "USD")) is None
