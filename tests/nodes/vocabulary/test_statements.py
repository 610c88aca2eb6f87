"""Movements: what they move, and what they do not tell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nodes.vocabulary.statements import Line, Movement, MovementKind

ON = date(2013, 1, 7)


@pytest.mark.parametrize(
    ("movement", "shares", "cash"),
    [
        (Movement(MovementKind.TRADE, ON, "AAPL", Decimal(5), Decimal(2), Decimal(1)), 5, Decimal(-11)),
        (Movement(MovementKind.TRADE, ON, "AAPL", Decimal(-5), Decimal(2)), -5, Decimal(10)),
        (Movement(MovementKind.TRADE, ON, "AAPL", Decimal(5)), 5, None),
        (Movement(MovementKind.SPLIT, ON, "AAPL", Decimal(600)), 600, Decimal(0)),
        (Movement(MovementKind.DIVIDEND, ON, "AAPL", Decimal(100), amount=Decimal(47)), 0, Decimal(47)),
        (Movement(MovementKind.DIVIDEND, ON, "AAPL"), 0, None),
        (Movement(MovementKind.CONVERSION, ON, "EUR", Decimal(100), Decimal("1.1")), 0, Decimal("-110.0")),
    ],
)
def test_shares_and_cash_follow_from_what_is_told(movement: Movement, shares: int, cash: Decimal | None) -> None:
    assert movement.shares == shares
    assert movement.cash == cash


def test_what_is_unexplained_is_what_the_breaks_leave() -> None:
    assert Line("AAPL", Decimal(10), Decimal(4), Decimal(5)).unexplained == 1
