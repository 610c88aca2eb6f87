"""Numbers of Python and of z3 side by side: their class, their sort, and one of two by a condition."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import z3

from governance.proof_terms import Term, all_of, chosen, expression, none_of, real

NUMBERS = (int, float, Decimal)


class UnreadableError(Exception):
    """Why code is no formula that a prover can take."""


def joined(condition: Any, one: Any, other: Any) -> Any:  # noqa: ANN401
    """`one` where a condition is true, else `other`; None on one side is no value there.

    Raises UnreadableError where they are of two classes: the engine asks for one, and takes the other for no value.
    """
    if one is None and other is None:
        return None
    if one is None or other is None:
        value = one if other is None else other
        here = condition if other is None else none_of(condition)
        if isinstance(value, Term):
            return Term(value.base, value.expr, all_of((here, value.known)), value.over)
        return Term(base_of(value), as_base(base_of(value), value), here)
    base = base_of(one)
    if base is not base_of(other):
        raise UnreadableError(f"gives a {base.__name__} on one of its ways and a {base_of(other).__name__} on another")
    known = chosen(condition, *(each.known if isinstance(each, Term) else True for each in (one, other)))
    return Term(base, chosen(condition, as_base(base, one), as_base(base, other)), known)


def flag(value: Any) -> Any:  # noqa: ANN401
    """A truth value as a value."""
    return value if isinstance(value, bool) else Term(bool, value, True)  # noqa: FBT003


def base_of(value: Any) -> type:  # noqa: ANN401
    """The class of a number. Raises UnreadableError for what is none."""
    base = value.base if isinstance(value, Term) else type(value)
    if base not in (bool, *NUMBERS):
        raise UnreadableError(f"gives a {base.__name__} on one of its ways")
    return base


def wider(one: Any, other: Any, *, is_quotient: bool) -> type:  # noqa: ANN401
    """The class of what two numbers come to."""
    bases = {base_of(one), base_of(other)}
    if bases == {bool}:
        return bool
    if is_quotient and Decimal not in bases:
        return float
    return Decimal if Decimal in bases else float if float in bases else int


def as_base(base: type, value: Any) -> Any:  # noqa: ANN401
    """A number as an expression of the sort of a class."""
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise UnreadableError("computes with infinity")
    expr = value.expr if isinstance(value, Term) else expression(value)
    if z3.is_bool(expr) and base is not bool:
        expr = z3.If(expr, z3.IntVal(1), z3.IntVal(0))
    return expr if base in (bool, int) else real(expr)
