"""Code is read as the formula that it computes; what cannot be read says why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NewType

import pytest
import z3

from governance.proof_kernels import KERNELS
from governance.proof_numbers import UnreadableError
from governance.proof_products import Products
from governance.proof_reading import Reading
from governance.proof_terms import Term, all_of, expression

Size = NewType("Size", int)
_RATE = Decimal("0.5")


@dataclass(frozen=True)
class Fees:
    rate: Decimal
    least: Decimal

    @property
    def is_charge(self) -> bool:
        return self.rate >= 0

    def of(self, amount: Decimal) -> Decimal:
        return max(amount * self.rate, self.least)


def paid(amount: Decimal, least: Decimal) -> Decimal:
    """A record with a property and a method."""
    fees = Fees(_RATE, least)
    return fees.of(amount) if fees.is_charge else amount


def banded(value: int) -> Size:
    low, high = -3, 3
    if value < low:
        return Size(low)
    if not value <= high:
        return Size(high)
    return Size(value)


def inner(value: int) -> int:
    factor = 2

    def doubled(number: int) -> int:
        return number * factor

    negative: Callable[[int], int] = lambda number: -number  # noqa: E731  # what is to be read
    return doubled(value) + negative(1)


def perhaps(value: int | None) -> int | None:
    return None if value is None or value == 4 else value + 1


def counted(value: int) -> int:
    return (value > 0) - (value < 0)


def divided(value: int, by: int) -> float:
    return value / by


def chained(value: int) -> bool:
    return 0 < value <= 3 and value != 2


def named(value: int) -> int:
    return banded(value=value)


def nothing(value: int) -> None:
    if value:
        return


def multiplied(one: int, other: int) -> int:
    return one * other


def nested_if(value: int) -> int:
    found = value * 3
    if value > 1:
        found = 7
    return found


@pytest.mark.parametrize("function", [banded, inner, perhaps, counted, chained, named, nothing, nested_if])
@pytest.mark.parametrize("value", [-5, -1, 0, 1, 2, 3, 4, 9])
def test_code_is_the_formula_that_it_computes(function: Callable[..., Any], value: int) -> None:
    known, found = solved(function, value)
    wanted = function(value)
    assert known == (wanted is not None)
    if known:
        assert found == wanted


def solved(function: Callable[..., Any], *values: Any, rounds: bool = True) -> tuple[bool, Any]:
    """What a function gives by its formula, at values that the formula does not know."""
    read = Reading(rounds=rounds, kernels=KERNELS, products=Products())
    unknowns = [z3.Const(f"u{place}", expression(value).sort()) for place, value in enumerate(values)]
    arguments = [Term(type(value), unknown, z3.Bool("known")) for value, unknown in zip(values, unknowns, strict=True)]
    found = read.inlined(function, arguments)
    if found is None:
        return False, None
    solver = z3.Solver()
    solver.add(z3.Bool("known"), *read.axioms, *read.products.axioms)
    solver.add(*(unknown == expression(value) for value, unknown in zip(values, unknowns, strict=True)))
    assert solver.check() == z3.sat
    value = solver.model().eval(expression(found.expr), model_completion=True)
    known = solver.model().eval(expression(all_of((found.known, *read.guards))), model_completion=True)
    exact = z3.is_true(value) if z3.is_bool(value) else value.as_long() if z3.is_int(value) else value.as_fraction()
    return z3.is_true(known), exact


@pytest.mark.parametrize("amount", ["0", "3.5", "100"])
def test_records_are_read_with_their_properties_and_methods(amount: str) -> None:
    assert solved(paid, Decimal(amount), Decimal(4)) == (True, paid(Decimal(amount), Decimal(4)))


def test_products_of_two_unknowns_are_known_by_their_order() -> None:
    assert solved(multiplied, -1, 8) == (True, -8)
    assert solved(multiplied, 0, 8) == (True, 0)


def test_a_number_that_is_not_there_makes_a_sum_raise() -> None:
    read = Reading(rounds=True, kernels=KERNELS, products=Products())
    read.inlined(counted, [None])
    assert False in read.guards


def looped(value: int) -> int:
    for _ in range(3):
        value += 1
    return value


def rooted(value: float) -> float:
    return math.sqrt(value)


def by_unknown(one: int, other: int) -> float:
    return one / other


def summed(one: float, other: float) -> float:
    return one + other


def remainder(value: int) -> int:
    return value % 3


def told(value: int) -> str:
    return f"{value}"


def texted(value: int) -> Any:
    return "low" if value < 3 else "high"


def without_end(value: int) -> int:
    return without_end(value)


def without_name(value: int) -> int:
    return value + int(unheard_of)  # type: ignore[name-defined]  # noqa: F821


def attributed(value: int) -> int:
    return value.real


def either(value: int) -> int:
    return value or 5


def both(value: int) -> int:
    return value and 5


@dataclass(frozen=True)
class Spaced:
    first: int
    second: int = 2
    third: int = 3


def skipping(value: int) -> int:
    return Spaced(value, third=value).third


@pytest.mark.parametrize(
    ("function", "values", "why"),
    [
        (either, (7,), "gives an operand of `and` or `or`, value"),
        (both, (7,), "gives an operand of `and` or `or`, value"),
        (skipping, (7,), "calls Spaced by keyword past a default"),
        (looped, (1,), "for statement"),
        (rooted, (2.0,), "calls sqrt"),
        (by_unknown, (1, 2), "divides by an unknown"),
        (remainder, (1,), "computes by mod"),
        (told, (1,), "has an expression"),
        (texted, (1,), "gives a str"),
        (without_end, (1,), "more than 8 deep"),
        (without_name, (1,), "unheard_of, which is not found"),
        (attributed, (1,), "asks a value for real"),
    ],
)
def test_what_cannot_be_read_says_why(function: Callable[..., Any], values: tuple[Any, ...], why: str) -> None:
    """ENG-08: what lies outside the fragment is named."""
    with pytest.raises(UnreadableError, match=why):
        solved(function, *values)


def test_sums_of_two_doubles_are_read_only_where_rounding_is_let_pass() -> None:
    assert solved(summed, 0.25, 0.5) == (True, Decimal("0.75"))
    with pytest.raises(UnreadableError, match="two doubles, which rounds"):
        solved(summed, 0.25, 0.5, rounds=False)


def scaled(value: float) -> float:
    return 2.0 - value * -3.0 + 1.0


def test_a_double_and_a_constant_keep_their_order_as_they_round() -> None:
    read = Reading(rounds=False, kernels=KERNELS, products=Products())
    one, other = z3.Reals("one other")
    low, high = (read.inlined(scaled, [Term(float, value, known=True)]) for value in (one, other))
    solver = z3.Solver()
    solver.add(*read.products.axioms, one <= other, low.expr > high.expr)
    assert solver.check() == z3.unsat


def halved(value: float) -> float:
    return 2.0 / value


def test_a_constant_over_a_double_is_not_read_where_it_rounds() -> None:
    with pytest.raises(UnreadableError, match="divides by a double"):
        solved(halved, 0.25, rounds=False)
