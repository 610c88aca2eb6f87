"""The linear baseline: exact on lines, indifferent to units, and taught by absences."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.linear import Linear
from adapters.models.onnx_runtime import Scorer
from tests.adapters.models.made import SEED

X = np.random.default_rng(SEED).standard_normal((50, 2))


def test_a_line_is_found_exactly_without_penalty() -> None:
    model = Linear("value").fitted(X, 3.0 + 2.0 * X[:, 0] - X[:, 1], np.ones(50), {"l2": 1e-6}, SEED)
    assert model.predicted(np.array([[1.0, 1.0]])) == pytest.approx([4.0], abs=1e-5)


def test_the_unit_of_a_feature_changes_nothing() -> None:
    y = (X[:, 0] > 0).astype(np.float64)
    one = Linear("class").fitted(X, y, np.ones(50), {}, SEED).predicted(X)
    other = Linear("class").fitted(X * [1e6, 1e-6], y, np.ones(50), {}, SEED).predicted(X * [1e6, 1e-6])
    assert other == pytest.approx(one, abs=1e-6)


def test_absence_counts_as_the_mean_and_what_it_says_itself_is_learnt() -> None:
    y = np.repeat([0.0, 1.0], 25)
    x = np.where((np.arange(50) >= 25)[:, None] & [True, False], np.nan, X)
    model = Linear("value").fitted(x, y, np.ones(50), {"l2": 1e-6}, SEED)
    found = model.predicted(np.array([[np.nan, 0.0], [x[:25, 0].mean(), 0.0]]))
    assert found == pytest.approx([1.0, 0.0], abs=0.05)


def test_extreme_scores_stay_probabilities() -> None:
    y = (X[:, 0] > 0).astype(np.float64)
    model = Linear("class").fitted(X, y, np.ones(50), {"l2": 1e-3}, SEED)
    far = np.array([[3e38, 0.0], [-3e38, 0.0]])
    assert model.predicted(far).tolist() == [1.0, 0.0]
    assert Scorer(model.onnx(), ["a", "b"]).scores(far, ["a", "b"]).tolist() == [1.0, 0.0]
