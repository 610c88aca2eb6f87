"""Comparing symbols: scores by hand, and no trace of the order in which the symbols came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nodes.kernels.cross_section import highest, ordered_sum, weighted_score, z_scores

values_of_symbols = st.lists(
    st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6, allow_subnormal=False)), min_size=1, max_size=12
)


def test_z_scores_agree_with_scipy() -> None:
    values = np.array([0.3, -0.2, 0.7, 0.1, 0.05])
    np.testing.assert_allclose(z_scores(values, 9.0), stats.zscore(values), rtol=1e-12)


def test_z_scores_are_cut_off_at_the_bound() -> None:
    values = np.array([0.0] * 20 + [100.0])
    assert z_scores(values, 3.0).max() == 3.0


def test_a_missing_value_scores_nothing_and_moves_nobody() -> None:
    found = z_scores(np.array([1.0, np.nan, 3.0]), 3.0)
    np.testing.assert_array_equal(found, [-1.0, np.nan, 1.0])


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [5.0], [0.0, 0.0]])
def test_symbols_that_do_not_differ_score_zero(values: list[float]) -> None:
    assert z_scores(np.array(values), 3.0).tolist() == [0.0] * len(values)


def test_without_any_value_there_is_no_score() -> None:
    assert np.isnan(z_scores(np.array([np.nan, np.nan]), 3.0)).all()


@given(values=values_of_symbols, seed=st.integers(0, 99))
def test_the_order_of_the_symbols_leaves_no_mark(values: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(values))
    array = np.array(values)
    np.testing.assert_array_equal(z_scores(array[order], 3.0), z_scores(array, 3.0)[order])


@given(values=values_of_symbols)
def test_scores_do_not_depend_on_the_unit(values: list[float]) -> None:
    array = np.array(values)
    np.testing.assert_array_equal(z_scores(array * 4.0, 3.0), z_scores(array, 3.0))


def test_ordered_sum_adds_the_smallest_first() -> None:
    assert ordered_sum(np.array([1e16, 1.0, -1e16, 1.0])) == ordered_sum(np.array([1.0, -1e16, 1.0, 1e16]))


def test_weighted_score_is_the_weighted_mean_of_z_scores() -> None:
    features = {"one": np.array([1.0, 2.0]), "two": np.array([-1.0, -5.0])}
    np.testing.assert_allclose(weighted_score(features, {"one": 0.75, "two": 0.25}, 3.0), [-0.5, 0.5])


def test_a_missing_feature_leaves_no_score_and_moves_no_other_symbols() -> None:
    features = {"one": np.array([1.0, 2.0, 7.0]), "two": np.array([4.0, 0.5, np.nan])}
    found = weighted_score(features, {"one": 0.75, "two": 0.25}, 3.0)
    alone = {name: values[:2] for name, values in features.items()}
    np.testing.assert_array_equal(found, [*weighted_score(alone, {"one": 0.75, "two": 0.25}, 3.0), np.nan])


def test_a_missing_feature_without_weight_does_not_matter() -> None:
    features = {"one": np.array([1.0, 2.0]), "two": np.array([np.nan, 0.5])}
    assert weighted_score(features, {"one": 1.0, "two": 0.0}, 3.0).tolist() == [-1.0, 1.0]


def test_without_weights_there_is_no_score() -> None:
    assert np.isnan(weighted_score({"one": np.array([1.0])}, {"one": 0.0}, 3.0)).all()
    assert len(weighted_score({}, {}, 3.0)) == 0


def test_weights_need_no_scale() -> None:
    features = {"one": np.array([1.0, 2.0, 5.0]), "two": np.array([-1.0, 0.5, 9.0])}
    doubled = weighted_score(features, {"one": 1.0, "two": 2.0}, 3.0)
    np.testing.assert_array_equal(doubled, weighted_score(features, {"one": 0.5, "two": 1.0}, 3.0))


@pytest.mark.parametrize(
    ("scores", "count", "chosen"),
    [
        ([0.1, 0.9, 0.5], 2, "BC"),
        ([0.1, np.nan, 0.5], 2, "AC"),
        ([0.1, np.nan, 0.5], 1, "C"),
        ([0.5, 0.5, 0.5], 1, "A"),
        ([0.1, 0.2, 0.3], 0, ""),
        ([0.1, 0.2, 0.3], 9, "ABC"),
        ([np.nan, np.nan, np.nan], 2, ""),
    ],
)
def test_highest_takes_the_best_known_scores_and_breaks_ties_by_name(
    scores: list[float], count: int, chosen: str
) -> None:
    flags = highest(np.array(scores), "ABC", count)
    assert "".join(name for name, flag in zip("ABC", flags, strict=True) if flag) == chosen
