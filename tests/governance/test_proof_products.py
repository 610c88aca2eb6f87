"""Products and rounded numbers are known by their order alone, and that order is never wrong."""

from __future__ import annotations

import random

import z3

from governance.proof_products import Products


def test_what_is_said_of_products_is_true_of_numbers() -> None:
    """ENG-08: a false law of order would prove anything."""
    rng = random.Random(3)
    one, other, third = z3.Reals("one other third")
    products = Products()
    found = [
        products.product(*pair) for pair in ((one, other), (other, third), (one, third), (one, one), (-one, other))
    ]
    for _ in range(40):
        a, b, c = (rng.choice([-3, -1, 0, 1, 2, 5]) for _ in range(3))
        solver = z3.Solver()
        solver.add(*products.axioms, one == a, other == b, third == c)
        solver.add(*(term == value for term, value in zip(found, (a * b, b * c, a * c, a * a, -a * b), strict=True)))
        assert solver.check() == z3.sat, (a, b, c)


def test_the_same_product_is_the_same_number() -> None:
    one, other = z3.Reals("one other")
    products = Products()
    assert products.product(one, other).eq(products.product(other, one))
    assert products.product(one, z3.RealVal(3)).eq(one * 3) or str(products.product(one, z3.RealVal(3))) == "3*one"


def test_numbers_under_one_key_never_fall_as_their_arguments_grow() -> None:
    one, other = z3.Reals("one other")
    products = Products()
    low, high = products.monotone("key", one), products.monotone("key", other)
    solver = z3.Solver()
    solver.add(*products.axioms, one < other)
    assert solver.check(low > high) == z3.unsat
    assert solver.check(low < high) == z3.sat
    assert solver.check(products.monotone("other key", one) > high) == z3.sat
