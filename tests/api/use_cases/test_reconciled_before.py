"""What an earlier statement told is told; what it left open may still come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from api.use_cases.reconciled_before import Earlier, untold
from nodes.vocabulary.statements import Movement, MovementKind

MONDAY, TUESDAY, WEDNESDAY = date(2013, 1, 7), date(2013, 1, 8), date(2013, 1, 9)
FEE = Movement(MovementKind.FEE, TUESDAY, amount=Decimal(-1), place="fee")


@pytest.mark.parametrize(
    ("earlier", "is_kept"),
    [
        ((), True),
        ((Earlier(MONDAY, TUESDAY, frozenset()),), False),
        ((Earlier(MONDAY, TUESDAY, frozenset({"fee"})),), True),
        ((Earlier(MONDAY, MONDAY, frozenset()),), True),
        ((Earlier(MONDAY, TUESDAY, frozenset({"fee"})), Earlier(TUESDAY, TUESDAY, frozenset())), False),
    ],
)
def test_a_movement_of_days_before_is_kept_where_no_statement_told_it(
    earlier: tuple[Earlier, ...], *, is_kept: bool
) -> None:
    assert untold([FEE], WEDNESDAY, earlier) == ((FEE,) if is_kept else ())


def test_movements_of_the_statements_own_days_are_always_kept() -> None:
    assert untold([FEE], TUESDAY, (Earlier(MONDAY, TUESDAY, frozenset()),)) == (FEE,)
