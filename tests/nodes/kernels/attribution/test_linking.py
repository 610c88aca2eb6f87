"""Linking: every method comes to the excess return of the whole. Published numbers are in test_references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.attribution.linking import Linking, compounded, linked, linking_factors
from nodes.vocabulary.errors import DataError

RETURN = st.floats(-0.3, 0.3).map(lambda value: round(value, 6))


@st.composite
def paths(draw: st.DrawFn) -> tuple[Array, Array]:
    pairs = draw(st.lists(st.tuples(RETURN, RETURN), min_size=1, max_size=12))
    one, other = np.array(pairs, dtype=np.float64).T
    return one, other


@given(paths(), st.sampled_from([Linking.CARINO, Linking.GRAP]))
def test_linked_effects_come_to_the_excess_return_of_the_whole(pair: tuple[Array, Array], method: Linking) -> None:
    """JRN-02."""
    returns, benchmark = pair
    effects = np.column_stack(((returns - benchmark) * 0.25, (returns - benchmark) * 0.75))
    total = math.fsum(linked(effects, returns, benchmark, method).tolist())
    assert total == pytest.approx(compounded(returns) - compounded(benchmark), abs=1e-9)


@given(paths())
def test_menchero_comes_to_it_wherever_a_period_differed(pair: tuple[Array, Array]) -> None:
    """JRN-02. Its correction divides by the squares of differences: with differences of rounding it has no digits."""
    returns, benchmark = pair
    if not np.any(np.abs(returns - benchmark) > 1e-4):
        return
    effects = (returns - benchmark)[:, np.newaxis]
    total = math.fsum(linked(effects, returns, benchmark, Linking.MENCHERO).tolist())
    assert total == pytest.approx(compounded(returns) - compounded(benchmark), abs=1e-9)


@pytest.mark.parametrize("method", Linking)
def test_one_period_is_left_as_it_is(method: Linking) -> None:
    factors = linking_factors(np.array([0.07]), np.array([0.02]), method)
    assert factors.tolist() == pytest.approx([1.0], abs=1e-12)


@pytest.mark.parametrize("method", Linking)
def test_returns_that_compound_to_the_same_but_for_rounding_are_linked(method: Linking) -> None:
    """JRN-02. The same returns in another order: both wholes part by a last digit, their roots by none."""
    returns = np.array([0.033, -0.027, 0.077, 0.055, 0.048, -0.083])
    benchmark = returns[[2, 1, 3, 0, 4, 5]]
    assert compounded(returns) != compounded(benchmark)
    effects = (returns - benchmark)[:, np.newaxis]
    assert abs(float(linked(effects, returns, benchmark, method)[0])) < 1e-12
    assert np.abs(linking_factors(returns, benchmark, method) - 1.0).max() < 0.2


@pytest.mark.parametrize("method", Linking)
def test_equal_books_have_finite_factors(method: Linking) -> None:
    same = np.array([0.01, -0.02, 0.0])
    assert np.isfinite(linking_factors(same, same, method)).all()


@pytest.mark.parametrize("method", [Linking.CARINO, Linking.MENCHERO])
def test_the_order_of_periods_moves_no_factor(method: Linking) -> None:
    returns, benchmark = np.array([0.05, -0.1, 0.2]), np.array([0.02, -0.05, 0.15])
    there, back = linking_factors(returns, benchmark, method), linking_factors(returns[::-1], benchmark[::-1], method)
    assert there.tolist() == pytest.approx(back[::-1].tolist(), abs=1e-12)


@pytest.mark.parametrize("method", Linking)
def test_a_missing_return_leaves_all_factors_unknown(method: Linking) -> None:
    assert np.isnan(linking_factors(np.array([0.1, math.nan]), np.array([0.1, 0.1]), method)).all()


def test_nothing_is_linked_through_a_loss_of_everything() -> None:
    with pytest.raises(DataError, match=r"a return is -1\.0, expected over -1"):
        linking_factors(np.array([0.1, -1.0]), np.array([0.1, 0.1]), Linking.CARINO)


def test_no_period_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="give both for one period or more"):
        linking_factors(np.empty(0), np.empty(0), Linking.GRAP)
