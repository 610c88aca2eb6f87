"""Rules: from a parsed tree to a typed one, then to Python for one decision and to polars for histories.

Both compilations follow SQL's three-valued logic, with NaN as NULL at every operand: True (holds), False
(fails), None (unknown). They are property-tested against DuckDB.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import polars as pl

from nodes.vocabulary.units import Unit
from policies.grammar import And, Between, Comparison, Expression, In, IsNull, Literal, Name, Not, Operand, Or
from policies.slips import nearest

_PYTHON_OPERATORS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_POLARS_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUALITY_ONLY = (bool,)
_COMPARABLE = (bool, int, float, Decimal, str, date, datetime)


class Complain(Protocol):
    """Takes one fault: what is wrong, its mend, and where in the text it begins, from 0."""

    def __call__(self, what: str, mend: str, offset: int = 0) -> None:
        """Take it."""


def typed_rule(tree: Expression, units: Mapping[str, Unit], complain: Complain) -> Expression:  # noqa: PLR0911  # one case a form
    """The tree with each literal widened to the unit it is compared with.

    Args:
        tree: what `policies.grammar` parsed.
        units: unit of every name that the rule may use.
        complain: called with what is wrong and its mend, for every fault found.
    """
    match tree:
        case And(items):
            return And(tuple(typed_rule(item, units, complain) for item in items))
        case Or(items):
            return Or(tuple(typed_rule(item, units, complain) for item in items))
        case Not(item):
            return Not(typed_rule(item, units, complain))
        case Comparison(_, left, right):
            left, right = _alike((left, right), units, complain, is_ordered=tree.op not in ("=", "<>"))
            return replace(tree, left=left, right=right)
        case In(operand, items, _):
            _, *typed = _alike((operand, *items), units, complain, is_ordered=False)
            return replace(tree, items=tuple(typed))
        case Between(operand, low, high, _):
            operand, low, high = _alike((operand, low, high), units, complain, is_ordered=True)
            return replace(tree, operand=operand, low=low, high=high)
        case IsNull(operand, _):
            _unit(operand, units, complain)
            return tree
        case Name():
            unit = _unit(tree, units, complain)
            if unit is not None and unit.base is not bool:
                complain(
                    f"{tree.name} is {unit.name}, not a truth value",
                    "compare it with a limit of that unit",
                    tree.column_offset,
                )
            return tree
        case _:
            complain(f"{tree!r} is no condition", "write a comparison of names and literals")
            return tree


def _unit(operand: Operand, units: Mapping[str, Unit], complain: Complain) -> Unit | None:
    if isinstance(operand, Literal):
        return None
    unit = units.get(operand.name)
    if unit is None:
        near = nearest(operand.name, units)
        mend = f"did you mean {near}?" if near else "name a node of the catalog or a limit of this rule"
        complain(f"unknown name {operand.name}", mend, operand.column_offset)
    return unit


def _alike(
    operands: tuple[Operand, ...], units: Mapping[str, Unit], complain: Complain, *, is_ordered: bool
) -> tuple[Operand, ...]:
    """The operands when all have one unit, literals widened to it; otherwise complains."""
    known = [(item, unit) for item in operands if (unit := _unit(item, units, complain)) is not None]
    if not known:
        if all(isinstance(item, Literal) for item in operands):
            complain("only literals are compared, which never changes", "compare a node", operands[0].column_offset)
        return operands
    (first, unit), *rest = known
    for other, other_unit in rest:
        if (other_unit.name, other_unit.base) != (unit.name, unit.base):
            complain(
                f"{_word(first)} is {unit.name} but {_word(other)} is {other_unit.name}",
                "compare values of one unit; convert in a node, where the conversion has a source",
                other.column_offset,
            )
    if unit.base not in _COMPARABLE:
        complain(
            f"{_word(first)} is {unit.name}, which holds many values",
            "compare a node that makes one value of it",
            first.column_offset,
        )
    if is_ordered and unit.base in _EQUALITY_ONLY:
        complain(f"{_word(first)} is a truth value and has no order", "use = or <>", first.column_offset)
    return tuple(_widened(item, unit, complain) if isinstance(item, Literal) else item for item in operands)


def _word(operand: Operand) -> str:
    return operand.name if isinstance(operand, Name) else repr(operand.value)


def _widened(literal: Literal, unit: Unit, complain: Complain) -> Literal:
    value = literal.value
    if type(value) is unit.base:
        return literal
    if unit.base is float and type(value) in (int, Decimal):
        return Literal(float(value), literal.column_offset)
    if unit.base is Decimal and type(value) in (int, float):
        return replace(literal, value=Decimal(str(value)))
    if unit.base is int and type(value) is Decimal and value == int(value):
        return replace(literal, value=int(value))
    what = f"literal {value!r} is {type(value).__name__}, expected {unit.base.__name__} for {unit.name}"
    complain(what, "correct the literal", literal.column_offset)
    return literal


def rule_names(tree: Expression) -> tuple[str, ...]:
    """The names that a tree reads, each once, in alphabetical order."""
    return tuple(sorted({item.name for item in _operands(tree) if isinstance(item, Name)}))


def _operands(tree: Expression) -> Iterator[Operand]:
    match tree:
        case And(items) | Or(items):
            for item in items:
                yield from _operands(item)
        case Not(item):
            yield from _operands(item)
        case Comparison(_, left, right):
            yield from (left, right)
        case In(operand, items, _):
            yield from (operand, *items)
        case Between(operand, low, high, _):
            yield from (operand, low, high)
        case IsNull(operand, _):
            yield operand
        case Name() | Literal():
            yield tree


def rule_function(tree: Expression, units: Mapping[str, Unit]) -> Callable[..., bool | None]:
    """Python for one decision: takes the values of `rule_names(tree)` by position, None where absent.

    When every operand is there, the rule is one plain Python expression; otherwise three-valued logic decides.
    """
    names = rule_names(tree)
    absent = " or ".join(
        f"{name} is None" + (f" or {name} != {name}" if units[name].base is float else "") for name in names
    )
    constants: dict[str, Any] = {"_all3": _all3, "_any3": _any3, "_not3": _not3}
    certain = certain_source(tree, constants)
    source = (
        f"def rule({', '.join(names)}):\n"
        f"    if {absent or 'False'}:\n"
        f"        return {_uncertain(tree, units, constants)}\n"
        f"    return {certain}\n"
    )
    exec(compile(source, "<rule>", "exec"), constants)  # noqa: S102  # built from a whitelisted tree
    function: Callable[..., bool | None] = constants["rule"]
    return function


def certain_source(tree: Expression, constants: dict[str, Any], rename: Mapping[str, str] | None = None) -> str:  # noqa: PLR0911  # one case a form
    """A plain Python expression, right when every operand is there and none is NaN.

    Literals are added to `constants` under new names; names are mapped through `rename`.
    """
    word = functools.partial(_python_operand, constants=constants, rename=rename or {})
    inner = functools.partial(certain_source, constants=constants, rename=rename)
    match tree:
        case And(items):
            return "(" + " and ".join(inner(item) for item in items) + ")"
        case Or(items):
            return "(" + " or ".join(inner(item) for item in items) + ")"
        case Not(item):
            return f"(not {inner(item)})"
        case Comparison(op, left, right):
            return f"({word(left)} {_PYTHON_OPERATORS[op]} {word(right)})"
        case In(operand, items, negated):
            listed = "".join(f"{word(item)}, " for item in items)
            return f"({word(operand)} {'not in' if negated else 'in'} ({listed}))"
        case Between(operand, low, high, negated):
            return f"({'not ' if negated else ''}{word(low)} <= {word(operand)} <= {word(high)})"
        case IsNull(_, negated):
            return "True" if negated else "False"
        case _:
            return word(tree)


def _python_operand(operand: Operand, constants: dict[str, Any], rename: Mapping[str, str]) -> str:
    if isinstance(operand, Name):
        return rename.get(operand.name, operand.name)
    name = f"_literal_{len(constants)}"
    constants[name] = operand.value
    return name


def _uncertain(tree: Expression, units: Mapping[str, Unit], constants: dict[str, Any]) -> str:  # noqa: PLR0911  # one case a form
    """A Python expression in three-valued logic over operands of which some are None or NaN."""
    inner = functools.partial(_uncertain, units=units, constants=constants)
    match tree:
        case And(items):
            return f"_all3({', '.join(inner(item) for item in items)})"
        case Or(items):
            return f"_any3({', '.join(inner(item) for item in items)})"
        case Not(item):
            return f"_not3({inner(item)})"
        case Comparison():
            return f"(None if {_null(tree, units)} else {certain_source(tree, constants)})"
        case In(operand, items, negated):
            found = f"_any3({', '.join(inner(Comparison('=', operand, item)) for item in items)})"
            return f"_not3({found})" if negated else found
        case Between(operand, low, high, negated):
            within = f"_all3({inner(Comparison('<=', low, operand))}, {inner(Comparison('<=', operand, high))})"
            return f"_not3({within})" if negated else within
        case IsNull(operand, negated):
            null = _null(operand, units)
            return f"(not ({null}))" if negated else f"({null})"
        case _:
            return certain_source(tree, constants)


def _null(tree: Expression, units: Mapping[str, Unit]) -> str:
    """Python that says whether any operand of a comparison is NULL."""
    parts = []
    for operand in _operands(tree):
        if isinstance(operand, Name):
            parts.append(f"{operand.name} is None")
            if units[operand.name].base is float:
                parts.append(f"{operand.name} != {operand.name}")
    return " or ".join(parts) or "False"


def _all3(*items: bool | None) -> bool | None:
    if any(item is False for item in items):
        return False
    return None if None in items else True


def _any3(*items: bool | None) -> bool | None:
    if any(item is True for item in items):
        return True
    return None if None in items else False


def _not3(item: bool | None) -> bool | None:  # noqa: FBT001  # a truth value is the subject
    return None if item is None else not item


def rule_expression(tree: Expression, units: Mapping[str, Unit]) -> pl.Expr:  # noqa: PLR0911  # one case a form
    """Polars for histories: a Boolean expression over columns of the rule's names, null where unknown."""
    inner = functools.partial(rule_expression, units=units)
    word = functools.partial(_polars_operand, units=units)
    match tree:
        case And(items):
            return functools.reduce(operator.and_, (inner(item) for item in items))
        case Or(items):
            return functools.reduce(operator.or_, (inner(item) for item in items))
        case Not(item):
            return ~inner(item)
        case Comparison(op, left, right):
            expression: pl.Expr = _POLARS_OPERATORS[op](word(left), word(right))
            return expression
        case In(operand, items, negated):
            found = functools.reduce(operator.or_, (word(operand) == word(item) for item in items))
            return ~found if negated else found
        case Between(operand, low, high, negated):
            within = (word(low) <= word(operand)) & (word(operand) <= word(high))
            return ~within if negated else within
        case IsNull(operand, negated):
            return word(operand).is_not_null() if negated else word(operand).is_null()
        case _:
            return word(tree)


def _polars_operand(operand: Operand, units: Mapping[str, Unit]) -> pl.Expr:
    if isinstance(operand, Literal):
        return pl.lit(operand.value)
    column = pl.col(operand.name)
    return column.fill_nan(None) if units[operand.name].base is float else column
