"""Maps of probabilities: against scikit-learn, by hand, and by their laws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]  # ships no types

from nodes.kernels.arrays import Array
from nodes.kernels.calibration import isotonic_map, logistic, logits, platt_map, reliability
from nodes.vocabulary.errors import DataError

CHANCE = np.random.default_rng(11)
TRUE = CHANCE.uniform(0.02, 0.98, 4_000)
CLASSES = (CHANCE.random(4_000) < TRUE).astype(np.float64)
BOLD = logistic(3.0 * logits(TRUE) + 1.0)
"""A model that is too sure and leans to class 1."""
ONES = np.ones(4_000)


def test_platt_undoes_a_distortion_that_is_linear_in_the_logit() -> None:
    found = platt_map(BOLD, CLASSES, ONES)
    assert found.slope == pytest.approx(1 / 3, abs=0.03)
    assert found.intercept == pytest.approx(-1 / 3, abs=0.08)
    assert np.abs(found.calibrated(BOLD) - TRUE).max() < 0.03


def test_platt_is_at_the_minimum_of_its_loss() -> None:
    """At the minimum the smoothed targets and the fitted probabilities have equal sums, plain and times the logit."""
    found = platt_map(BOLD, CLASSES, ONES)
    n_one, n_zero = CLASSES.sum(), (1 - CLASSES).sum()
    target = np.where(CLASSES == 1, (n_one + 1) / (n_one + 2), 1 / (n_zero + 2))
    gap = found.calibrated(BOLD) - target
    assert gap.sum() == pytest.approx(0.0, abs=1e-6)
    assert (gap * logits(BOLD)).sum() == pytest.approx(0.0, abs=1e-5)


def test_classes_that_a_model_separates_wholly_stay_uncertain() -> None:
    found = platt_map(np.repeat([0.1, 0.9], 20), np.repeat([0.0, 1.0], 20), np.ones(40))
    assert found.calibrated(np.array([0.1, 0.9])) == pytest.approx([1 / 22, 21 / 22], abs=1e-6)


def test_isotonic_equals_that_of_scikit_learn() -> None:
    weights = CHANCE.uniform(0.1, 2.0, 300)
    p, y = np.round(BOLD[:300], 2), CLASSES[:300]
    oracle = IsotonicRegression(out_of_bounds="clip").fit(p, y, weights)
    asked = np.linspace(0, 1, 1_001)
    assert isotonic_map(p, y, weights).calibrated(asked) == pytest.approx(oracle.predict(asked), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=4, max_size=40))
def test_an_isotonic_map_never_falls_and_keeps_the_mean(rows: list[tuple[float, bool]]) -> None:
    p = np.array([said for said, _ in rows] + [0.5, 0.5])
    y = np.array([float(came) for _, came in rows] + [0.0, 1.0])
    found = isotonic_map(p, y, np.ones(len(p)))
    assert (np.diff(found.observed) >= 0).all()
    assert found.calibrated(p).mean() == pytest.approx(y.mean(), abs=1e-9)


def test_rows_without_a_probability_take_no_part_and_stay_without() -> None:
    p, y = np.append(BOLD, np.nan), np.append(CLASSES, 1.0)
    for fit in (platt_map, isotonic_map):
        found = fit(p, y, np.ones(len(p)))
        assert np.array_equal(found.calibrated(BOLD), fit(BOLD, CLASSES, ONES).calibrated(BOLD))
        assert np.isnan(found.calibrated(np.array([np.nan]))).all()


@pytest.mark.parametrize("fit", [platt_map, isotonic_map])
def test_one_class_alone_calibrates_nothing(fit: Callable[[Array, Array, Array], object]) -> None:
    with pytest.raises(DataError, match=r"40 rows with a probability are of classes \[1.0\]"):
        fit(np.full(40, 0.4), np.ones(40), np.ones(40))


def test_reliability_of_true_probabilities_has_small_errors_and_covering_intervals() -> None:
    found = reliability(TRUE, CLASSES, 10)
    assert found.expected_error < 0.03
    assert ((found.low <= found.said) & (found.said <= found.high)).sum() >= 8
    assert found.brier == pytest.approx(np.mean(TRUE * (1 - TRUE)), abs=0.01)
    assert found.counts.sum() == 4_000


def test_reliability_by_hand() -> None:
    found = reliability(np.array([0.2, 0.2, 0.6, 0.6]), np.array([0.0, 1.0, 1.0, 1.0]), 2)
    assert found.said == pytest.approx([0.2, 0.6])
    assert found.came == pytest.approx([0.5, 1.0])
    assert found.expected_error == pytest.approx(0.35)
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.16 + 0.16) / 4)


def test_bins_do_not_part_equal_probabilities() -> None:
    found = reliability(np.array([0.5] * 24 + [0.9] * 8), np.array([0.0, 1.0] * 16), 8)
    assert found.counts.tolist() == [24.0, 8.0]
