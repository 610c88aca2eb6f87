"""What is booked: fees add up, and every kind of expense is one that has an account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from nodes.vocabulary.bookings import COMMISSION, EXPENSES, VENUE, Fee, Origin, Traded

AT = datetime(2020, 1, 2, 21, tzinfo=UTC)


def test_fees_of_a_trade_add_up_with_rebates_taken_off() -> None:
    fees = (Fee(COMMISSION, Decimal("1.00")), Fee(VENUE, Decimal("-0.25")))
    found = Traded(Origin("k0", "demo", AT, AT), "AAA", Decimal(1), Decimal(1), "USD", fees)
    assert found.fees_total == Decimal("0.75")
    assert {fee.kind for fee in fees} <= set(EXPENSES)
