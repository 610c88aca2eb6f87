"""Values as a prover sees them: numbers of which some are unknown, joined by three-valued logic, as terms of z3.

A value is either concrete (a Python value, Absent where there is none) or a Term. Order alone is exact: doubles, with
their infinities, keep their order among the reals, so a comparison of two doubles is the comparison of two reals.
Arithmetic on doubles rounds, and is for `governance.proof_reading` to allow or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import z3

from dataflows.engine.rules import rule_names
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.instants import instant_ns
from policies.grammar import And, Between, Comparison, Expression, In, IsNull, Literal, Name, Not, Operand, Or

BEYOND = Fraction(2) ** 1100
"""Where the infinite doubles stand among the reals: beyond every finite one."""
_NUMBERS = (int, float, Decimal)
_ORDERED = (*_NUMBERS, date, datetime)


@dataclass(frozen=True)
class Term:
    """A value that is not fixed.

    Attributes:
        base: the Python class of the value.
        expr: the value; of no meaning where it is not known.
        known: whether there is a value.
        over: (part, whole), whole > 0 where known, for a quotient: a limit on it is then linear.
    """

    base: type
    expr: Any
    known: Any
    over: tuple[Any, Any] | None = None


@dataclass(frozen=True)
class Truth:
    """The outcome of a claim: it holds, it fails, or neither and it is unknown."""

    holds: Any
    fails: Any


def all_of(parts: Iterable[Any]) -> Any:  # noqa: ANN401  # a truth value of Python or of z3
    """Conjunction, of truth values of Python and of z3."""
    left = [part for part in parts if part is not True]
    if any(part is False for part in left):
        return False
    return True if not left else left[0] if len(left) == 1 else z3.And(*left)


def any_of(parts: Iterable[Any]) -> Any:  # noqa: ANN401
    """Disjunction, of truth values of Python and of z3."""
    left = [part for part in parts if part is not False]
    if any(part is True for part in left):
        return True
    return False if not left else left[0] if len(left) == 1 else z3.Or(*left)


def none_of(part: Any) -> Any:  # noqa: ANN401
    """Negation, of a truth value of Python or of z3."""
    return (not part) if isinstance(part, bool) else z3.Not(part)


def chosen(condition: Any, one: Any, other: Any) -> Any:  # noqa: ANN401
    """`one` where the condition is true, else `other`; numbers of Python and of z3."""
    if isinstance(condition, bool):
        return one if condition else other
    one, other = alike(one, other)
    return z3.If(condition, one, other)


def alike(one: Any, other: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Two values as expressions of one sort."""
    one, other = expression(one), expression(other)
    if z3.is_arith(one) and z3.is_arith(other) and one.is_int() != other.is_int():
        return real(one), real(other)
    return one, other


def real(value: Any) -> Any:  # noqa: ANN401
    """A number as a real."""
    expr = expression(value)
    return z3.ToReal(expr) if z3.is_int(expr) else expr


def expression(value: Any) -> Any:  # noqa: ANN401, PLR0911  # one line a class
    """A concrete value as an expression; equal values of one class give equal expressions, others do not."""
    if isinstance(value, z3.ExprRef):
        return value
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, int):
        return z3.IntVal(value)
    if isinstance(value, float):
        whole = BEYOND if value > 0 else -BEYOND
        return _rational(Fraction(value) if math.isfinite(value) else whole)
    if isinstance(value, Decimal):
        return _rational(Fraction(value))
    if isinstance(value, datetime):
        return z3.IntVal(instant_ns(value))
    if isinstance(value, date):
        return z3.IntVal(value.toordinal())
    return z3.IntVal(int.from_bytes(digest("proof-value", encode(value)), "big"))


def _rational(value: Fraction) -> Any:  # noqa: ANN401
    return z3.Q(value.numerator, value.denominator)


def sort(base: type) -> Any:  # noqa: ANN401
    """The sort of values of a class; what has no order that we use is told apart by number."""
    if base is bool:
        return z3.BoolSort()
    return z3.RealSort() if base in (float, Decimal) else z3.IntSort()


def is_known(value: Any) -> Any:  # noqa: ANN401
    """Whether there is a value."""
    return value.known if isinstance(value, Term) else not (value is None or isinstance(value, Absent))


def content(value: Any) -> Any:  # noqa: ANN401
    """The value where it is known, as an expression."""
    return value.expr if isinstance(value, Term) else expression(value)


_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def compared(op: str, left: Any, right: Any) -> Any:  # noqa: ANN401
    """Whether two known values compare so. A quotient beside a constant is multiplied out, which keeps it linear."""
    for one, other, turned in ((left, right, op), (right, left, _TURNED[op])):
        if isinstance(one, Term) and one.over is not None and not isinstance(other, Term):
            part, whole = one.over
            return _ORDERS[turned](*alike(part, expression(other) * real(whole)))
    return _ORDERS[op](*alike(content(left), content(right)))


_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def truth(tree: Expression, values: Mapping[str, Any]) -> Truth:  # noqa: PLR0911  # one case a form
    """What a typed rule says of values, in SQL's three-valued logic."""
    match tree:
        case And(items):
            found = [truth(item, values) for item in items]
            return Truth(all_of(each.holds for each in found), any_of(each.fails for each in found))
        case Or(items):
            found = [truth(item, values) for item in items]
            return Truth(any_of(each.holds for each in found), all_of(each.fails for each in found))
        case Not(item):
            return _turned(truth(item, values))
        case Comparison(op, left, right):
            return _compared(op, _value(left, values), _value(right, values))
        case In(operand, items, negated):
            within = truth(Or(tuple(Comparison("=", operand, item) for item in items)), values)
            return _turned(within) if negated else within
        case Between(operand, low, high, negated):
            within = truth(And((Comparison("<=", low, operand), Comparison("<=", operand, high))), values)
            return _turned(within) if negated else within
        case IsNull(operand, negated):
            known = is_known(_value(operand, values))
            return Truth(known, none_of(known)) if negated else Truth(none_of(known), known)
        case _:
            return _compared("=", _value(tree, values), True)  # noqa: FBT003  # a value


def _compared(op: str, left: Any, right: Any) -> Truth:  # noqa: ANN401
    known = all_of((is_known(left), is_known(right)))
    if known is False:
        return Truth(holds=False, fails=False)
    holds = compared(op, left, right)
    if not isinstance(left, Term) and not isinstance(right, Term):
        holds = z3.is_true(z3.simplify(holds))
    return Truth(all_of((known, holds)), all_of((known, none_of(holds))))


def _turned(found: Truth) -> Truth:
    return Truth(found.fails, found.holds)


def _value(operand: Operand, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return operand.value if isinstance(operand, Literal) else values[operand.name]


def unordered_names(tree: Expression, bases: Mapping[str, type]) -> tuple[str, ...]:
    """Names that a rule puts in an order which is not that of numbers: texts."""
    return tuple(name for name in rule_names(tree) if _is_ordered(tree, name) and bases[name] not in _ORDERED)


def _is_ordered(tree: Expression, name: str) -> bool:
    match tree:
        case And(items) | Or(items):
            return any(_is_ordered(item, name) for item in items)
        case Not(item):
            return _is_ordered(item, name)
        case Comparison(op, left, right):
            return op not in ("=", "<>") and Name(name) in (left, right)
        case Between(operand, low, high):
            return Name(name) in (operand, low, high)
        case _:
            return False
