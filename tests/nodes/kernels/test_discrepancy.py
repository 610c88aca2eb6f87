"""Maximum mean discrepancy: its formula written out, its size, its power, and laws of small and constant samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.discrepancy import Permutations, mean_discrepancy
from nodes.vocabulary.errors import DataError

HOW = Permutations(99, 200, 3)


def normal(seed: int, rows: int, columns: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns))


def test_the_discrepancy_is_that_of_its_formula() -> None:
    one, other = normal(1, 12), normal(2, 9) + 0.5
    both = np.concatenate((one, other))
    distances = np.array([[math.dist(a, b) for b in both] for a in both])
    bandwidth = float(np.median(distances[np.triu_indices(21, 1)]))
    kernel = np.exp(-(distances**2) / (2 * bandwidth**2))
    first, second, across = kernel[:12, :12], kernel[12:, 12:], kernel[:12, 12:]
    expected = (first.sum() - 12) / (12 * 11) + (second.sum() - 9) / (9 * 8) - 2 * across.mean()
    found = mean_discrepancy(one, other, HOW)
    assert found.squared == pytest.approx(expected, abs=1e-9)
    assert found.bandwidth == pytest.approx(bandwidth)
    assert (found.n_expected, found.n_actual) == (12, 9)


def test_alike_samples_are_rejected_as_often_as_the_level_says() -> None:
    """100 pairs at 10 %: 10 are expected, over 20 come about by chance once in 1,000."""
    found = [mean_discrepancy(normal(2 * seed, 20), normal(2 * seed + 1, 20), HOW).p for seed in range(100)]
    assert 2 <= sum(p <= 0.1 for p in found) <= 20


def test_a_correlation_that_turned_is_seen_though_each_feature_alone_is_unchanged() -> None:
    one = normal(1, 150)
    before, after = one.copy(), normal(2, 150)
    before[:, 1] = 0.8 * before[:, 0] + 0.6 * before[:, 1]
    after[:, 1] = -0.8 * after[:, 0] + 0.6 * after[:, 1]
    assert mean_discrepancy(before, after, HOW).p == 0.01


def test_the_order_of_rows_and_samples_leaves_the_discrepancy_as_it_is() -> None:
    one, other = normal(1, 30), normal(2, 40) + 0.3
    forth, back = mean_discrepancy(one, other, HOW), mean_discrepancy(other[::-1], one, HOW)
    assert forth.squared == pytest.approx(back.squared, abs=1e-12)


def test_the_same_seed_gives_the_same_bits_and_many_rows_are_thinned() -> None:
    one, other = normal(1, 500), normal(2, 300)
    found = mean_discrepancy(one, other, HOW)
    assert found == mean_discrepancy(one, other, HOW)
    assert (found.n_expected, found.n_actual) == (200, 200)


def test_rows_with_a_missing_value_are_left_out() -> None:
    one, other = normal(1, 30), normal(2, 30)
    gaps = np.concatenate((other, [[np.nan, 0.0], [np.inf, 1.0]]))
    assert mean_discrepancy(one, gaps, HOW) == mean_discrepancy(one, other, HOW)


def test_samples_that_never_vary_are_alike_or_plainly_apart() -> None:
    """Two constants: half of all pairs are 0 apart, so the mean distance is the bandwidth."""
    still = np.full((10, 1), 2.0)
    assert (mean_discrepancy(still, still, HOW).squared, mean_discrepancy(still, still, HOW).p) == (0.0, 1.0)
    moved = mean_discrepancy(still, still + 1.0, HOW)
    assert moved.squared > 0.5
    assert moved.p == 0.01


@pytest.mark.parametrize("rows", [0, 1])
def test_fewer_than_two_rows_tell_nothing(rows: int) -> None:
    found = mean_discrepancy(normal(1, rows), normal(2, 30), HOW)
    assert math.isnan(found.squared)
    assert math.isnan(found.p)
    assert (found.n_expected, found.n_actual) == (rows, 30)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match=r"samples are \(3, 2\) and \(3, 1\)"):
        mean_discrepancy(normal(1, 3), normal(1, 3, 1), HOW)
    with pytest.raises(DataError, match="n_permutations=0"):
        Permutations(0, 200, 3)
