"""Sums over trees: sides, absences, and trees that do not fit together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nodes.kernels.onnx.trees import tree_sums
from nodes.vocabulary.errors import DataError

NAN = float("nan")


def _trees(**changed: Any) -> dict[str, Any]:
    """Two trees: x0 <= 1 gives 10 else 20, absent right; and x1 < 0 gives 1 else 2, absent left."""
    told: dict[str, Any] = {
        "tree_roots": [0, 1],
        "nodes_featureids": [0, 1],
        "nodes_splits": np.array([1.0, 0.0]),
        "nodes_modes": np.array([0, 1], np.uint8),
        "nodes_truenodeids": [0, 2],
        "nodes_trueleafs": [1, 1],
        "nodes_falsenodeids": [1, 3],
        "nodes_falseleafs": [1, 1],
        "nodes_missing_value_tracks_true": [0, 1],
        "leaf_weights": np.array([10.0, 20.0, 1.0, 2.0]),
    }
    return told | changed


@pytest.mark.parametrize(
    ("row", "wanted"),
    [([1.0, 0.0], 12.0), ([1.5, -0.5], 21.0), ([NAN, NAN], 21.0), ([-np.inf, np.inf], 12.0)],
)
def test_a_row_takes_a_side_in_each_tree(row: list[float], wanted: float) -> None:
    assert tree_sums([np.array([row])], _trees()).tolist() == [[wanted]]


@pytest.mark.parametrize(
    "changed",
    [
        {"nodes_featureids": [0, 2]},
        {"nodes_featureids": [0, -1]},
        {"tree_roots": [0, 2]},
        {"nodes_truenodeids": [0, 4]},
        {"nodes_falsenodeids": [-1, 3]},
        {"nodes_trueleafs": [1]},
        {"nodes_modes": np.array([0, 5], np.uint8)},
        {"aggregate_function": 0},
        {"n_targets": 2},
    ],
)
def test_trees_that_do_not_fit_together_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="trees of 2 nodes and 4 leaves do not fit together"):
        tree_sums([np.zeros((1, 2))], _trees(**changed))


def test_trees_that_lead_in_a_circle_are_refused() -> None:
    circle = _trees(nodes_truenodeids=[0, 2], nodes_trueleafs=[0, 1], nodes_splits=np.array([np.inf, 0.0]))
    with pytest.raises(DataError, match="trees of 2 nodes lead a row in a circle"):
        tree_sums([np.zeros((1, 2))], circle)


def test_trees_without_their_arrays_are_refused() -> None:
    with pytest.raises(DataError, match="trees have no leaf_weights"):
        tree_sums([np.zeros((1, 2))], {name: told for name, told in _trees().items() if name != "leaf_weights"})
