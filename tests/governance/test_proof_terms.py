"""Rules over terms say what rules over values say, in three-valued logic."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
import z3

from dataflows.engine.rules import rule_function, rule_names, typed_rule
from governance.proof_terms import (
    BEYOND,
    Term,
    Truth,
    all_of,
    any_of,
    chosen,
    compared,
    expression,
    is_known,
    none_of,
    sort,
    truth,
    unordered_names,
)
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import Unit
from policies.grammar import rule_tree

UNITS = {"a": Unit("Frac", float), "b": Unit("Frac", float), "n": Unit("Count", int), "f": Unit("Flag", bool)}
VALUES: dict[str, tuple[Any, ...]] = {
    "a": (None, -1.5, 0.0, -0.0, 0.3, math.inf),
    "b": (None, 0.3, -math.inf),
    "n": (None, 0, 3),
    "f": (None, True, False),
}
RULES = (
    "a <= b",
    "a <> b OR n = 3",
    "NOT f AND a < 0.3",
    "f OR NOT (a >= b)",
    "n IN (0, 1, 2)",
    "n NOT IN (3, 4)",
    "a BETWEEN b AND 0.3",
    "a NOT BETWEEN -1 AND b",
    "a IS NULL OR b IS NOT NULL",
)


@pytest.mark.parametrize("text", RULES)
def test_a_rule_over_terms_says_what_it_says_of_their_values(text: str) -> None:
    tree = typed_rule(rule_tree(text), UNITS, _no_fault)
    names = rule_names(tree)
    function = rule_function(tree, UNITS)
    space = {
        name: Term(UNITS[name].base, z3.Const(name, sort(UNITS[name].base)), z3.Bool(f"{name}?")) for name in names
    }
    said = truth(tree, space)
    for values in product(*(VALUES[name] for name in names)):
        fixed = [(space[name].known, z3.BoolVal(value is not None)) for name, value in zip(names, values, strict=True)]
        fixed += [
            (space[name].expr, _as_sort(value, UNITS[name].base))
            for name, value in zip(names, values, strict=True)
            if value is not None
        ]
        found = Truth(*(z3.is_true(z3.simplify(z3.substitute(_z3(part), *fixed))) for part in vars(said).values()))
        assert found == _truth(function(*values)), values
        concrete = truth(tree, dict(zip(names, values, strict=True)))
        assert concrete == _truth(function(*values)), values


def _as_sort(value: Any, base: type) -> Any:
    expr = expression(value)
    return z3.simplify(z3.ToReal(expr)) if base is float and z3.is_int(expr) else expr


def _z3(part: Any) -> Any:
    return z3.BoolVal(part) if isinstance(part, bool) else part


def _truth(outcome: bool | None) -> Truth:  # noqa: FBT001  # a truth value is the subject
    return Truth(holds=outcome is True, fails=outcome is False)


def _no_fault(what: str, mend: str, offset: int = 0) -> None:
    message = f"{what} at {offset}; {mend}"
    raise AssertionError(message)


def test_infinite_doubles_stand_beyond_all_finite_ones() -> None:
    assert z3.is_true(z3.simplify(expression(math.inf) > expression(1.7e308)))
    assert z3.is_true(z3.simplify(expression(-math.inf) < expression(-1.7e308)))
    assert float(BEYOND / 2**1000) > 1e30


def test_a_quotient_beside_a_constant_is_multiplied_out() -> None:
    part, whole = z3.Reals("part whole")
    quotient = Term(float, part / whole, known=True, over=(part, whole))
    assert "/ whole" not in str(compared("<=", quotient, 0.25))
    assert str(compared(">=", 0.25, quotient)) == str(compared("<=", quotient, 0.25))


def test_truth_values_of_python_fold_away() -> None:
    known = z3.Bool("known")
    assert all_of([True, known]) is known
    assert all_of([known, False]) is False
    assert any_of([False]) is False
    assert any_of([known, True]) is True
    assert none_of(any_of([])) is True
    assert chosen(all_of([]), 1, 2) == 1
    assert str(chosen(known, 1, z3.RealVal(2))) == "If(known, ToReal(1), 2)"


def test_values_of_every_class_are_told_apart() -> None:
    day, instant = date(2020, 1, 2), datetime(2020, 1, 2, tzinfo=UTC)
    shown = [expression(value) for value in (1, Decimal("1.5"), True, "AAPL", "MSFT", day, instant, None)]
    assert len({str(each) for each in shown}) == len(shown)
    assert is_known(Absent("a", "is missing")) is False
    assert is_known(1) is True


def test_texts_have_no_order_here() -> None:
    bases = {"s": str, "a": float}
    assert unordered_names(rule_tree("NOT (s < 'b') OR a > 1"), bases) == ("s",)
    assert unordered_names(rule_tree("s BETWEEN 'a' AND 'b' AND a > 1"), bases) == ("s",)
    assert unordered_names(rule_tree("s = 'b' OR s IN ('c', 'd')"), bases) == ()
