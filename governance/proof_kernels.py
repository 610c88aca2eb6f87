"""Kernels that a prover knows by what they promise, not by their code: searches, quotients, rounding to a tick.

Each promise is that of the kernel's docstring. Tests hold every one of them to the kernel itself at random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import z3

from governance.proof_numbers import UnreadableError, joined
from governance.proof_reading import Kernel, Reading
from governance.proof_terms import Term, all_of, any_of, chosen, compared, none_of, real
from nodes.kernels.fees import cents_up, exact
from nodes.kernels.prices import limit_on_tick_usd, moved_price_usd
from nodes.kernels.ratios import ratio
from nodes.kernels.sizes import largest_size

_CENTS, _FINE = 100, 10_000


def _quotient(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    """`ratio`: part / whole where whole is positive, no value elsewhere."""
    part, whole = (_number(reading, argument) for argument in arguments)
    return reading.quotient(part, whole, real(whole) > 0)


def _searched(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    """`largest_size`: a size that holds and whose follower does not, or 0 where 0 does not hold, nor any size asked."""
    holds = arguments[1]
    size = z3.FreshInt("size")

    def at(asked: Any) -> Any:  # noqa: ANN401
        return reading.truth(reading.called(holds, [Term(int, asked, True)]))  # noqa: FBT003

    is_last = all_of((at(size), none_of(at(size + 1))))
    is_none = all_of((size == 0, none_of(at(z3.IntVal(0)))))
    reading.axioms += [size >= 0, any_of((is_last, is_none))]
    for asked in reading.searches or ():
        outer, reading.guards = reading.guards, []
        holds_there = at(asked)
        is_told, reading.guards = all_of(reading.guards), outer
        reading.axioms.append(none_of(all_of((is_none, asked >= 0, is_told, holds_there))))
    if reading.searches is not None:
        reading.searches.append(size)
    return Term(int, size, True)  # noqa: FBT003


def _ceiling(value: Any, steps: int) -> Any:  # noqa: ANN401
    return -z3.ToReal(z3.ToInt(-(real(value) * steps))) / steps


def _floor(value: Any, steps: int) -> Any:  # noqa: ANN401
    return z3.ToReal(z3.ToInt(real(value) * steps)) / steps


def _cents_up(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    """`cents_up`: also said to keep order, which spares the solver the whole numbers where that is all it needs."""
    value = real(_number(reading, arguments[0]))
    found = reading.products.monotone("cents up", value)
    reading.axioms.append(found == _ceiling(value, _CENTS))
    return Term(Decimal, found, True)  # noqa: FBT003


def _exact(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    """`exact`: the shortest decimal of a double, which is not quite the double."""
    reading.round("writes a double as a decimal, which rounds")
    return Term(Decimal, real(_number(reading, arguments[0])), True)  # noqa: FBT003


def _moved(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    reading.round("moves a price by a double, which rounds")
    price, offset = (real(_number(reading, argument)) for argument in arguments)
    return Term(Decimal, price + reading.products.product(price, offset), True)  # noqa: FBT003


def _on_tick(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    price, side = (_number(reading, argument) for argument in arguments)
    down = chosen(real(price) >= 1, _floor(price, _CENTS), _floor(price, _FINE))
    up = chosen(real(price) >= 1, _ceiling(price, _CENTS), _ceiling(price, _FINE))
    is_buy = side > 0
    return Term(Decimal, chosen(bool(is_buy) if isinstance(side, int) else is_buy, down, up), True)  # noqa: FBT003


def _absolute(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    value = reading.sure(arguments[0])
    if not isinstance(value, Term):
        return abs(value)
    over = None if value.over is None else (z3.If(value.over[0] < 0, -value.over[0], value.over[0]), value.over[1])
    return Term(value.base, z3.If(value.expr < 0, -value.expr, value.expr), True, over)  # noqa: FBT003


def _extreme(op: str) -> Kernel:
    """`max` and `min`, which keep the first of equals."""

    def kernel(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
        found, *others = [reading.sure(argument) for argument in arguments]
        for other in others:
            if isinstance(found, Term) or isinstance(other, Term):
                found = joined(compared(op, other, found), other, found)
            else:
                found = (max if op == ">" else min)(found, other)
        return found

    return kernel


def _float(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    value = reading.sure(arguments[0])
    if not isinstance(value, Term):
        return float(value)
    if not reading.rounds:
        return Term(float, reading.products.monotone("float", value.expr), True)  # noqa: FBT003
    return Term(float, real(value.expr), True, value.over)  # noqa: FBT003


def _whole_below(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    value = reading.sure(arguments[0])
    if not isinstance(value, Term):
        return math.floor(value)
    return Term(int, value.expr if value.base is int else z3.ToInt(value.expr), True)  # noqa: FBT003


def _finite(reading: Reading, arguments: Sequence[Any]) -> Any:  # noqa: ANN401
    value = reading.sure(arguments[0])
    if not isinstance(value, Term):
        return math.isfinite(value)
    reading.round("asks whether a double is finite")
    return True


def _number(reading: Reading, value: Any) -> Any:  # noqa: ANN401
    """A number as an expression; concrete ones as they are."""
    sure = reading.sure(value)
    if isinstance(sure, str):
        raise UnreadableError("computes with a text")
    return sure.expr if isinstance(sure, Term) else sure


KERNELS: Mapping[Any, Kernel] = {
    ratio: _quotient,
    largest_size: _searched,
    cents_up: _cents_up,
    exact: _exact,
    moved_price_usd: _moved,
    limit_on_tick_usd: _on_tick,
    abs: _absolute,
    max: _extreme(">"),
    min: _extreme("<"),
    float: _float,
    math.floor: _whole_below,
    math.isfinite: _finite,
}
"""What takes the place of each kernel when code that calls it is read."""
