"""Ensembles: weighted by predictions for unseen samples, and the same in ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.ensemble import ensemble
from adapters.models.onnx_runtime import Scorer
from adapters.models.rows import Kind
from adapters.models.trainers import TRAINERS, trainer
from adapters.models.unseen import Recipe
from tests.adapters.models.made import NAMES, QUICK, SEED, edge_rows, rows, samples


@pytest.mark.parametrize("kind", ["class", "value"])
def test_weights_are_shares_and_onnx_predicts_the_same(kind: Kind) -> None:
    members = [Recipe(trainer(name, kind), QUICK[name], SEED) for name in TRAINERS]
    found = ensemble(members, samples(kind), 2, 1)
    assert sum(found.weights) == pytest.approx(1.0)
    assert min(found.weights) >= 0.0
    x = np.vstack((rows(), edge_rows()[:100])) if kind == "class" else rows()
    by_onnx = Scorer(found.onnx(), NAMES).scores(x, NAMES)
    assert by_onnx == pytest.approx(found.predicted(x), abs=1e-5, nan_ok=True)


def test_a_member_that_learns_by_heart_gets_its_weight_from_unseen_rows() -> None:
    """Trained on noise to the last row it would win on seen rows; on unseen ones the plain line does."""
    heart = Recipe(
        trainer("lightgbm", "class"), {"n_trees": 80, "learning_rate": 1.0, "min_leaf_samples": 1, "l2": 0.0}, SEED
    )
    found = ensemble([heart, Recipe(trainer("linear", "class"), {}, SEED)], samples(), 3, 1)
    assert found.weights[1] > found.weights[0]
