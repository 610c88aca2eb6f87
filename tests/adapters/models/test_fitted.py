"""What wraps each library's model: the law of rows, and the pieces that graphs share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from adapters.models.drawing import Drawing, Value
from adapters.models.fitted import LawfulModel, scaled, shared_width
from adapters.models.onnx_runtime import Scorer
from adapters.models.rows import RowLaw
from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True)
class FirstFeature:
    """A core that predicts the first feature, and fails on a row that the law refuses."""

    def predicted(self, rows: Array) -> Array:
        assert np.isfinite(rows[:, 0]).all()
        return rows[:, 0]

    def drawn(self, drawing: Drawing, rows: Value) -> Value:
        return drawing.operation("Gather", rows, drawing.constant(np.array(0)), axis=1)

    def contributions(self, rows: Array) -> Array:
        return np.column_stack((rows[:, 0], np.zeros(len(rows))))


def model(n_features: int = 2) -> LawfulModel:
    return LawfulModel(RowLaw(np.arange(n_features) == 1), FirstFeature())


def test_a_refused_row_reaches_no_library_and_has_no_prediction() -> None:
    rows = np.array([[1.0, np.nan], [np.nan, 1.0], [np.inf, 1.0], [2.0, -np.inf], [3.0, 4.0]])
    wanted = np.array([1.0, np.nan, np.nan, np.nan, 3.0])
    assert np.array_equal(model().predicted(rows), wanted, equal_nan=True)
    assert np.array_equal(Scorer(model().onnx(), "ab").scores(rows, "ab"), wanted, equal_nan=True)


def test_a_refused_row_has_no_contributions() -> None:
    found = model().contributions(np.array([[np.nan, 1.0], [3.0, 4.0]]))
    assert np.array_equal(found, [[np.nan, np.nan], [3.0, 0.0]], equal_nan=True)


def test_rows_that_are_all_refused_are_all_without_prediction() -> None:
    assert np.isnan(model().predicted(np.full((3, 2), np.nan))).all()


def test_a_column_times_a_factor_plus_an_offset_is_a_vector() -> None:
    drawing = Drawing(1)
    scorer = Scorer(drawing.model(scaled(drawing, "features", 0.5, 3.0)), "a")
    assert scorer.scores(np.array([[2.0], [4.0]]), "a").tolist() == [4.0, 5.0]


def test_models_of_other_widths_do_not_join() -> None:
    with pytest.raises(DataError, match=r"members read \[2, 3\] features; join only models of the same features"):
        shared_width([model(2), model(3)])
