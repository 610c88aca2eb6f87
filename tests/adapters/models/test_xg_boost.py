"""XGBoost: where it starts from, and trees of 32-bit floats."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.onnx_runtime import Scorer
from adapters.models.xg_boost import XgBoost
from tests.adapters.models.made import SEED


@pytest.mark.parametrize(("kind", "wanted"), [("class", 0.25), ("value", 0.25)])
def test_rows_that_cannot_be_told_apart_get_the_mean(kind: str, wanted: float) -> None:
    x, y = np.zeros((8, 1)), np.array([0, 0, 0, 1, 0, 0, 0, 1.0])
    model = XgBoost(kind).fitted(x, y, np.ones(8), {"n_trees": 50}, SEED)  # type: ignore[arg-type]  # one of the two
    assert model.predicted(x) == pytest.approx(np.full(8, wanted), abs=0.01)
    assert Scorer(model.onnx(), ["a"]).score({"a": 0.0}) == pytest.approx(model.predicted(x)[0], abs=1e-6)


def test_a_heavier_penalty_pulls_leaves_towards_the_mean() -> None:
    x, y = np.arange(40.0)[:, None], np.repeat([0.0, 1.0], 20)
    free, held = (
        XgBoost("value").fitted(x, y, np.ones(40), {"n_trees": 5, "l2": l2}, SEED).predicted(x) for l2 in (0.0, 1e3)
    )
    assert np.ptp(held) < np.ptp(free)
