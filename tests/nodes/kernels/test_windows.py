"""Windows: their places, the basis that splits move, and whose rows results belong to."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.windows import placed, require_window, share_bases, total, windows
from nodes.vocabulary.errors import DataError


def test_windows_give_each_place_its_value_in_every_window() -> None:
    places = [place.tolist() for place in windows(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 4]), 3)]
    assert places == [[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]


def test_no_window_fits_into_fewer_rows() -> None:
    assert windows(np.ones(2), np.array([0, 2]), 3) == []
    assert list(share_bases(np.ones(2), np.array([0, 2]), 3)) == []


def test_share_bases_carry_prices_to_the_oldest_rows_basis() -> None:
    ratio = np.array([7.0, 1.0, 2.0, 1.0])
    assert [basis.tolist() for basis in share_bases(ratio, np.array([0, 4]), 3)] == [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0]]


def test_results_stand_on_their_windows_last_row_within_their_symbol() -> None:
    found = placed(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 3, 5]), 2)
    np.testing.assert_array_equal(found, [np.nan, 1.0, 2.0, np.nan, 4.0])


def test_few_windows_are_walked_alone_and_end_where_they_would_among_all() -> None:
    """A panel of last windows alone costs one window a symbol, and gives the same bits."""
    segments, values = np.array([0, 9, 18, 20]), np.arange(20.0) ** 0.5
    steps = windows(values, segments, 9)
    assert [len(step) for step in steps] == [2] * 9
    found = placed(np.array([1.0, 2.0]), segments, 9)
    assert np.flatnonzero(~np.isnan(found)).tolist() == [8, 17]
    assert [float(step[0]) for step in steps] == values[:9].tolist()


@pytest.mark.parametrize("n_windows", [1, 5, 64, 65, 200])
def test_few_windows_of_one_symbol_have_the_sums_that_they_have_among_many(n_windows: int) -> None:
    """PIT-03: one matrix or one slice a place, the same bits."""
    values = np.random.default_rng(n_windows).normal(size=1000) * 1e6
    segments, many = np.array([0, 30 + n_windows]), np.array([0, 1000])
    few = total(windows(values[-30 - n_windows :], segments, 31))
    assert few.tobytes() == total(windows(values, many, 31))[-n_windows:].tobytes()
    last = [basis[-1] for basis in share_bases(values[-30 - n_windows :], segments, 31)]
    assert last == [basis[-1] for basis in share_bases(values, many, 31)]


def test_no_symbol_long_enough_has_no_window() -> None:
    assert windows(np.ones(12), np.array([0, 4, 8, 12]), 5) == []


def test_a_window_too_short_is_refused_with_its_length() -> None:
    with pytest.raises(DataError, match="window of 1 sessions is too short; give at least 2"):
        require_window(1, 2)
