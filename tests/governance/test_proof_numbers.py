"""One of two numbers by a condition is of the class and the sort that both fit into."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
import z3

from governance.proof_numbers import UnreadableError, as_base, base_of, flag, joined, wider
from governance.proof_terms import Term

CONDITION = z3.Bool("condition")


def test_a_side_without_a_value_has_none_there() -> None:
    known = Term(int, z3.Int("n"), known=True)
    assert joined(CONDITION, None, None) is None
    assert joined(CONDITION, known, None).known is CONDITION
    assert str(joined(CONDITION, None, 3).known) == "Not(condition)"


def test_two_classes_are_not_taken_for_one_another() -> None:
    """ENG-08: the engine finds an int where an amount is wanted to be no value, and unknown denies."""
    assert joined(CONDITION, 1, 2).base is int
    with pytest.raises(UnreadableError, match="gives a int on one of its ways and a Decimal on another"):
        joined(CONDITION, 1, Decimal("1.5"))


def test_two_classes_meet_in_the_wider_one() -> None:
    assert wider(1, 2.5, is_quotient=False) is float
    assert wider(1, 2, is_quotient=True) is float
    assert wider(*(True, False), is_quotient=False) is bool


def test_truth_values_count_as_one_and_nothing() -> None:
    assert str(as_base(int, Term(bool, CONDITION, known=True))) == "If(condition, 1, 0)"
    assert flag(*[True]) is True
    assert flag(CONDITION).base is bool


def test_what_is_no_number_says_so() -> None:
    with pytest.raises(UnreadableError, match="gives a str"):
        base_of("text")
    with pytest.raises(UnreadableError, match="computes with infinity"):
        as_base(float, math.inf)
