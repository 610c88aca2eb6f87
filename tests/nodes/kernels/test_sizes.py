"""The largest size: it holds, one more does not, whatever the guess was."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.sizes import largest_size, rounding, side


@given(boundary=st.integers(-1, 10**12), guess=st.floats(-1e13, 1e13))
def test_the_search_finds_the_boundary_from_any_guess(boundary: int, guess: float) -> None:
    assert largest_size(guess, lambda size: size <= boundary) == max(boundary, 0)


@given(limit=st.floats(1e-6, 1.0), whole=st.integers(1, 10**10))
def test_the_largest_size_is_the_one_the_rules_own_arithmetic_allows(limit: float, whole: int) -> None:
    found = largest_size(limit * whole, lambda size: size / whole <= limit)
    assert found / whole <= limit or found == 0
    assert (found + 1) / whole > limit


@pytest.mark.parametrize("guess", [math.nan, math.inf, -math.inf])
def test_a_guess_that_is_no_number_does_not_matter(guess: float) -> None:
    assert largest_size(guess, lambda size: size <= 41) == 41


def test_a_rule_that_never_holds_leaves_nothing() -> None:
    assert largest_size(100.0, lambda _: False) == 0


def test_a_rule_that_always_holds_leaves_the_largest_exact_size() -> None:
    assert largest_size(100.0, lambda _: True) == 2**53


def test_covering_a_short_may_start_beyond_its_limit() -> None:
    assert largest_size(150.0, lambda size: abs(-100 + size) <= 50) == 150


def test_few_questions_are_asked_when_the_guess_is_right() -> None:
    asked: list[int] = []

    def holds(size: int) -> bool:
        asked.append(size)
        return size <= 10**9

    largest_size(1e9, holds)
    assert len(asked) == 2


@given(
    limit=st.floats(0.0, 4.0),
    quotient=st.integers(0, 10**6),
    price=st.decimals("0.01", "5000", places=2),
    dust=st.decimals("0", "0.01", places=6),
)
def test_bounds_of_the_rounding_settle_what_asking_would(
    limit: float, quotient: int, price: Decimal, dust: Decimal
) -> None:
    equity = max(Decimal(repr(limit)), Decimal("0.001")) * price * quotient + dust
    guess = limit * float(equity) / float(price)

    def holds(size: int) -> bool:
        return equity > 0 and float(size * price) / float(equity) <= limit

    error = rounding(guess) if equity > 0 else math.inf
    assert largest_size(guess, holds, error, error) == largest_size(guess, holds)


def test_nothing_is_asked_when_the_boundary_is_known_to_lie_between_two_sizes() -> None:
    def holds(size: int) -> bool:
        raise AssertionError(size)

    assert largest_size(41.5, holds, 0.1, 0.1) == 41


def test_a_bound_above_spares_the_question_after_a_size_that_holds() -> None:
    asked: list[int] = []

    def holds(size: int) -> bool:
        asked.append(size)
        return size <= 41

    assert largest_size(41.5, holds, above=0.1) == 41
    assert asked == [41]


@pytest.mark.parametrize(("shares", "wanted"), [(5, 1), (-5, -1), (0, 0)])
def test_side(shares: int, wanted: int) -> None:
    assert side(shares) == wanted
