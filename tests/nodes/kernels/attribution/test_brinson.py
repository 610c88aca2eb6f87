"""Effects by segment: sums, missing segments, and what the two forms of allocation share. Numbers: test_references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.attribution.brinson import Allocation, Segments, brinson, geometric
from nodes.vocabulary.errors import DataError

NAN = math.nan


def segments(*rows: tuple[float, float, float, float]) -> Segments:
    """Rows of weight, return, benchmark weight, benchmark return."""
    return Segments(*np.array(rows, dtype=np.float64).T)


@st.composite
def books(draw: st.DrawFn) -> Segments:
    count = draw(st.integers(1, 6))
    returns = st.lists(st.floats(-0.5, 0.5), min_size=count, max_size=count)
    weights = st.lists(st.floats(0.01, 1.0), min_size=count, max_size=count).map(lambda x: np.array(x) / math.fsum(x))
    return Segments(draw(weights), np.array(draw(returns)), draw(weights), np.array(draw(returns)))


@given(books(), st.sampled_from(Allocation))
def test_arithmetic_effects_come_to_the_return_over_the_benchmark(book: Segments, allocation: Allocation) -> None:
    """JRN-02."""
    assert brinson(book, allocation).totals[3] == pytest.approx(book.return_frac - book.benchmark_return_frac, abs=1e-9)


@given(books())
def test_geometric_effects_multiply_to_the_geometric_excess(book: Segments) -> None:
    allocation, selection, excess = geometric(book).totals
    assert (1.0 + allocation) * (1.0 + selection) == pytest.approx(1.0 + excess, abs=1e-9)


@given(books())
def test_both_forms_of_allocation_come_to_the_same_sum(book: Segments) -> None:
    bhb, fachler = (brinson(book, form).totals for form in Allocation)
    assert bhb == pytest.approx(fachler, abs=1e-12)


@given(books())
def test_interaction_counted_as_selection_moves_no_total(book: Segments) -> None:
    effects = brinson(book, Allocation.FACHLER)
    folded = effects.with_interaction_in_selection
    assert folded.totals[2] == 0.0
    assert folded.totals[3] == pytest.approx(effects.totals[3], abs=1e-15)


def test_more_of_a_segment_that_did_worse_than_the_benchmark_is_blamed_after_fachler_only() -> None:
    """The reason for the second form: at a rise of 4 % in a market that made 10 %, more of it was wrong."""
    book = segments((0.6, 0.04, 0.5, 0.04), (0.4, 0.16, 0.5, 0.16))
    assert brinson(book, Allocation.BHB).allocation[0] > 0.0
    assert brinson(book, Allocation.FACHLER).allocation[0] == pytest.approx(-0.006)


def test_a_segment_not_held_needs_no_return_and_is_all_allocation() -> None:
    book = segments((0.0, NAN, 0.3, 0.10), (1.0, 0.02, 0.7, 0.02))
    effects = brinson(book, Allocation.FACHLER)
    assert effects.selection.tolist() == [0.0, 0.0]
    assert effects.totals[3] == pytest.approx(0.02 - 0.044)


def test_a_segment_the_benchmark_lacks_needs_no_benchmark_return() -> None:
    book = segments((0.2, 0.50, 0.0, NAN), (0.8, 0.10, 1.0, 0.10))
    effects = brinson(book, Allocation.FACHLER)
    assert effects.allocation[0] == pytest.approx(0.08)
    assert (effects.selection[0], effects.interaction[0]) == (0.0, 0.0)


def test_a_segment_held_without_a_return_leaves_the_sums_unknown() -> None:
    book = segments((0.5, NAN, 0.5, 0.1), (0.5, 0.1, 0.5, 0.1))
    assert all(
        math.isnan(total) for total in (brinson(book, Allocation.FACHLER).totals[3], geometric(book).excess_frac)
    )


def test_books_whose_weights_come_to_different_sums_are_refused() -> None:
    with pytest.raises(DataError, match=r"come to 0\.9 and 1\.0; add what is missing as a segment"):
        segments((0.9, 0.1, 1.0, 0.1))


def test_books_of_different_lengths_are_refused() -> None:
    one, two = np.ones(1), np.full(2, 0.5)
    with pytest.raises(DataError, match="one number a segment"):
        Segments(one, one, two, two)
