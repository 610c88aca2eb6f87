"""Names of breaks that last, and their ages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nodes.journal.reconciliation.ages import age_class, age_days, break_ids
from nodes.vocabulary.statements import Break, Cause, Movement, MovementKind

ON = date(2013, 1, 7)
FILL = Movement(MovementKind.TRADE, ON, "AAPL", Decimal(100), Decimal("10.0"), place="line 4")
MISSING = Break(Cause.MISSING_FILL, ON, "AAPL", "USD", stated=FILL)


def test_a_break_keeps_its_name_wherever_the_file_tells_it_and_however_it_writes_numbers() -> None:
    moved = replace(MISSING, stated=replace(FILL, place="line 9", price=Decimal("10.00")))
    assert break_ids("demo", [MISSING]) == break_ids("demo", [moved])


def test_equal_breaks_have_names_of_their_own() -> None:
    assert len(set(break_ids("demo", [MISSING, MISSING]))) == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(MISSING, cause=Cause.UNKNOWN_SYMBOL),
        replace(MISSING, on=date(2013, 1, 8)),
        replace(MISSING, stated=replace(FILL, quantity=Decimal(101))),
        replace(MISSING, stated=None, booked=FILL),
        replace(MISSING, stated=None, cash=(("USD", Decimal(1)),)),
    ],
)
def test_another_break_has_another_name(other: Break) -> None:
    assert break_ids("demo", [other]) != break_ids("demo", [MISSING])
    assert break_ids("other", [MISSING]) != break_ids("demo", [MISSING])


@pytest.mark.parametrize(
    ("days", "name"), [(0, "0-1"), (1, "0-1"), (2, "2-3"), (3, "2-3"), (4, "4"), (5, "over 4"), (99, "over 4")]
)
def test_an_age_is_in_the_class_that_its_bounds_include(days: int, name: str) -> None:
    assert age_class(days, (1, 3, 4)) == name


def test_a_break_is_as_old_as_it_was_seen_and_never_younger_than_new() -> None:
    assert (age_days(ON, date(2013, 1, 10)), age_days(ON, date(2013, 1, 1))) == (3, 0)
