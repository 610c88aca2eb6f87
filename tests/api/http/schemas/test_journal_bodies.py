"""Bodies of bookings: each kind with the fields that it needs, and no others."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from api.http.problems import RequestError
from api.http.schemas.journal_bodies import BookingBody, booking_of_body
from governance.bookings import booking_facts
from nodes.vocabulary.bookings import Busted, Traded

TRADE = {"symbol": "AAA", "quantity": "-5", "price": "10.01"}
BODIES: tuple[dict[str, Any], ...] = (
    {"kind": "trade", **TRADE, "fees": [{"kind": "Commission", "amount": "1"}], "lots": ["k0"], "exec_id": "x"},
    {"kind": "bust", "corrects": "k0"},
    {"kind": "trade-correction", "corrects": "k0", **TRADE},
    {"kind": "dividend", "symbol": "AAA", "amount": "1.25"},
    {"kind": "split", "symbol": "AAA", "new_units": 3, "old_units": 2, "cash": "5"},
    {"kind": "spin-off", "symbol": "AAA", "new_symbol": "BBB", "quantity": "4", "frac": "0.25"},
    {"kind": "merger", "symbol": "AAA", "cash": "100", "frac": "1"},
    {"kind": "symbol-change", "symbol": "AAA", "new_symbol": "BBB"},
    {"kind": "charge", "expense": "Interest", "amount": "-2.50"},
    {"kind": "contribution", "amount": "5", "currency": "EUR"},
    {"kind": "conversion", "amount": "5", "bought": "6", "bought_currency": "EUR"},
    {"kind": "allocation", "symbol": "AAA", "shares": [{"account_id": "a", "quantity": "5"}]},
    {"kind": "correction", "cash": "-0.01", "why": "as stated"},
)


def body(**given: Any) -> BookingBody:
    return msgspec.convert({"as_of": "2020-01-02T21:00:00Z", **given}, BookingBody)


@pytest.mark.parametrize("given", BODIES, ids=lambda given: given["kind"])
def test_every_kind_becomes_a_booking_that_the_log_can_keep(given: dict[str, Any]) -> None:
    booking = booking_of_body(body(**given), "demo")
    assert booking_facts(booking)["account_id"] == "demo"
    assert booking.origin.corrects == given.get("corrects")


def test_a_corrected_trade_carries_the_true_one() -> None:
    booking = booking_of_body(body(**BODIES[2]), "demo")
    assert isinstance(booking, Busted)
    assert isinstance(booking.trade, Traded)
    assert booking.trade.quantity == -5


def test_every_field_that_is_missing_or_out_of_place_is_named() -> None:
    with pytest.raises(RequestError, match="3 of the booking's fields do not fit its kind") as refused:
        booking_of_body(body(kind="dividend", price="5"), "demo")
    wrong = {each["where"]: each["what"] for each in refused.value.members["errors"]}
    assert wrong == {
        "amount": "is missing; a dividend needs it",
        "symbol": "is missing; a dividend needs it",
        "price": "has no place in a dividend; leave it out",
    }


def test_an_instant_that_there_is_not_is_refused() -> None:
    with pytest.raises(RequestError, match="2020-13-02T21:00:00Z"):
        booking_of_body(body(kind="contribution", amount="1", as_of="2020-13-02T21:00:00Z"), "demo")


@pytest.mark.parametrize("amount", ["1e5", "NaN", "1.1234567", "", "1" * 13, "\u0661"])
def test_an_amount_is_plain_digits(amount: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="amount"):
        body(kind="contribution", amount=amount)
