"""Every cause has its sentence, with both values where both sides have one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nodes.journal.reconciliation.words import break_text, movement_text, number_text
from nodes.vocabulary.statements import Break, Cause, Movement, MovementKind

ON = date(2013, 1, 7)
FILL = Movement(MovementKind.TRADE, ON, "AAPL", Decimal(-100), Decimal("10.10"))
PAIR = Break(Cause.WRONG_PRICE, ON, "AAPL", "USD", stated=FILL, booked=FILL, detail=("10.11", "10.1"))
END = Break(Cause.POSITION, ON, "AAPL", "", detail=("700", "100"))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (PAIR, "price of a sale of 100 AAPL at 10.10 USD: the statement says 10.11, the books 10.1"),
        (replace(PAIR, cause=Cause.TIMING), "day of a sale of 100 AAPL at 10.10 USD: the statement says 10.11"),
        (
            replace(PAIR, cause=Cause.MISSING_FILL, booked=None),
            "the statement tells a sale of 100 AAPL at 10.10 USD",
        ),
        (
            replace(PAIR, cause=Cause.DUPLICATE, booked=None),
            "tells a sale of 100 AAPL at 10.10 USD twice",
        ),
        (replace(PAIR, cause=Cause.UNCONFIRMED, stated=None), "the books have a sale of 100 AAPL at 10.10 USD, the"),
        (replace(PAIR, cause=Cause.UNKNOWN_SYMBOL, booked=None), "a symbol that nobody here knows"),
        (END, "position of AAPL, which no movement explains: the statement says 700, the books 100"),
        (replace(END, cause=Cause.MISSING_SPLIT), "position of AAPL, as after a split that nobody booked"),
        (replace(END, cause=Cause.CASH_ONLY, symbol="", currency="EUR"), "cash in EUR, which no movement explains"),
        (
            Break(Cause.ROUNDING, ON, "", "USD", cash=(("USD", Decimal("0.02")),)),
            "rounding of matched lines comes to 0.02 USD",
        ),
    ],
)
def test_a_break_is_said_in_a_sentence(found: Break, text: str) -> None:
    assert text in break_text(found)


@pytest.mark.parametrize("cause", [*Cause])
def test_every_cause_of_a_pair_and_of_one_side_can_be_said(cause: Cause) -> None:
    one_sided = {Cause.POSITION, Cause.CASH_ONLY, Cause.ROUNDING}
    if cause not in one_sided:
        assert "AAPL" in break_text(replace(PAIR, cause=cause, booked=None))


@pytest.mark.parametrize(
    ("movement", "text"),
    [
        (Movement(MovementKind.INTEREST, ON, amount=Decimal("-1.50")), "interest of -1.50 USD"),
        (Movement(MovementKind.SPLIT, ON, "AAPL", Decimal(600)), "a split of AAPL of 600 shares"),
        (Movement(MovementKind.DIVIDEND, ON, "AAPL", amount=Decimal(47)), "a dividend of AAPL of 47 USD"),
        (Movement(MovementKind.TRADE, ON, "AAPL", Decimal(5)), "a purchase of 5 AAPL"),
        (Movement(MovementKind.FEE, ON), "a fee"),
    ],
)
def test_a_movement_is_said_in_a_few_words(movement: Movement, text: str) -> None:
    assert movement_text(movement) == text


@pytest.mark.parametrize(("value", "text"), [("1E+3", "1000"), ("0.5", "0.50"), ("1.2300", "1.23"), ("-7", "-7")])
def test_a_number_is_said_without_an_exponent(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text
