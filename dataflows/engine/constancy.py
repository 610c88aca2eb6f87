"""Rules that no value can move: a claim that always holds, never holds, or cannot hold together with another.

Limits are known when a policy is compiled, so a claim over them is decided by trying every case that the order of its
constants tells apart: below, at, between and above them, and NULL, for each name that is free. Claims with too many
names for that are let pass.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from dataflows.engine.rules import Complain
from nodes.vocabulary.units import Unit
from policies.grammar import And, Between, Comparison, Expression, In, IsNull, Literal, Name, Not, Operand, Or, leaves

MAX_CASES = 3_000
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NEVER_HOLDS = ("can never hold", "correct it, or remove it")
_NEVER_FAILS = ("can never fail", "remove it; to demand that a value is known, write IS NOT NULL")


def constant_faults(tree: Expression, units: Mapping[str, Unit], values: Mapping[str, Any], complain: Complain) -> None:
    """Complains of every smallest part of a claim that reads a node and yet comes out the same for all values.

    Args:
        tree: the claim, typed and without faults.
        units: unit of every name that it reads.
        values: those of its names that the policy gives a value.
        complain: takes what is wrong and the mend.
    """
    for part, (what, mend) in _constant_parts(tree, units, values):
        first = next(leaves(part))
        said = " and ".join(sorted(_free(part, values)))
        complain(f"what is said of {said} here {what}", mend, first.column_offset)


def contradict(one: Expression, other: Expression, units: Mapping[str, Unit], values: Mapping[str, Any]) -> bool:
    """Whether two claims about one name, the same for both, can never hold together."""
    free = _free(one, values)
    if len(free) != 1 or free != _free(other, values):
        return False
    found = _outcomes(And((one, other)), units, values)
    return found is not None and True not in found


def _constant_parts(
    tree: Expression, units: Mapping[str, Unit], values: Mapping[str, Any]
) -> Iterator[tuple[Expression, tuple[str, str]]]:
    inner = [found for part in _parts(tree) for found in _constant_parts(part, units, values)]
    if inner or not _free(tree, values) or _moves(tree, values):
        yield from inner
        return
    found = _outcomes(tree, units, values)
    if found is not None and True not in found:
        yield tree, _NEVER_HOLDS
    elif found is not None and False not in found:
        yield tree, _NEVER_FAILS


def _parts(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case And(items) | Or(items):
            return items
        case Not(item):
            return (item,)
        case _:
            return ()


def _moves(tree: Expression, values: Mapping[str, Any]) -> bool:
    """Whether a claim is of a kind that some value always moves: cheap, for nearly every claim is."""
    match tree:
        case Comparison(_, Name(left), Name(right)):
            return left != right
        case Comparison() | IsNull() | Name():
            return True
        case In(_, items):
            return all(isinstance(item, Literal) or item.name in values for item in items)
        case Not(item):
            return _moves(item, values)
        case _:
            return False


def _free(tree: Expression, values: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(leaf.name for leaf in leaves(tree) if isinstance(leaf, Name) and leaf.name not in values)


def _outcomes(tree: Expression, units: Mapping[str, Unit], values: Mapping[str, Any]) -> set[bool | None] | None:
    """Everything that a claim can come to; None when there are too many cases to try."""
    free = sorted(_free(tree, values))
    constants = [_value(leaf, values) for leaf in leaves(tree) if isinstance(leaf, Literal) or leaf.name in values]
    points = [(None, *_points(units[name].base, constants, len(free))) for name in free]
    if any(each == (None,) for each in points) or prod(len(each) for each in points) > MAX_CASES:
        return None
    return {_outcome(tree, {**values, **dict(zip(free, case, strict=True))}) for case in product(*points)}


def _points(base: type, constants: Sequence[Any], n_names: int) -> tuple[Any, ...]:
    """Values that stand for all: the constants, and between, below and above them as many as there are names."""
    if base is bool:
        return (False, True)
    steps = _STEPS.get(base)
    if steps is None:  # no order that we know
        return ()
    at: list[Any] = sorted(value for value in set(constants) if type(value) is base) or [_ZEROS[base]]
    points: set[Any] = set(at)
    for low, high in zip([None, *at], [*at, None], strict=True):
        points |= set(steps(low, high, n_names))
    return tuple(sorted(points))


def _numbers_between(low: Any, high: Any, n_names: int) -> Iterator[Any]:  # noqa: ANN401  # int, float or Decimal
    for step in range(1, n_names + 1):
        if low is None:
            yield high - (abs(high) + 1) * step
        elif high is None:
            yield low + (abs(low) + 1) * step
        elif isinstance(low, int):
            yield min(low + step, high)
        else:
            yield low + (high - low) * step / (n_names + 1)


def _texts_between(low: str | None, high: str | None, n_names: int) -> Iterator[str]:
    for step in range(1, n_names + 1):
        if low is not None:
            yield low + "\x00" * step if high is None else min(low + "\x00" * step, high)
        elif high:
            yield high[: len(high) - 1]
            yield ""


def _days_between(low: Any, high: Any, n_names: int) -> Iterator[Any]:  # noqa: ANN401  # date or datetime
    for step in range(1, n_names + 1):
        if low is None:
            yield high - timedelta(days=step)
        else:
            yield low + timedelta(days=step) if high is None else min(low + timedelta(days=step), high)


_STEPS: Mapping[type, Callable[[Any, Any, int], Iterator[Any]]] = {
    int: _numbers_between,
    float: _numbers_between,
    Decimal: _numbers_between,
    str: _texts_between,
    date: _days_between,
    datetime: _days_between,
}
_ZEROS: Mapping[type, Any] = {
    int: 0,
    float: 0.0,
    Decimal: Decimal(0),
    str: "",
    date: date(2000, 1, 1),
    datetime: datetime.fromisoformat("2000-01-01T00:00:00+00:00"),
}


def _value(operand: Operand, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return operand.value if isinstance(operand, Literal) else values[operand.name]


def _outcome(tree: Expression, values: Mapping[str, Any]) -> bool | None:  # noqa: PLR0911  # one case a form
    """What a claim comes to, in SQL's three-valued logic; None is unknown, as a value and as an answer."""
    match tree:
        case And(items):
            found = [_outcome(item, values) for item in items]
            return False if False in found else None if None in found else True
        case Or(items):
            found = [_outcome(item, values) for item in items]
            return True if True in found else None if None in found else False
        case Not(item):
            found_one = _outcome(item, values)
            return None if found_one is None else not found_one
        case Comparison(op, left, right):
            one, other = _value(left, values), _value(right, values)
            return None if one is None or other is None else _OPERATORS[op](one, other)
        case In(operand, items, negated):
            alike = _outcome(Or(tuple(Comparison("=", operand, item) for item in items)), values)
            return alike if not negated or alike is None else not alike
        case Between(operand, low, high, negated):
            ends = (Comparison("<=", low, operand), Comparison("<=", operand, high))
            within = _outcome(And(ends), values)
            return within if not negated or within is None else not within
        case IsNull(operand, negated):
            return (_value(operand, values) is None) is not negated
        case _:
            flag: bool | None = _value(tree, values)
            return flag
