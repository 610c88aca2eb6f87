"""LightGBM: quantiles, and where it sends an absence that it never met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from adapters.models.fitted import LawfulModel
from adapters.models.light_gbm import LightGbm, QuantileLightGbm
from adapters.models.onnx_runtime import Scorer
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES, SEED, rows, target, weights


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_a_quantile_has_about_its_share_of_targets_below_it(level: float) -> None:
    model = QuantileLightGbm(level).fitted(rows(), target("value"), weights(), {"n_trees": 60}, SEED)
    found = model.predicted(rows())
    assert np.mean(target("value") <= found) == pytest.approx(level, abs=0.06)
    assert Scorer(model.onnx(), NAMES).scores(rows(), NAMES) == pytest.approx(found, abs=1e-12)


def test_rows_that_lie_on_thresholds_take_the_side_that_the_trainer_takes() -> None:
    """Thresholds rounded to 32 bits, and those next to zero, where LightGBM contradicts itself."""
    model = LightGbm("class").fitted(rows(), target("class"), weights(), {"n_trees": 60}, SEED)
    base, found = np.nan_to_num(rows()), []
    for number, (feature, threshold) in enumerate(_splits(_grown(model).dump_model()["tree_info"])):
        for value in (threshold, float(np.float32(threshold)), np.nextafter(threshold, np.inf)):
            found.append(base[number % len(base)].copy())
            found[-1][feature] = value
    x = np.array(found)
    assert np.abs(model.predicted(x) - Scorer(model.onnx(), NAMES).scores(x, NAMES)).max() < 1e-12


def _grown(model: LawfulModel) -> Any:
    """The booster under a model."""
    return cast("Any", model.core).grown


def _splits(told: Any) -> Iterator[tuple[int, float]]:
    if isinstance(told, list):
        for each in told:
            yield from _splits(each["tree_structure"])
    elif "threshold" in told:
        yield told["split_feature"], told["threshold"]
        for side in ("left_child", "right_child"):
            yield from _splits(told[side])


def test_too_few_rows_for_a_split_give_one_value_for_all() -> None:
    model = LightGbm("value").fitted(np.zeros((3, 1)), np.array([1.0, 2.0, 3.0]), np.ones(3), {}, SEED)
    assert model.predicted(np.array([[0.0], [9.0]])) == pytest.approx([2.0, 2.0])
    assert Scorer(model.onnx(), ["a"]).score({"a": 9.0}) == pytest.approx(2.0)


def test_a_learning_rate_of_zero_is_refused() -> None:
    with pytest.raises(DataError, match=r"learning_rate of lightgbm was 0; set a number from 0.0001 to 1.0"):
        LightGbm("value").fitted(rows(), target("value"), weights(), {"learning_rate": 0}, SEED)
