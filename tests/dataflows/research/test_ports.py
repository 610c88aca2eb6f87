"""What research asks of a model: every shipped trainer gives it."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.trainers import TRAINERS, trainer
from dataflows.research.ports import FittedModel, Trainer


def _fitted(made: Trainer, seed: int) -> FittedModel:
    chance = np.random.default_rng(5)
    x = chance.normal(size=(80, 3))
    y = (x[:, 0] > 0).astype(np.float64)
    return made.fitted(x, y, np.ones(80), {}, seed)


@pytest.mark.parametrize("name", TRAINERS)
def test_a_trainer_is_a_pure_function_that_names_itself_and_exports(name: str) -> None:
    """SVC-ANL-01 to 03."""
    made = trainer(name, "class")
    one, other = _fitted(made, 7), _fitted(made, 7)
    rows = np.array([[2.0, 0.0, 0.0], [-2.0, 0.0, 0.0]])
    assert made.name == name
    assert one.onnx() == other.onnx()
    likely, unlikely = one.predicted(rows)
    assert 1.0 >= likely > 0.5 > unlikely >= 0.0
