"""Bookings and their entries as a statement would tell them: what moved, once, on its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from nodes.journal.ledger.booking import Books, effective
from nodes.journal.reconciliation.booked import booked_movements
from nodes.vocabulary.bookings import (
    BORROW,
    COMMISSION,
    INTEREST,
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
    Traded,
)
from nodes.vocabulary.journal import JournalEntry, LotMethod
from nodes.vocabulary.statements import Movement, MovementKind

AT = datetime(2013, 1, 7, 21, tzinfo=UTC)


def _origin(number: int, **more: str) -> Origin:
    at = AT + timedelta(days=number)
    return Origin(f"{number:064x}", "demo", at, at, **more)  # type: ignore[arg-type]  # only `corrects` is given


BOUGHT = Traded(_origin(1), "AAPL", Decimal(100), Decimal("10.50"), "USD", (Fee(COMMISSION, Decimal(1)),), "e1")


def _moved(*more: Booking) -> Sequence[Movement]:
    past: list[Booking] = [PaidIn(_origin(0), Decimal(10_000), "USD"), BOUGHT, *more]
    done: list[Booking] = []
    books = Books(LotMethod.AVERAGE, lambda _: tuple(done))
    entries: list[JournalEntry] = []
    for booking in past:
        entries += books.booked(booking)
        done.append(booking)
    found = booked_movements(effective(past), entries, lambda at: at.date())
    return [each for each in found if each.on > date(2013, 1, 7)]


def test_a_trade_has_its_price_fee_cash_and_execution() -> None:
    (found,) = _moved()
    assert found == Movement(
        MovementKind.TRADE,
        date(2013, 1, 8),
        "AAPL",
        Decimal(100),
        Decimal("10.50"),
        Decimal(1),
        Decimal("-1051.00"),
        reference="e1",
        place=BOUGHT.origin.key,
    )


def test_a_trade_that_was_taken_back_moves_nothing_and_one_put_right_what_is_right() -> None:
    assert _moved(Busted(_origin(2, corrects=BOUGHT.origin.key), None)) == []
    right = replace(BOUGHT, price=Decimal(11), exec_id="")
    (found,) = _moved(Busted(_origin(2, corrects=BOUGHT.origin.key), right))
    assert (found.price, found.on, found.reference) == (Decimal(11), date(2013, 1, 8), BOUGHT.origin.key[:24])


@pytest.mark.parametrize(
    ("booking", "kind", "symbol", "quantity", "amount"),
    [
        (DividendPaid(_origin(2), "AAPL", Decimal(47), "USD"), MovementKind.DIVIDEND, "AAPL", None, "47"),
        (SplitDone(_origin(2), "AAPL", 7, 1, Decimal(0), "USD"), MovementKind.SPLIT, "AAPL", "600", None),
        (Charged(_origin(2), BORROW, Decimal(3), "USD", "AAPL"), MovementKind.BORROW, "AAPL", None, "-3"),
        (Charged(_origin(2), INTEREST, Decimal(-2), "USD"), MovementKind.INTEREST, "", None, "2"),
        (Charged(_origin(2), COMMISSION, Decimal(5), "USD"), MovementKind.FEE, "", None, "-5"),
        (PaidIn(_origin(2), Decimal(-500), "USD"), MovementKind.TRANSFER, "", None, "-500"),
        (Corrected(_origin(2), Decimal("0.02"), "USD", why="rounding: x"), MovementKind.ADJUSTMENT, "", None, "0.02"),
        (
            Converted(_origin(2), Decimal(110), "USD", Decimal(100), "EUR"),
            MovementKind.CONVERSION,
            "EUR",
            "100",
            "-110",
        ),
    ],
)
def test_what_else_is_booked_moves_shares_or_cash(
    booking: Booking, kind: MovementKind, symbol: str, quantity: str | None, amount: str | None
) -> None:
    found = _moved(booking)[-1]
    assert (found.kind, found.symbol, found.place) == (kind, symbol, booking.origin.key)
    assert found.quantity == (None if quantity is None else Decimal(quantity))
    assert found.amount == (None if amount is None else Decimal(amount))


def test_a_split_with_cash_for_a_broken_share_moves_both() -> None:
    _, split, cash = _moved(SplitDone(_origin(2), "AAPL", 1, 3, Decimal("3.50"), "USD"))
    assert (split.kind, split.quantity, cash.kind, cash.amount) == (
        MovementKind.SPLIT,
        Decimal(-67),
        MovementKind.DIVIDEND,
        Decimal("3.50"),
    )


@pytest.mark.parametrize(
    "booking",
    [
        Renamed(_origin(2), "AAPL", "APPL"),
        Merged(_origin(2), "AAPL", "GOOG", Decimal(20), Decimal(0), Decimal(0), "USD"),
    ],
)
def test_shares_that_become_others_are_delivered_both_ways(booking: Booking) -> None:
    found = {each.symbol: each for each in _moved(booking)[1:]}
    assert {each.kind for each in found.values()} == {MovementKind.DELIVERY}
    assert found["AAPL"].quantity == -100
    assert len(found) == 2


def test_a_correction_that_names_an_entry_is_part_of_its_movement() -> None:
    paid = DividendPaid(_origin(2), "AAPL", Decimal(47), "USD")
    more = Corrected(_origin(3, corrects=paid.origin.key), Decimal(1), "USD", why="wrong-amount: x")
    (_, dividend) = _moved(paid, more)
    assert (dividend.kind, dividend.amount) == (MovementKind.DIVIDEND, Decimal(48))


def test_an_adjustment_tells_by_its_reference_what_it_was_for() -> None:
    (_, found) = _moved(Corrected(_origin(2), Decimal("0.02"), "USD", why="rounding: by the statement"))
    assert found.reference == "rounding"
