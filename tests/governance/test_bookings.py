"""What the log books: fills, actions and charges by themselves, everything else by a JOURNAL entry (JRN-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from governance.bookings import BOOKED, Lookup, booking_facts, booking_from_facts, booking_of
from governance.entries import Entry, EntryKind, entry_from_data
from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    REGULATORY,
    VENUE,
    Allocated,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Fee,
    Merged,
    Origin,
    PaidIn,
    Renamed,
    SplitDone,
    SpunOff,
    Traded,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import JournalKind

AT = datetime(2020, 1, 2, 21, tzinfo=UTC)
FILL = {
    "account_id": "demo",
    "decision_id": b"\x01" * 32,
    "symbol": "AAA",
    "fill_shares": -10,
    "fill_price_usd": Decimal("5.01"),
    "commission_usd": Decimal("1.00"),
    "sell_fee_usd": Decimal("0.02"),
    "venue_fee_usd": Decimal("-0.03"),
    "exec_id": "x1",
}
ORIGIN = Origin("key", "demo", AT, AT)
ONE = Decimal(1)
NEW = Lookup(lambda _: Decimal(0), lambda _account, _exec: None)
KNOWN = Lookup(lambda _: None, lambda _account, exec_id: f"key-of-{exec_id}")
BOOKINGS = (
    Traded(ORIGIN, "AAA", ONE, ONE, "USD", (Fee(COMMISSION, ONE),), "x", ("lot",)),
    Busted(replace(ORIGIN, corrects="k0"), None),
    Busted(replace(ORIGIN, corrects="k0"), Traded(replace(ORIGIN, corrects="k0"), "AAA", ONE, ONE, "USD")),
    DividendPaid(ORIGIN, "AAA", ONE, "USD"),
    SplitDone(ORIGIN, "AAA", 3, 2, ONE, "USD"),
    SpunOff(ORIGIN, "AAA", "BBB", ONE, ONE, ONE, "USD"),
    Merged(ORIGIN, "AAA", "BBB", ONE, ONE, ONE, "USD"),
    Merged(ORIGIN, "AAA", "", Decimal(0), ONE, ONE, "USD", JournalKind.DELISTING),
    Renamed(ORIGIN, "AAA", "BBB"),
    Charged(ORIGIN, BORROW, ONE, "USD", "AAA"),
    PaidIn(ORIGIN, ONE, "EUR"),
    Converted(ORIGIN, ONE, "USD", ONE, "EUR"),
    Allocated(ORIGIN, "AAA", (("a", ONE), ("b", ONE)), (Fee(VENUE, ONE),), "USD"),
    Corrected(ORIGIN, ONE, "USD", "AAA", ONE, ONE, "why"),
)


def booked(kind: EntryKind, facts: Mapping[str, Any], known: Lookup = NEW) -> Booking | None:
    return booking_of(Entry(kind, "paper", AT, AT, facts), "key", known)


def test_a_fill_is_a_trade_with_each_fee_on_its_own() -> None:
    found = booked(EntryKind.FILL, FILL)
    fees = (Fee(COMMISSION, ONE), Fee(REGULATORY, Decimal("0.02")), Fee(VENUE, Decimal("-0.03")))
    origin = replace(ORIGIN, decision_id=b"\x01" * 32)
    assert found == Traded(origin, "AAA", Decimal(-10), Decimal("5.01"), "USD", fees, "x1")


def test_an_execution_is_booked_once() -> None:
    assert booked(EntryKind.FILL, FILL, KNOWN) is None
    assert booked(EntryKind.JOURNAL, booking_facts(BOOKINGS[0]), KNOWN) is None


@pytest.mark.parametrize(
    ("facts", "booking"),
    [
        ({"action": "split", "new_shares": 7, "old_shares": 1}, SplitDone(ORIGIN, "AAA", 7, 1, ONE, "USD")),
        ({"action": "dividend", "dividend_usd": ONE}, DividendPaid(ORIGIN, "AAA", ONE, "USD")),
        (
            {"action": "delisting"},
            Merged(ORIGIN, "AAA", "", Decimal(0), ONE, ONE, "USD", JournalKind.DELISTING),
        ),
    ],
)
def test_corporate_actions_book_what_they_paid(facts: dict[str, Any], booking: Booking) -> None:
    told = {"account_id": "demo", "symbol": "AAA", "cash_change_usd": ONE, **facts}
    assert booked(EntryKind.CORPORATE_ACTION, told) == booking


def test_a_dividend_that_paid_nothing_is_not_booked() -> None:
    told = {"account_id": "demo", "symbol": "AAA", "cash_change_usd": Decimal(0), "action": "dividend"}
    assert booked(EntryKind.CORPORATE_ACTION, told) is None


def test_a_charge_is_a_borrow_fee() -> None:
    told = {"account_id": "demo", "symbol": "AAA", "fee_usd": ONE}
    assert booked(EntryKind.CHARGE, told) == Charged(ORIGIN, BORROW, ONE, "USD", "AAA")


def test_the_first_plan_says_what_was_paid_in_and_later_ones_nothing() -> None:
    told = {"account_id": "demo", "equity_usd": Decimal(1000)}
    lacking = NEW._replace(cash=lambda _: Decimal(400))
    assert booked(EntryKind.PLAN, told) == PaidIn(ORIGIN, Decimal(1000), "USD")
    assert booked(EntryKind.PLAN, told, lacking) == PaidIn(ORIGIN, Decimal(600), "USD")
    assert booked(EntryKind.PLAN, told, KNOWN) is None


def test_a_bust_names_the_trade_of_its_execution() -> None:
    told = {"account_id": "demo", "exec_type": "H", "exec_ref_id": "x1", "exec_id": "x2"}
    found = booked(EntryKind.CORRECTION, told, KNOWN)
    assert found == Busted(replace(ORIGIN, corrects="key-of-x1"), None)


def test_a_corrected_execution_says_what_it_should_have_been() -> None:
    told = {**FILL, "exec_type": "G", "exec_ref_id": "x1", "exec_id": "x2", "fill_price_usd": Decimal("5.00")}
    found = booked(EntryKind.CORRECTION, told, KNOWN)
    assert isinstance(found, Busted)
    assert found.origin.corrects == "key-of-x1"
    assert found.trade is not None
    assert (found.trade.price, found.trade.exec_id) == (Decimal("5.00"), "x2")


def test_an_execution_that_nobody_booked_cannot_be_taken_back() -> None:
    told = {"account_id": "demo", "exec_type": "H", "exec_ref_id": "x1"}
    with pytest.raises(DataError, match="execution 'x1' is none that is booked"):
        booked(EntryKind.CORRECTION, told)


@pytest.mark.parametrize("kind", [EntryKind.DECISION, EntryKind.CORRECTION, EntryKind.EXPIRY])
def test_what_moves_nothing_is_not_booked(kind: EntryKind) -> None:
    assert booked(kind, {"account_id": "demo", "reason": "why"}) is None


def test_a_fill_that_does_not_say_what_is_refused() -> None:
    with pytest.raises(DataError, match="fill entry key does not say what to book: KeyError"):
        booked(EntryKind.FILL, {"account_id": "demo", "symbol": "AAA"})


@pytest.mark.parametrize("booking", BOOKINGS, ids=lambda each: type(each).__name__)
def test_a_booking_comes_back_from_the_log_as_it_went_in(booking: Booking) -> None:
    written = Entry(EntryKind.JOURNAL, "paper", AT, AT, booking_facts(booking))
    assert booking_of(entry_from_data(written.data), "key", NEW) == booking


@pytest.mark.parametrize("booking", BOOKINGS, ids=lambda each: type(each).__name__)
def test_a_booking_with_a_fact_of_another_type_is_refused(booking: Booking) -> None:
    facts = booking_facts(booking)
    for name in (item.name for item in fields(booking) if item.name != "origin"):
        with pytest.raises(DataError, match="book nothing"):
            booking_from_facts(ORIGIN, {**facts, name: b"bytes"})


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {BOOKED: "gift"},
        booking_facts(BOOKINGS[0]) | {"fees": (("Bribe", ONE),)},
        booking_facts(BOOKINGS[0]) | {"fees": (("Commission", "1"),)},
        booking_facts(BOOKINGS[0]) | {"price": Decimal("NaN")},
        booking_facts(BOOKINGS[9]) | {"kind": "Bribe"},
    ],
)
def test_facts_that_are_no_booking_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="book nothing"):
        booking_from_facts(ORIGIN, facts)
