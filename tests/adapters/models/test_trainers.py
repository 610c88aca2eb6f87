"""What holds for every trainer: the same answer twice, the same in ONNX, and one law of absences."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from adapters.models.onnx_runtime import Scorer
from adapters.models.rows import Kind
from adapters.models.trainers import TRAINERS, trainer
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import (
    N_FEATURES,
    NAMES,
    QUICK,
    SEED,
    edge_rows,
    fitted,
    near_rows,
    rows,
    target,
    weights,
)

KINDS = get_args(Kind)
EVERY = [(name, kind) for name in TRAINERS for kind in KINDS]
every = pytest.mark.parametrize(("name", "kind"), EVERY)


def onnx_scores(model: bytes, x: Array) -> Array:
    return Scorer(model, NAMES).scores(x, NAMES)


@every
def test_onnx_predicts_what_the_trainer_predicts_on_real_and_edge_rows(name: str, kind: Kind) -> None:
    """SVC-ANL-01, SVC-ANL-02, SVC-ANL-03: parity of the export to 1e-5, and of where there is no prediction."""
    model = fitted(name, kind)
    x = np.vstack((rows(), near_rows(), edge_rows()))
    by_trainer, by_onnx = model.predicted(x), onnx_scores(model.onnx(), x)
    assert np.array_equal(np.isnan(by_trainer), np.isnan(by_onnx))
    is_there = ~np.isnan(by_trainer)
    assert is_there.sum() > len(rows())
    gaps = np.abs(by_trainer - by_onnx)[is_there] / np.maximum(1.0, np.abs(by_trainer[is_there]))
    assert gaps.max() <= (1e-5 if name == "xgboost" else 1e-12)


@every
def test_a_row_alone_has_the_bits_that_it_has_in_any_batch(name: str, kind: Kind) -> None:
    scorer = Scorer(fitted(name, kind).onnx(), NAMES)
    x = np.vstack((rows()[:60], edge_rows()[:41]))
    together = scorer.scores(x, NAMES)
    for size in (1, 3, 7):
        parts = [scorer.scores(x[at : at + size], NAMES) for at in range(0, len(x), size)]
        assert np.concatenate(parts).tobytes() == together.tobytes()


@every
def test_training_twice_gives_the_same_bytes(name: str, kind: Kind) -> None:
    again = trainer(name, kind).fitted(rows(), target(kind), weights(), QUICK[name], SEED)
    assert again.onnx() == fitted(name, kind).onnx()


@pytest.mark.parametrize("name", ["random-forest"])
def test_another_seed_gives_another_model(name: str) -> None:
    assert fitted(name, "class", SEED + 1).onnx() != fitted(name, "class").onnx()


@every
def test_each_model_learns_the_planted_signal(name: str, kind: Kind) -> None:
    found = np.corrcoef(fitted(name, kind).predicted(rows()), target(kind))[0, 1]
    assert found > 0.6


@pytest.mark.parametrize("name", TRAINERS)
def test_an_absence_that_training_never_met_has_no_prediction(name: str) -> None:
    """A library would take it for zero or send it to a side that nothing has taught."""
    row = np.zeros((1, N_FEATURES))
    row[0, 5] = np.nan
    assert np.isnan(fitted(name, "class").predicted(row)).all()
    assert np.isnan(onnx_scores(fitted(name, "class").onnx(), row)).all()


@pytest.mark.parametrize("name", TRAINERS)
def test_an_absence_that_training_met_has_a_prediction(name: str) -> None:
    row = np.zeros((1, N_FEATURES))
    row[0, [0, 3]] = np.nan
    assert 0.0 < fitted(name, "class").predicted(row)[0] < 1.0


@pytest.mark.parametrize("name", TRAINERS)
def test_weights_decide_what_is_learnt(name: str) -> None:
    """Rows of no weight count for nothing: with the upper half of the target weightless, values come out lower."""
    y = target("value")
    weightless = np.where(y > 0, 1e-9, 1.0)
    model = trainer(name, "value").fitted(rows(), y, weightless, QUICK[name], SEED)
    assert model.predicted(rows()).mean() < fitted(name, "value").predicted(rows()).mean()


@pytest.mark.parametrize("name", TRAINERS)
def test_a_setting_that_a_trainer_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=f"{name} has no setting 'n_treees'; use only"):
        trainer(name, "class").fitted(rows(), target("class"), weights(), {"n_treees": 3}, SEED)


def test_a_trainer_that_there_is_not_is_refused() -> None:
    with pytest.raises(DataError, match="there is no trainer 'oracle'; name one of lightgbm, linear"):
        trainer("oracle", "class")


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(DataError, match=r"rows of shape \(2, 3\) meet a model of 6 features"):
        fitted("linear", "class").predicted(np.zeros((2, 3)))


@pytest.mark.parametrize("name", ["random-forest", "lightgbm", "xgboost"])
def test_the_reference_case_of_parity_holds(name: str) -> None:
    """Reference case onnx.parity: 2,000 rows of 20 features by make_classification, 1,500 to train, 50 trees."""
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.make_classification(2_000, 20, random_state=0)
    settings = {"n_trees": 50, "max_depth": 6}
    model = trainer(name, "class").fitted(x[:1_500], y[:1_500].astype(np.float64), np.ones(1_500), settings, 0)
    names = [f"f{at}" for at in range(20)]
    gaps = model.predicted(x[1_500:]) - Scorer(model.onnx(), names).scores(x[1_500:], names)
    assert np.abs(gaps).max() <= 1e-5
