"""What is booked for each break, and what is left to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from nodes.journal.reconciliation.causes import only_booked, only_stated, pair_breaks, repetition
from nodes.journal.reconciliation.corrections import Books, Correction, corrections
from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    INTEREST,
    REGULATORY,
    VENUE,
    Booking,
    Busted,
    Charged,
    Converted,
    Corrected,
    DividendPaid,
    Fee,
    Origin,
    PaidIn,
    SplitDone,
    Traded,
)
from nodes.vocabulary.statements import Break, Cause, Form, Movement, MovementKind, Side, Terms

ON = date(2013, 1, 7)
ORIGIN = Origin("", "demo", datetime(2013, 1, 7, tzinfo=UTC), datetime(2013, 1, 7, tzinfo=UTC))
KEY = "f1" * 32
FEES = (Fee(COMMISSION, Decimal(1)), Fee(VENUE, Decimal("-0.20")))
HELD = Traded(replace(ORIGIN, key=KEY), "AAPL", Decimal(100), Decimal(10), "USD", FEES, "e1")
BOOKED = Movement(
    MovementKind.TRADE, ON, "AAPL", Decimal(100), Decimal(10), Decimal("0.80"), Decimal("-1000.80"), place=KEY
)
TERMS = Terms(known_symbols=frozenset({"AAPL", "EUR"}))
BOOKS = Books({KEY: HELD}, {"AAPL": ON}, {"AAPL": Decimal(100)}, shares_references=True)


def _of(*breaks: Break, books: Books = BOOKS) -> list[Booking]:
    return [each.booking for each in corrections(breaks, ORIGIN, books)]


def _pair(**changed: Decimal | str) -> tuple[Break, ...]:
    told = replace(BOOKED, amount=None, place="line 2", **changed)  # type: ignore[arg-type]  # fields by name
    return pair_breaks(replace(told, amount=told.cash), BOOKED, TERMS, ON)


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({"price": Decimal("10.01")}, replace(HELD, price=Decimal("10.01"))),
        ({"quantity": Decimal(90)}, replace(HELD, quantity=Decimal(90))),
        ({"quantity": Decimal(-100)}, replace(HELD, quantity=Decimal(-100))),
        ({"fee": Decimal("1.05")}, replace(HELD, fees=(Fee(COMMISSION, Decimal("1.25")), FEES[1]))),
        ({"fee": Decimal("-0.20")}, replace(HELD, fees=FEES[1:])),
        (
            {"price": Decimal("10.01"), "fee": Decimal("1.80")},
            replace(HELD, price=Decimal("10.01"), fees=(Fee(COMMISSION, Decimal(2)), FEES[1])),
        ),
    ],
)
def test_a_trade_that_was_told_wrongly_is_put_right_as_a_whole(changed: dict[str, Decimal], right: Traded) -> None:
    (found,) = _of(*_pair(**changed))
    origin = replace(ORIGIN, corrects=KEY)
    assert found == Busted(origin, replace(right, origin=origin, exec_id=""))


def test_an_amount_that_does_not_add_up_is_corrected_by_its_difference() -> None:
    breaks = pair_breaks(replace(BOOKED, amount=Decimal("-1000.81")), BOOKED, TERMS, ON)
    (found,) = _of(*breaks)
    assert isinstance(found, Corrected)
    assert (found.cash, found.origin.corrects, found.why) == (
        Decimal("-0.01"),
        KEY,
        "wrong-amount: by the statement of 2013-01-07",
    )


def test_a_trade_that_only_the_books_have_is_taken_back() -> None:
    assert _of(only_booked(BOOKED)) == [Busted(replace(ORIGIN, corrects=KEY), None)]
    assert _of(repetition(BOOKED, Side.BOOKS)) == [Busted(replace(ORIGIN, corrects=KEY), None)]
    dividend = Movement(MovementKind.DIVIDEND, ON, "AAPL", amount=Decimal(47), place="d1")
    (found,) = _of(only_booked(dividend))
    assert isinstance(found, Corrected)
    assert (found.cash, found.origin.corrects) == (Decimal(-47), "d1")


def _told(kind: MovementKind, **told: object) -> Break:
    return only_stated(replace(Movement(kind, ON, reference="r1"), **told), TERMS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "booking"),
    [
        (
            _told(MovementKind.TRADE, symbol="AAPL", quantity=Decimal(5), price=Decimal(10), fee=Decimal(1)),
            Traded(ORIGIN, "AAPL", Decimal(5), Decimal(10), "USD", (Fee(COMMISSION, Decimal(1)),), "r1"),
        ),
        (
            _told(MovementKind.TRADE, symbol="AAPL", quantity=Decimal(5), amount=Decimal(-50)),
            Traded(ORIGIN, "AAPL", Decimal(5), Decimal(10), "USD", (), "r1"),
        ),
        (
            _told(MovementKind.DIVIDEND, symbol="AAPL", amount=Decimal(47)),
            DividendPaid(ORIGIN, "AAPL", Decimal(47), "USD"),
        ),
        (_told(MovementKind.FEE, amount=Decimal(-3)), Charged(ORIGIN, REGULATORY, Decimal(3), "USD")),
        (
            _told(MovementKind.BORROW, symbol="AAPL", amount=Decimal(-3)),
            Charged(ORIGIN, BORROW, Decimal(3), "USD", "AAPL"),
        ),
        (_told(MovementKind.INTEREST, amount=Decimal(2)), Charged(ORIGIN, INTEREST, Decimal(-2), "USD")),
        (_told(MovementKind.TRANSFER, amount=Decimal(500)), PaidIn(ORIGIN, Decimal(500), "USD")),
        (
            _told(MovementKind.CONVERSION, symbol="EUR", quantity=Decimal(100), price=Decimal("1.10")),
            Converted(ORIGIN, Decimal("110.00"), "USD", Decimal(100), "EUR"),
        ),
        (
            _told(MovementKind.CONVERSION, symbol="EUR", quantity=Decimal(-100), price=Decimal("1.10")),
            Converted(ORIGIN, Decimal(100), "EUR", Decimal("110.00"), "USD"),
        ),
        (
            _told(MovementKind.SPLIT, symbol="AAPL", quantity=Decimal(600)),
            SplitDone(ORIGIN, "AAPL", 7, 1, Decimal(0), "USD"),
        ),
        (
            Break(Cause.MISSING_SPLIT, ON, "AAPL", "", shares=(("AAPL", Decimal(-50)),)),
            SplitDone(ORIGIN, "AAPL", 1, 2, Decimal(0), "USD"),
        ),
    ],
)
def test_what_the_books_lack_is_booked_as_what_it_is(found: Break, booking: Booking) -> None:
    assert _of(found) == [booking]


@pytest.mark.parametrize(
    "found",
    [
        _told(MovementKind.TRADE, symbol="AAPL", quantity=Decimal(5)),
        _told(MovementKind.TRADE, symbol="AAPL", quantity=Decimal(3), amount=Decimal(-100)),
        _told(MovementKind.TRADE, symbol="AAPL"),
        _told(MovementKind.DIVIDEND, symbol="AAPL"),
        _told(MovementKind.DELIVERY, symbol="AAPL", quantity=Decimal(5)),
        _told(MovementKind.SPLIT, symbol="MSFT", quantity=Decimal(5)),
        _told(MovementKind.SPLIT, symbol="AAPL", quantity=Decimal(1)),
        _told(MovementKind.CONVERSION, symbol="EUR", quantity=Decimal(100)),
        Break(Cause.POSITION, ON, "AAPL", "", shares=(("AAPL", Decimal(5)),)),
        repetition(BOOKED, Side.STATEMENT),
        only_booked(replace(BOOKED, place="k1 k2")),
        *_pair(symbol="MSFT"),
    ],
)
def test_where_the_statement_does_not_tell_enough_nothing_is_proposed(found: Break) -> None:
    assert _of(found) == []


def test_a_split_after_which_the_shares_were_traded_is_left_to_a_person() -> None:
    later = replace(BOOKS, last_traded_on={"AAPL": date(2013, 1, 8)})
    assert _of(_told(MovementKind.SPLIT, symbol="AAPL", quantity=Decimal(600)), books=later) == []


def test_a_line_that_stands_for_several_trades_is_left_to_a_person() -> None:
    breaks = pair_breaks(replace(BOOKED, price=Decimal(11), amount=None), replace(BOOKED, place="k1 k2"), TERMS, ON)
    assert breaks
    assert _of(*breaks) == []


def test_timing_is_mended_by_nothing_and_hinders_nothing() -> None:
    told = replace(BOOKED, on=date(2013, 1, 8), fee=Decimal("1.80"), amount=Decimal("-1001.80"))
    (found,) = corrections(pair_breaks(told, BOOKED, TERMS, ON), ORIGIN, BOOKS)
    assert isinstance(found.booking, Busted)
    assert found.mends == (0,)


def test_rounding_and_cash_without_a_reason_are_corrected_at_the_end() -> None:
    for cause in (Cause.ROUNDING, Cause.CASH_ONLY):
        (found,) = _of(Break(cause, ON, "", "USD", cash=(("USD", Decimal("0.02")),)))
        assert isinstance(found, Corrected)
        assert (found.cash, found.why.partition(":")[0]) == (Decimal("0.02"), cause.value)


def test_the_name_of_a_correction_follows_from_what_it_mends() -> None:
    def named(*breaks: Break) -> list[str]:
        found: tuple[Correction, ...] = corrections(breaks, ORIGIN, BOOKS)
        return [each.correction_id for each in found]

    one, other = (_told(MovementKind.FEE, amount=Decimal(amount)) for amount in ("-3", "-4"))
    assert named(one) == named(one)
    assert len(set(named(one, other))) == 2


def test_a_pair_of_cash_in_rounded_form_is_corrected_by_its_whole_difference() -> None:
    booked = Movement(MovementKind.DIVIDEND, ON, "AAPL", amount=Decimal(47), place="d1")
    terms = replace(TERMS, form=Form(amount_decimals=2))
    (found,) = _of(*pair_breaks(replace(booked, amount=Decimal(48)), booked, terms, ON))
    assert isinstance(found, Corrected)
    assert (found.cash, found.origin.corrects) == (Decimal(1), "d1")
