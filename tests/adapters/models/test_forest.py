"""Forests: the mean of trees, grown on absences too."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.forest import RandomForest
from adapters.models.onnx_runtime import Scorer
from tests.adapters.models.made import SEED


def test_an_absence_that_tells_the_class_is_learnt() -> None:
    chance = np.random.default_rng(SEED)
    y = np.repeat([0.0, 1.0], 100)
    x = chance.standard_normal((200, 1))
    x[y == 1.0] = np.nan
    model = RandomForest("class").fitted(x, y, np.ones(200), {"n_trees": 10}, SEED)
    assert model.predicted(np.array([[np.nan], [0.0]])) == pytest.approx([1.0, 0.0])
    assert Scorer(model.onnx(), ["a"]).score({"a": float("nan")}) == pytest.approx(1.0)


def test_rows_that_cannot_be_told_apart_get_about_the_mean() -> None:
    y = np.array([0, 0, 0, 1.0] * 20)
    model = RandomForest("class").fitted(np.zeros((80, 2)), y, np.ones(80), {"n_trees": 40}, SEED)
    assert model.predicted(np.zeros((1, 2)))[0] == pytest.approx(0.25, abs=0.05)
