"""Calibrated models: fitted on unseen rows inside of the training samples, and the same in ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.calibration import CalibrationDesign, Method, calibrated_model
from adapters.models.onnx_runtime import Scorer
from adapters.models.trainers import trainer
from adapters.models.unseen import Recipe
from nodes.kernels.calibration import reliability
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES, SEED, edge_rows, rows, samples
from tests.adapters.models.test_unseen import Memory

METHODS: tuple[Method, ...] = ("platt", "isotonic")
OVERFITTED = {"n_trees": 60, "learning_rate": 0.5, "min_leaf_samples": 1, "l2": 0.0}


@pytest.mark.parametrize("method", METHODS)
def test_a_calibrated_model_is_the_same_in_onnx(method: Method) -> None:
    """SVC-ANL-02: parity holds through the map."""
    found = calibrated_model(
        Recipe(trainer("lightgbm", "class"), {"n_trees": 20}, SEED), samples(), CalibrationDesign(method, 3, 1)
    )
    x = np.vstack((rows(), edge_rows()))
    scorer = Scorer(found.onnx(), NAMES)
    by_onnx = scorer.scores(x, NAMES)
    assert np.array_equal(np.isnan(by_onnx), np.isnan(found.predicted(x)))
    assert np.nanmax(np.abs(by_onnx - found.predicted(x))) < 1e-12
    alone = [scorer.scores(x[at : at + 1], NAMES)[0] for at in range(40)]
    assert np.array(alone).tobytes() == by_onnx[:40].tobytes()


def test_a_model_that_learnt_by_heart_is_made_less_sure() -> None:
    table = samples()
    train, test = table.rows(np.arange(300)), table.rows(np.arange(310, 400))
    sure = trainer("lightgbm", "class").fitted(train.features, train.target, train.weights, OVERFITTED, SEED)
    held = calibrated_model(
        Recipe(trainer("lightgbm", "class"), OVERFITTED, SEED), train, CalibrationDesign("platt", 4, 1)
    )
    errors = [reliability(model.predicted(test.features), test.target, 5).brier for model in (sure, held)]
    assert errors[1] < errors[0]


def test_only_unseen_rows_teach_the_map() -> None:
    """Memory says 1 of rows that it was trained on and 0 of others: unseen, it only ever says 0."""
    with pytest.raises(DataError, match="Memory cannot be drawn"):
        calibrated_model(Recipe(Memory(), {}, SEED), samples(), CalibrationDesign("platt", 3, 1))


def test_values_have_no_probabilities_to_calibrate() -> None:
    with pytest.raises(DataError, match="samples of kind 'value' have no probabilities"):
        calibrated_model(
            Recipe(trainer("linear", "value"), {}, SEED), samples("value"), CalibrationDesign("platt", 3, 1)
        )
