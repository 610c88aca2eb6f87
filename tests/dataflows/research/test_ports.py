from __future__ import annotations

import numpy as np

from dataflows.research.ports import FittedModel, Trainer
from tests.dataflows.research.small import LeaningTrainer


def test_a_trainer_is_whatever_fits_rows_and_a_model_whatever_predicts_them() -> None:
    trainer: Trainer = LeaningTrainer()
    x, y = np.array([[1.0], [2.0], [3.0]]), np.array([0.0, 1.0, 1.0])
    model: FittedModel = trainer.fitted(x, y, np.ones(3), {"l2": 1.0}, 1)
    assert model.predicted(x).shape == (3,)
    assert model.onnx()
