"""Predictions for unseen samples: no model predicts what it was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.unseen import Recipe, drawable, unseen_predictions
from dataflows.research.ports import FittedModel, Settings
from nodes.kernels.arrays import Array
from nodes.kernels.splits import purged_folds, walk_forward
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import N_ROWS, samples


class Memory:
    """A model that knows each row that it was trained on, and a trainer that makes it."""

    name = "memory"

    def __init__(self, known: frozenset[bytes] = frozenset()) -> None:
        self._known = known

    def fitted(self, x: Array, y: Array, weights: Array, settings: Settings, seed: int) -> FittedModel:  # noqa: ARG002
        return Memory(frozenset(row.tobytes() for row in x))

    def predicted(self, x: Array) -> Array:
        return np.array([float(row.tobytes() in self._known) for row in x])

    def onnx(self) -> bytes:
        return b""


def test_no_sample_is_predicted_by_a_model_that_saw_it() -> None:
    table = samples()
    found = unseen_predictions(Recipe(Memory(), {}, 0), table, purged_folds(table.spans, 4, 1))
    assert found.tolist() == [0.0] * N_ROWS


def test_samples_that_no_split_tests_have_no_prediction() -> None:
    table = samples()
    splits = walk_forward(table.spans, 3)
    found = unseen_predictions(Recipe(Memory(), {}, 0), table, splits)
    assert np.array_equal(np.flatnonzero(np.isfinite(found)), np.concatenate([split.test for split in splits]))


def test_a_model_that_cannot_draw_itself_is_refused() -> None:
    with pytest.raises(DataError, match="Memory cannot be drawn into a larger graph"):
        drawable(Memory())
