"""The report of a reconciliation: exact numbers as text, a name that lasts, corrections in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from adapters.statements.reading import Asked
from api.use_cases.reconciliation_report import booking_text, report
from api.use_cases.reconciling import Finding, Reconciled, StatementFile
from nodes.journal.reconciliation.causes import pair_breaks
from nodes.journal.reconciliation.corrections import Correction
from nodes.vocabulary.bookings import (
    BORROW,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Merged,
    Origin,
    PaidIn,
    SplitDone,
    Traded,
)
from nodes.vocabulary.statements import Line, Movement, MovementKind, Reconciliation, Terms
from policies.reconciliation import Treatment, shipped_reconciliation
from policies.statements import shipped_mapping

ON = date(2013, 1, 7)
ORIGIN = Origin("", "demo", datetime(2013, 1, 7, tzinfo=UTC), datetime(2013, 1, 7, tzinfo=UTC))
TRADE = Traded(ORIGIN, "IBM", Decimal(100), Decimal("192.50"), "USD")
BOOKED = Movement(
    MovementKind.TRADE, ON, "IBM", Decimal(100), Decimal("192.50"), Decimal("0.10"), Decimal("-19250.10"), place="k1"
)


def _reconciled(treatment: Treatment = Treatment.CORRECT) -> Reconciled:
    stated = replace(BOOKED, fee=Decimal("1E-1") + 1, amount=Decimal("-19251.10"), place="line 2")
    (found,) = pair_breaks(stated, BOOKED, Terms(known_symbols=frozenset({"IBM"})), ON)
    mend = Correction("cor-1", ON, (0,), Busted(ORIGIN, TRADE))
    finding = Finding("brk-1", found, treatment, ON, 9, "over 5", is_overdue=True, correction=mend)
    lines = (Line("USD", Decimal("98.90"), Decimal("99.90"), Decimal(-1)),)
    result = Reconciliation("demo", ON, ON, 1, 1, 1, (found,), None, lines)
    file = StatementFile(b"a file", shipped_mapping("statement-csv"), Asked("demo"))
    return Reconciled(result, (finding,), file, shipped_reconciliation(), 42)


def test_numbers_are_exact_texts_and_what_is_not_told_is_null() -> None:
    found = report(_reconciled(), "2013-01-16")
    (told,) = found.breaks
    assert (told.cash, told.shares, found.at_stake) == ({"USD": "-1.00"}, {}, {"USD": "1.00"})
    assert told.stated is not None
    assert (told.stated.fee, told.stated.reference, told.stated.place) == ("1.1", None, "line 2")
    assert found.positions is None
    assert found.balances is not None
    assert found.balances[0].unexplained == "0.00"
    assert (found.causes, found.n_postable, found.n_overdue, found.log_size) == ({"wrong-fee": 1}, 1, 1, 42)


def test_a_correction_is_shown_only_where_it_may_be_posted() -> None:
    assert report(_reconciled(), "2013-01-16").breaks[0].correction_id == "cor-1"
    (kept,) = report(_reconciled(Treatment.REVIEW), "2013-01-16").breaks
    assert (kept.correction_id, kept.correction) == (None, None)


def test_the_name_follows_from_statement_day_and_outcome_not_from_the_size_of_the_log() -> None:
    found = _reconciled()
    name = report(found, "2013-01-16").reconciliation_id
    assert report(replace(found, log_size=43), "2013-01-16").reconciliation_id == name
    assert report(found, "2013-01-17").reconciliation_id != name
    other = replace(found, file=replace(found.file, data=b"another file"))
    assert report(other, "2013-01-16").reconciliation_id != name


@pytest.mark.parametrize(
    ("booking", "text"),
    [
        (TRADE, "book the trade: buy 100 IBM at 192.50 USD"),
        (Busted(ORIGIN, None), "take the trade back"),
        (Busted(ORIGIN, TRADE), "put the trade right: buy 100 IBM at 192.50 USD"),
        (DividendPaid(ORIGIN, "IBM", Decimal(85), "USD"), "book a dividend of 85 USD on IBM"),
        (SplitDone(ORIGIN, "IBM", 7, 1, Decimal(0), "USD"), "book a split of IBM, 7 for 1"),
        (Charged(ORIGIN, BORROW, Decimal(3), "USD"), "book a charge of 3 USD"),
        (PaidIn(ORIGIN, Decimal(5), "USD"), "book 5 USD as paid in"),
        (Converted(ORIGIN, Decimal(11), "USD", Decimal(10), "EUR"), "book 10 EUR for 11 USD"),
        (Corrected(ORIGIN, Decimal("-0.02"), "USD"), "correct cash by -0.02 USD"),
        (Merged(ORIGIN, "IBM", "", Decimal(0), Decimal(1), Decimal(1), "USD"), "book a Merged"),
    ],
)
def test_every_correction_can_be_said(booking: Booking, text: str) -> None:
    assert booking_text(booking) == text
