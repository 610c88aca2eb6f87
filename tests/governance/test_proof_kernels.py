"""Each kernel keeps the promise that stands for it in proofs, at random numbers."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from typing import Any

import pytest
import z3

from governance.proof_kernels import KERNELS
from governance.proof_numbers import UnreadableError
from governance.proof_products import Products
from governance.proof_reading import Poison, Reading
from governance.proof_terms import Term, expression, real
from nodes.guardrails.cash import cash_cap_shares
from nodes.guardrails.size import notional_cap_shares, participation_cap_shares
from nodes.kernels.fees import cents_up, exact
from nodes.kernels.prices import limit_on_tick_usd, moved_price_usd
from nodes.kernels.ratios import ratio

RANDOM = random.Random(5)
PRICES = [Decimal(RANDOM.randrange(1, 3_000_000)).scaleb(-4) for _ in range(12)]
CASES: list[tuple[Any, tuple[Any, ...]]] = [
    *((cents_up, (price * RANDOM.choice([1, -1]),)) for price in PRICES),
    *((limit_on_tick_usd, (price, RANDOM.choice([1, -1, 0]))) for price in PRICES),
    *((ratio, (RANDOM.randrange(-500, 500), whole)) for whole in (1, 4, 64, 0, -3)),
    *((kernel, pair) for kernel in (max, min) for pair in ((3, -4), (Decimal("1.5"), Decimal("1.5")), (2.5, 7.25))),
    *((kernel, (value,)) for kernel in (abs, float, math.floor, math.isfinite) for value in (-2.5, 0.0, 7.75)),
    (abs, (-3,)),
    (exact, (0.25,)),
    (moved_price_usd, (Decimal("10.00"), 0.5)),
]


def reading(*, rounds: bool = True) -> Reading:
    return Reading(rounds=rounds, kernels=KERNELS, products=Products())


def unknown(value: Any) -> Term:
    return Term(type(value), expression(value), known=True)


def values_of(found: Any, read: Reading) -> tuple[bool, Any]:
    """Whether there is a value, and which, of what was read of numbers that are not really unknown."""
    if not isinstance(found, Term):
        return found is not None, found
    solver = z3.Solver()
    solver.add(*read.axioms, *read.products.axioms)
    assert solver.check() == z3.sat
    model = solver.model()
    is_known = (
        z3.is_true(model.eval(found.known, model_completion=True)) if not isinstance(found.known, bool) else found.known
    )
    value = model.eval(found.expr, model_completion=True)
    if z3.is_bool(value):
        return is_known, z3.is_true(value)
    fraction = z3.simplify(real(value))
    return is_known, fraction.numerator_as_long() / fraction.denominator_as_long()


@pytest.mark.parametrize(("kernel", "arguments"), CASES)
def test_a_kernel_is_what_stands_for_it(kernel: Any, arguments: tuple[Any, ...]) -> None:
    read = reading()
    is_known, value = values_of(read.called(kernel, [unknown(argument) for argument in arguments]), read)
    wanted = kernel(*arguments)
    assert is_known == (wanted is not None)
    if wanted is not None:
        assert value == pytest.approx(float(wanted), abs=1e-12)


CAPS: list[tuple[Any, tuple[Any, ...]]] = [
    (notional_cap_shares, (Decimal(1000), Decimal("33.10"))),
    (notional_cap_shares, (Decimal(10), Decimal("33.10"))),
    (participation_cap_shares, (0.25, 1_001)),
    (participation_cap_shares, (0.25, 0)),
    (cash_cap_shares, (Decimal(500), Decimal(100), 50, Decimal("9.99"), Decimal("0.005"), Decimal(1), 0.25, 0.0)),
    (cash_cap_shares, (Decimal(500), Decimal(100), -50, Decimal("9.99"), Decimal("0.005"), Decimal(1), 0.25, 0.0)),
]


@pytest.mark.parametrize(("cap", "arguments"), CAPS)
def test_a_search_ends_where_its_promise_says(cap: Any, arguments: tuple[Any, ...]) -> None:
    """The promise leaves one size: where a rule holds up to some size, and fails beyond it."""
    read = reading()
    found = read.inlined(cap, [unknown(argument) for argument in arguments])
    wanted = cap(*arguments)
    solver = z3.Solver()
    solver.add(*read.axioms, *read.products.axioms, *read.guards)
    assert solver.check(found.expr == wanted) == z3.sat if isinstance(found, Term) else found == wanted
    if isinstance(found, Term):
        assert solver.check(found.expr != wanted) == z3.unsat


@pytest.mark.parametrize(
    ("kernel", "arguments"), [(exact, (0.5,)), (moved_price_usd, (Decimal(1), 0.5)), (math.isfinite, (1.5,))]
)
def test_what_rounds_is_not_read_where_only_the_exact_counts(kernel: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(UnreadableError, match="double"):
        reading(rounds=False).called(kernel, [unknown(argument) for argument in arguments])


def test_quotients_of_doubles_keep_their_order_as_they_round() -> None:
    """ENG-08: division rounds to the nearest double, which never turns an order round."""
    read = reading(rounds=False)
    one, other = z3.Reals("one other")
    found = [read.called(ratio, [Term(Decimal, part, known=True), unknown(3)]) for part in (one, other)]
    solver = z3.Solver()
    solver.add(*read.axioms, *read.products.axioms, one <= other, found[0].expr > found[1].expr)
    assert solver.check() == z3.unsat


def test_floats_of_decimals_keep_their_order_too() -> None:
    read = reading(rounds=False)
    one, other = z3.Reals("one other")
    low, high = (read.called(float, [Term(Decimal, part, known=True)]) for part in (one, other))
    solver = z3.Solver()
    solver.add(*read.products.axioms, one == other, low.expr != high.expr)
    assert solver.check() == z3.unsat


def test_a_text_is_no_number() -> None:
    with pytest.raises(UnreadableError, match="computes with a text"):
        reading().called(moved_price_usd, ["ten", unknown(0.5)])


def test_what_could_not_be_read_matters_where_it_is_used() -> None:
    with pytest.raises(UnreadableError, match="is a riddle"):
        reading().called(abs, [Poison("is a riddle")])
