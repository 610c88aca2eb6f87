"""Graphs: what is drawn is what runs."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.drawing import Drawing, named
from adapters.models.onnx_runtime import Scorer
from nodes.vocabulary.errors import DataError

X = np.array([[0.1, 2.0], [0.3, -5.0], [1e-9, 7.0]])


def sums() -> Drawing:
    return Drawing(2)


def test_a_drawn_graph_runs_in_double_precision() -> None:
    drawing = sums()
    found = Scorer(drawing.model(drawing.row_sums("features")), ("a", "b")).scores(X, ("a", "b"))
    assert found.tolist() == (X[:, 0] + X[:, 1]).tolist()


def test_rounding_to_32_bit_floats_is_that_of_numpy() -> None:
    drawing = sums()
    found = Scorer(drawing.model(drawing.row_sums(drawing.as_single("features"))), ("a", "b")).scores(X, ("a", "b"))
    assert found.tolist() == X.astype(np.float32).astype(np.float64).sum(axis=1).tolist()


def test_the_logistic_function_of_a_row_does_not_depend_on_its_neighbours() -> None:
    drawing = Drawing(1)
    scorer = Scorer(drawing.model(drawing.sigmoid(drawing.row_sums("features"))), ("a",))
    rows = np.linspace(-40, 40, 101)[:, None]
    together = scorer.scores(rows, ("a",))
    alone = [scorer.score({"a": value}) for value in rows[:, 0].tolist()]
    assert together.tolist() == alone
    assert np.abs(together - 1 / (1 + np.exp(-rows[:, 0]))).max() < 1e-15


def test_drawing_twice_gives_equal_bytes() -> None:
    one, other = (drawing.model(drawing.sigmoid(drawing.row_sums("features"))) for drawing in (sums(), sums()))
    assert one == other


def test_names_written_into_a_model_bind_its_columns() -> None:
    drawing = sums()
    model = named(drawing.model(drawing.row_sums("features")), ("a", "b"))
    assert Scorer(model, ("a", "b")).names == ("a", "b")
    with pytest.raises(DataError, match=r"column 0 is a for model sha256:.*; put b there, as its own bytes say"):
        Scorer(model, ("b", "a"))
