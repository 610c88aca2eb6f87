"""Rows of a training: rounded once, checked before anything is learnt from them."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.rows import Kind, rounded, training_rows
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

X = np.array([[0.1, np.nan], [0.2, 1.0], [0.3, 2.0]])
CLASSES = np.array([0.0, 1.0, 0.0])
ONES = np.ones(3)


def test_features_are_rounded_to_32_bit_floats() -> None:
    found = training_rows("class", X, CLASSES, ONES).x
    assert found[0, 0] == float(np.float32(0.1)) != 0.1
    assert found.dtype == np.float64


def test_only_what_training_met_may_be_absent() -> None:
    law = training_rows("class", X, CLASSES, ONES).law
    asked = np.array([[1.0, np.nan], [np.nan, 1.0], [1.0, np.inf], [1.0, 1.0]])
    assert law.has_none(asked).tolist() == [False, True, True, False]


@pytest.mark.parametrize("value", [1e-35, -1e-35, 1e-45, -0.0])
def test_what_is_next_to_zero_is_zero(value: float) -> None:
    """LightGBM: a split at -1e-35 sends -1e-35 left in training, and right when it predicts."""
    assert rounded(np.array([[value, 2e-35]]))[0, 0] == 0.0


def test_what_is_beyond_32_bit_floats_is_infinite() -> None:
    assert rounded(np.array([[1e39, -1e39, 3e38]])).tolist() == [[np.inf, -np.inf, float(np.float32(3e38))]]


@pytest.mark.parametrize(
    ("kind", "x", "y", "weights", "message"),
    [
        ("class", X[0], CLASSES, ONES, r"features of shape \(2,\), 3 targets and 3 weights"),
        ("class", X, CLASSES[:2], ONES, r"features of shape \(3, 2\), 2 targets and 3 weights"),
        ("class", X[:, :0], CLASSES, ONES, r"features of shape \(3, 0\)"),
        ("class", np.where(X == 1.0, 1e39, X), CLASSES, ONES, "feature 1 of training row 1 is infinite"),
        ("value", X, np.array([0.0, np.nan, 1.0]), ONES, "target of training row 1 is not finite"),
        ("value", X, CLASSES, np.array([1.0, -1.0, 1.0]), "weights run from -1.0 to 1.0"),
        ("value", X, CLASSES, np.zeros(3), "weights run from 0.0 to 0.0"),
        ("class", X, ONES, ONES, r"classes of the training rows are \[1.0\]; give rows of class 0 and of class 1"),
        ("class", X, CLASSES, np.array([1.0, 0.0, 1.0]), r"classes of the training rows are \[0.0\]"),
    ],
)
def test_rows_that_teach_nothing_are_refused(kind: Kind, x: Array, y: Array, weights: Array, message: str) -> None:
    with pytest.raises(DataError, match=message):
        training_rows(kind, x, y, weights)
